// A server of several loops is one server: whoever comes by whichever of them meets everybody else,
// sits in rooms of all of them, and is told in order.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { io } from 'socket.io-client';

import { eventually, serve, within } from './stoa.mjs';

const LOOPS = 4;
const ROOMS = Array.from({ length: 12 }, (_, i) => `room-${i}`); // all loops have some

const start = (t, ...flags) => serve(t, ['--threads', `${LOOPS}`, ...flags]);

/** A stock client, connected; `heard` has all that it was told. */
const connect = async (t, server, options = {}) => {
  const socket = io(`http://127.0.0.1:${server.port}${options.nsp ?? ""}`, { forceNew: true, ...options });
  const heard = [];
  socket.onAny((name, json) => heard.push({ name, json }));
  t.after(() => socket.disconnect());
  await within(new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  }), 'a client to connect');
  return Object.assign(socket, { heard,
    ask: (name, json) => within(socket.emitWithAck(name, json), `the answer to ${name}`),
    said: (roomId) => heard.filter(({ name, json }) => name === 'chat:message' && json.roomId === roomId)
      .map(({ json }) => json.text) });
};

const join = async (socket, roomId, name = 'Ann') => {
  const answer = await socket.ask('joinRoom', { roomId, name });
  assert.equal(answer.ok, true, JSON.stringify(answer));
  return answer;
};

const make = async (server, roomId) => {
  const answer = await fetch(`http://127.0.0.1:${server.port}/api/rooms`, { method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id: roomId, isPublic: true }) });
  assert.equal(answer.status, 201, await answer.text());
};

const carriers = {
  'a WebSocket': ['websocket'],
  polling: ['polling'],
  'polling that becomes a WebSocket': ['polling', 'websocket'],
};

for (const [name, transports] of Object.entries(carriers)) {
  test(`rooms everywhere, by ${name}`, async (t) => {
    const server = await start(t, '--rate-create', '10000', '--rate-chat', '10000', '--rate-join', '10000');
    for (const roomId of ROOMS) await make(server, roomId);
    const pairs = await Promise.all(ROOMS.map(async (roomId) => {
      const pair = [await connect(t, server, { transports }), await connect(t, server, { transports })];
      await join(pair[0], roomId);
      await join(pair[1], roomId, 'Bob');
      return pair;
    }));
    await Promise.all(pairs.map(async ([ann, bob], i) => {
      for (let k = 0; k < 5; k++) {
        assert.equal((await ann.ask('chat:message', { roomId: ROOMS[i], text: `${k}` })).ok, true);
      }
      await eventually(() => bob.said(ROOMS[i]).length === 5, 'what was said');
      assert.deepEqual(bob.said(ROOMS[i]), ['0', '1', '2', '3', '4'], 'in order');
      assert.deepEqual(bob.heard.filter(({ name: what, json }) => what === 'chat:message'
        && json.roomId !== ROOMS[i]), [], 'and nothing of other rooms');
    }));
  });
}

test('one client in many rooms', async (t) => {
  const server = await start(t, '--rate-create', '10000', '--rate-chat', '10000', '--rate-join', '10000');
  for (const roomId of ROOMS) await make(server, roomId);
  const everywhere = await connect(t, server, { transports: ['websocket'] });
  const others = [];
  for (const roomId of ROOMS) {
    await join(everywhere, roomId);
    const other = await connect(t, server, { transports: ['websocket'] });
    const { participants } = await join(other, roomId, 'Bob');
    assert.equal(participants?.length ?? 2, 2);
    others.push(other);
  }
  await t.test('says and hears in each', async () => {
    for (const [i, roomId] of ROOMS.entries()) {
      await everywhere.ask('chat:message', { roomId, text: 'from everywhere' });
      await eventually(() => others[i].said(roomId).includes('from everywhere'), `${roomId} to hear`);
      await others[i].ask('chat:message', { roomId, text: 'from here' });
      await eventually(() => everywhere.said(roomId).includes('from here'), `${roomId} to be heard`);
    }
  });
  await t.test('names the room, where there are several', async () => {
    const answer = await everywhere.ask('chat:message', { text: 'where?' });
    assert.equal(answer.ok, false);
    assert.equal(answer.error.code, 'BAD_FIELD');
  });
  await t.test('is found by whoever shares a room', async () => {
    for (const [i, roomId] of ROOMS.entries()) {
      const got = within(new Promise((resolve) => others[i].once('signal:offer', resolve)), 'an offer');
      await everywhere.ask('signal:offer', { to: others[i].id, roomId, sdp: { type: 'offer', sdp: 'v=0' } });
      assert.equal((await got).fromSocketId ?? (await got).from, everywhere.id);
    }
  });
  await t.test('leaves one after the other', async () => {
    for (const [i, roomId] of ROOMS.entries()) {
      assert.equal((await everywhere.ask('leaveRoom', { roomId })).ok, true);
      await eventually(() => others[i].heard.some(({ name }) => name === 'user:left'), 'the others to know');
    }
    const answer = await everywhere.ask('chat:message', { roomId: ROOMS[0], text: 'anybody?' });
    assert.equal(answer.error.code, 'NOT_IN_ROOM');
  });
  await t.test('and goes wherever it likes then', async () => {
    await join(everywhere, ROOMS[5]);
    await everywhere.ask('chat:message', { text: 'here again' });
    await eventually(() => others[5].said(ROOMS[5]).includes('here again'), 'to be heard');
  });
  await t.test('its end is known everywhere', async () => {
    for (const roomId of ROOMS.slice(0, 5)) await join(everywhere, roomId);
    for (const other of others) other.heard.length = 0;
    everywhere.disconnect();
    for (let i = 0; i < 6; i++) {
      await eventually(() => others[i].heard.some(({ name }) => name === 'user:left' || name === 'user:status'
        || name === 'user:lost' || name === 'presence:update'), `room ${i} to know`);
    }
  });
});
