// The other WebSocket peer: npm `ws` and a broadcast by hand, as its README shows one.
//   /rooms/ID   connecting there joins the room; all in it get a text as it came, its sender too
// usage: node ws-rooms.mjs PORT
import { WebSocket, WebSocketServer } from "ws";

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: Number(process.argv[2]),
  backlog: 4096,
  perMessageDeflate: false,
});
const rooms = new Map();

function join(socket, id) {
  if (!rooms.has(id)) rooms.set(id, new Set());
  rooms.get(id).add(socket);
}

function leave(socket, id) {
  const members = rooms.get(id);
  members.delete(socket);
  if (members.size === 0) rooms.delete(id);
}

server.on("connection", (socket, request) => {
  const id = request.url;
  join(socket, id);
  socket.on("error", () => {}); // the generator ends its connections with a reset
  socket.on("close", () => leave(socket, id));
  socket.on("message", (data, isBinary) => {
    for (const member of rooms.get(id)) {
      if (member.readyState === WebSocket.OPEN) member.send(data, { binary: isBinary });
    }
  });
});
