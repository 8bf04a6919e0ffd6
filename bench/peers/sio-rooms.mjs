// The Socket.IO peer: npm `socket.io` as its documentation shows rooms, with its own defaults.
//   join ROOM       joins, and acknowledges
//   msg ROOM TEXT   everybody in the room gets msg TEXT, the sender included
// usage: node sio-rooms.mjs PORT
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http);

io.on("connection", (socket) => {
  socket.on("join", (room, ack) => {
    socket.join(room);
    ack();
  });
  socket.on("msg", (room, text) => {
    io.to(room).emit("msg", text);
  });
});

http.listen({ host: "127.0.0.1", port: Number(process.argv[2]), backlog: 4096 });
