// The WebSocket peer: npm `ws` as its README shows an echo server, on one port, no compression.
// usage: node ws-echo.mjs PORT
import { WebSocketServer } from "ws";

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: Number(process.argv[2]),
  backlog: 4096,
  perMessageDeflate: false,
});

server.on("connection", (socket) => {
  socket.on("error", () => {}); // the generator ends its connections with a reset
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
});
