// A stock client of Socket.IO that loses its connection comes back by whichever loop the kernel hands
// it to, and is the socket that it was, at the loop where that was lost: it is in its rooms, and is
// given what it missed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { io } from 'socket.io-client';

import { eventually, serve, within } from './stoa.mjs';

const LOOPS = 4;
const CLIENTS = 20;
const ROOMS = Array.from({ length: CLIENTS }, (_, i) => `room-${i}`);
const FREELY = ['create', 'chat', 'join'].flatMap((rate) => [`--rate-${rate}`, '10000']);

const connect = async (t, server, nsp, options) => {
  const socket = io(`http://127.0.0.1:${server.port}${nsp}`,
    { forceNew: true, reconnectionDelay: 20, reconnectionDelayMax: 40, ...options });
  const heard = [];
  socket.on('chat:message', ({ roomId, text }) => heard.push(`${roomId} ${text}`));
  t.after(() => socket.disconnect());
  await within(new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  }), 'a client to connect');
  const ask = (name, json) => within(socket.emitWithAck(name, json), `the answer to ${name}`);
  return { socket, heard, ask };
};

const join = async (who, roomId) => {
  const answer = await who.ask('joinRoom', { roomId, name: 'Somebody' });
  assert.equal(answer.ok, true, JSON.stringify(answer));
};

const start = async (t, ...flags) => {
  const server = await serve(t, ['--threads', `${LOOPS}`, ...FREELY, ...flags]);
  for (const id of ROOMS) {
    const { status } = await fetch(`http://127.0.0.1:${server.port}/api/rooms`, { method: 'POST',
      headers: { 'content-type': 'application/json' }, body: JSON.stringify({ id, isPublic: true }) });
    assert.equal(status, 201);
  }
  return server;
};

/** It is cut off, `meanwhile` happens, it comes back. */
const lose = async ({ socket }, meanwhile) => {
  const { id } = socket;
  const gone = new Promise((resolve) => { socket.once('disconnect', resolve); });
  socket.io.opts.reconnectionDelay = socket.io.opts.reconnectionDelayMax = 300;
  const back = new Promise((resolve) => { socket.once('connect', resolve); });
  socket.io.engine.close();
  await within(gone, 'the end of a connection');
  await meanwhile();
  await within(back, 'a client to come back');
  assert.equal(socket.recovered, true, 'it is the socket that it was');
  assert.equal(socket.id, id);
};

for (const transports of [['websocket'], ['polling'], ['polling', 'websocket']]) {
  test(`${CLIENTS} clients are lost and come back, by ${transports.join(' and ')}`, async (t) => {
    const server = await start(t);
    await Promise.all(ROOMS.map(async (roomId, i) => {
      const nsp = i % 2 ? '/rooms' : '/';
      const ann = await connect(t, server, nsp, { transports });
      const bob = await connect(t, server, nsp, { transports: ['websocket'] });
      await join(ann, roomId);
      await join(bob, roomId);
      const said = [];
      const say = async (text) => {
        assert.equal((await bob.ask('chat:message', { roomId, text })).ok, true);
        said.push(`${roomId} ${text}`);
      };
      await say('before');
      await eventually(() => ann.heard.length === 1, 'the first message');
      for (let round = 0; round < 3; round++) {
        await lose(ann, () => say(`missed ${round}`));
        await say(`after ${round}`);
        await eventually(() => ann.heard.length >= said.length, 'what was missed');
        assert.deepEqual(ann.heard, said, 'all of it, once, in order');
        assert.equal((await ann.ask('chat:message', { roomId, text: 'mine' })).ok, true, 'it is in its room');
        said.push(`${roomId} mine`);
        await eventually(() => ann.heard.length >= said.length, 'its own message');
      }
    }));
  });
}

test('a client in rooms of all loops is lost and comes back', async (t) => {
  const server = await start(t);
  const ann = await connect(t, server, '/', { transports: ['websocket'] });
  const rooms = ROOMS.slice(0, 10);
  const others = await Promise.all(rooms.map(async (roomId) => {
    const bob = await connect(t, server, '/', { transports: ['websocket'] });
    await join(bob, roomId);
    return bob;
  }));
  for (const roomId of rooms) await join(ann, roomId);
  const say = (text) => Promise.all(rooms.map((roomId, i) => others[i].ask('chat:message', { roomId, text })));
  await say('before');
  await eventually(() => ann.heard.length === rooms.length, 'the first messages');
  for (let round = 0; round < 3; round++) {
    ann.heard.length = 0;
    await lose(ann, () => say(`missed ${round}`));
    await say(`after ${round}`);
    await eventually(() => ann.heard.length >= 2 * rooms.length, 'what was missed');
    for (const roomId of rooms) {
      assert.deepEqual(ann.heard.filter((text) => text.startsWith(`${roomId} `)),
        [`${roomId} missed ${round}`, `${roomId} after ${round}`]);
    }
  }
});

test('two namespaces of one connection come back', async (t) => {
  const server = await start(t);
  const options = { transports: ['websocket'], forceNew: false, multiplex: true };
  await Promise.all(ROOMS.slice(0, 6).map(async (roomId, i) => {
    const manager = { ...options, query: { n: i } };
    const first = await connect(t, server, '/', { ...manager, forceNew: true });
    const second = first.socket.io.socket('/rooms');
    t.after(() => second.disconnect());
    const heard = [];
    second.on('chat:message', ({ text }) => heard.push(text));
    await within(new Promise((resolve) => {
      second.once('connect', resolve);
      second.connect();
    }), 'the other namespace');
    const bob = await connect(t, server, '/', { transports: ['websocket'] });
    const ask = (name, json) => within(second.emitWithAck(name, json), name);
    await join(first, roomId);
    await join({ ask }, ROOMS[(i + 7) % CLIENTS]);
    await join(bob, roomId);
    await join(bob, ROOMS[(i + 7) % CLIENTS]);
    const say = async (text) => {
      await bob.ask('chat:message', { roomId, text });
      await bob.ask('chat:message', { roomId: ROOMS[(i + 7) % CLIENTS], text });
    };
    await say('before');
    await eventually(() => first.heard.length === 1 && heard.length === 1, 'the first messages');
    await lose(first, () => say('missed'));
    await say('after');
    await eventually(() => first.heard.length === 3 && heard.length === 3, 'what was missed');
    assert.equal(second.recovered, true);
    assert.deepEqual(heard, ['before', 'missed', 'after']);
  }));
});

test('who comes back with a secret that nobody knows begins anew', async (t) => {
  const server = await start(t);
  for (let i = 0; i < 8; i++) {
    const { socket } = await connect(t, server, '/', { transports: ['websocket'],
      auth: { pid: `${i}`.padEnd(20, 'AbCdEfGhIj'), offset: '0123456789ab' } });
    assert.equal(socket.recovered, false);
  }
});
