"""The Python peer: FastAPI as its documentation broadcasts to WebSockets, with a list per room.

    /rooms/ID   connecting there joins the room; all in it get a text as it came, its sender too

usage: uvicorn --app-dir bench/peers fastapi_rooms:app
"""

import collections

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()
rooms = collections.defaultdict(list)


@app.websocket("/rooms/{room_id}")
async def room(socket: WebSocket, room_id: str):
    await socket.accept()
    members = rooms[room_id]
    members.append(socket)
    try:
        while True:
            text = await socket.receive_text()
            for member in members:
                await member.send_text(text)
    except WebSocketDisconnect:
        pass
    finally:
        members.remove(socket)
