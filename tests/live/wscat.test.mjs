// The "Testing" section of the proctored rooms' source, as it stands there: a plain WebSocket to the
// server's root, CREATE_ROOM and JOIN_ROOM with a token in the message. What follows them is in
// tests/wire/proctor/.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';

import { WebSocket } from 'ws';

import { serve, stoa, within } from './stoa.mjs';

const env = { JWT_SECRET: 'a secret of thirty-two bytes, at least' };
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const token = async (user, name) => {
  const { status, stdout, stderr } = await stoa(['token', '--user', user, '--name', name], { env });
  assert.equal(status, 0, stderr);
  return stdout.trim();
};

/** A client like `wscat -c ws://localhost:PORT`: it sends lines, and reads what comes. */
const wscat = async (t, port) => {
  const ws = new WebSocket(`ws://localhost:${port}`);
  const heard = [];
  let wake = () => {};
  ws.on('message', (text) => {
    heard.push(JSON.parse(text));
    wake();
  });
  t.after(() => ws.terminate());
  await within(once(ws, 'open'), 'a connection');
  return {
    ws,
    say: (message) => ws.send(typeof message === 'string' ? message : JSON.stringify(message)),
    hear: async (type) => {
      while (heard.length === 0)
        await within(new Promise((resolve) => { wake = resolve; }), type);
      const message = heard.shift();
      assert.equal(message.type, type, JSON.stringify(message));
      return message;
    },
  };
};

test('source D with wscat', async (t) => {
  const { port } = await serve(t, [], { env, name: 'wscat-' });
  const host = await wscat(t, port);
  host.say(`{
    "type": "CREATE_ROOM",
    "token": "${await token('user123', 'Admin')}",
    "roomname": "Test Room",
    "maxGuests": 5,
    "question": "Test",
    "duration": 60,
    "isPublic": false
  }`);
  const { data: { roomId, seq, epoch, ...created } } = await host.hear('ROOM_CREATED');
  assert.deepEqual(created, { roomname: 'Test Room', message: 'Room created successfully' });
  assert.match(roomId, /^[A-Za-z0-9]{6}$/);
  assert.ok(seq > 0 && epoch.length > 0);

  const john = await wscat(t, port);
  john.say(`{ "type": "JOIN_ROOM", "token": "${await token('user456', 'John Doe')}", "roomId": "${
    roomId}" }`);
  assert.deepEqual(await john.hear('WAITING_APPROVAL'), {
    type: 'WAITING_APPROVAL', message: 'Waiting for host approval to join the room', roomId });
  const request = await host.hear('JOIN_REQUEST');
  assert.equal(request.data.userId, 'user456');
  assert.equal(request.data.username, 'John Doe');
  assert.match(request.data.socketId, UUID);
  assert.ok(Math.abs(request.data.timestamp - Date.now()) < 60_000, 'milliseconds since 1970');

  host.say({ type: 'APPROVE_JOIN', roomId, userId: 'user456', approve: true });
  const { data: room } = await john.hear('JOIN_APPROVED');
  for (const [key, value] of Object.entries({
    roomId, roomname: 'Test Room', question: 'Test', duration: 60, hostName: 'Admin',
  })) assert.equal(room[key], value, key);
  const came = { userId: 'user456', username: 'John Doe', connectedCount: 2 };
  assert.deepEqual((await john.hear('USER_JOINED')).data, came);
  assert.deepEqual((await host.hear('USER_JOINED')).data, came);

  // A connection that breaks is told, and its user comes back to the place that was kept.
  john.ws.terminate();
  assert.deepEqual((await host.hear('USER_DISCONNECTED')).data, { ...came, connectedCount: 1 });
  const again = await wscat(t, port);
  again.say({ type: 'JOIN_ROOM', token: await token('user456', 'John Doe'), roomId });
  assert.equal((await again.hear('JOIN_APPROVED')).data.reconnected, true);
  assert.deepEqual((await host.hear('USER_RECONNECTED')).data, came);
});

test('what is not a message', async (t) => {
  const { port } = await serve(t, [], { env, name: 'wscat-' });
  const someone = await wscat(t, port);
  someone.say('hello');
  assert.equal((await someone.hear('ERROR')).code, 'BAD_JSON');
  someone.ws.send(Buffer.from('{"type":"HEARTBEAT"}'), { binary: true });
  const [code] = await within(once(someone.ws, 'close'), 'the end');
  assert.equal(code, 1003, 'messages are text');
});
