// Clients that mean no good, inside the rooms: floods, people who do not read, boards that are full,
// storms, garbage, and members of one room who reach for another. The others must not notice, and
// the server must be afterwards what it was before.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { io } from 'socket.io-client';

import { focus, make, proctor, SECRET, socket, token } from './room-clients.mjs';
import { all, eventually, frame, OP, program, serve, Wire, within } from './stoa.mjs';

const SOAK = process.env.SOAK && process.env.SOAK !== '0';
const IS_SLOW = /debug|tsan/.test(program);
const MB = 1e6;
const SMALL = { ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:quarantine_size_mb=1` };

const start = (t, flags = [], options = {}) =>
  serve(t, ['--jwt-secret', SECRET, ...flags], { env: SMALL, ...options });

const upTo = (n) => Array.from({ length: n }, (_, i) => i);

/** Somebody of that name, in that room, over Socket.IO. */
const member = async (server, room, user, options = {}) => {
  const auth = user ? { token: token(user) } : undefined;
  const p = await socket(server, { auth, ...options });
  const answer = await p.ask('joinRoom', { roomId: room });
  assert.equal(answer.ok, true, JSON.stringify(answer));
  return p;
};

/** An honest pair that chats once more; how long it took, in ms. */
const chatted = async ([from, to], room) => {
  const text = `honest ${Math.random()}`;
  const began = performance.now();
  from.say('chat:message', { roomId: room, text });
  await to.hears('chat:message', (json) => json.text === text);
  return performance.now() - began;
};

const gone = (server, n = 0) => eventually(async () =>
  (await server.metrics()).stoa_clients === n, `${n} clients`);

test('floods are refused, and the connection stays', async (t) => {
  const s = await start(t);
  const room = await make(s, { mode: 'interview', approval: false });

  /** Says it too often; it is told when to come again, and then is not refused any more. */
  const flood = async (p, name, json, times, refused) => {
    p.forget();
    for (let i = 0; i < times; i++) p.say(name, typeof json === 'function' ? json(i) : json);
    const why = await eventually(() => p.all(refused).map((said) => said.error ?? said)
      .find((said) => said.code === 'RATE_LIMITED'), `${name} to be refused`);
    assert.ok(why.retryAfterMs > 0 && why.retryAfterMs < 60_000, JSON.stringify(why));
    await sleep(20); // whatever else was said
    assert.ok(p.isOpen, `the connection stays after many ${name}`);
  };

  const other = await member(s, room, 'other');
  const rows = {
    join: ['joinRoom', { roomId: room }, 60],
    control: ['room:approve', { userId: 'nobody', approve: true }, 60],
    presence: ['presence:typing', { isTyping: true }, 60],
    signal: ['signal:offer', { toSocketId: other.id, sdp: 'v=0' }, 400],
    chat: ['chat:message', { text: 'spam' }, 60],
    board: ['whiteboard:cursor', { cursor: [1, 2] }, 300],
    proctor: ['proctor:report', { kind: 'TAB_BLUR' }, 60],
    code: ['code:change', { code: 'x', language: 'c' }, 100],
    unknown: ['no such message', {}, 60],
  };
  for (const [what, [name, json, times]] of Object.entries(rows)) {
    const p = await member(s, room, what);
    await flood(p, name, { roomId: room, ...json }, times, 'error');
    p.drop();
  }
  const maker = await socket(s);
  await flood(maker, 'join-session', (i) => ({ sessionId: `s${i}` }), 200, 'error');

  for (const [where, name, json, refused] of [
    ['focus', 'chat', { text: 'spam' }, 'error'], ['focus', 'ping', {}, 'error'],
    ['focus', 'no such message', {}, 'error'], ['proctor', 'HEARTBEAT', {}, 'ERROR'],
    ['proctor', 'no such message', {}, 'ERROR'],
  ]) {
    const p = where === 'focus' ? await focus(s, 'floods') : await proctor(s);
    if (where === 'focus') p.say('join', { name: 'Flo' });
    await flood(p, name, json, 100, refused);
    p.drop();
  }
  const garbage = await focus(s, 'floods');
  for (let i = 0; i < 100; i++) garbage.send('{');
  await garbage.hears('error', (json) => json.code === 'RATE_LIMITED');
  assert.ok(garbage.isOpen);

  // Two connections of one person have twice of it together, not more for each further one.
  const many = await Promise.all(upTo(6).map(() => member(s, room, 'many')));
  await Promise.all(many.map((p) => p.forget().ask('presence:typing', { isTyping: true })));
  many.forEach((p) => upTo(30).forEach(() => p.say('presence:typing', { isTyping: true })));
  await eventually(() => many.every((p) => p.all('error').length > 0), 'all of them to be refused');
  const passed = 30 * 6 - many.reduce((n, p) => n + p.all('error').length, 0);
  assert.ok(passed < 80, `${passed} of one person passed`);
});

test('a slow reader in a busy room', async (t) => {
  const s = await start(t, ['--rate-board', '100000', '--limits-queue-soft-time', '2s',
    '--limits-write-stall', '3s', '--sio-recovery', '1s']);
  const room = await make(s);
  const pair = [await member(s, room, 'ann'), await member(s, room, 'bob')];
  const slow = await Promise.all(upTo(5).map((i) => member(s, room, `slow${i}`)));
  const typing = await Promise.all(upTo(3).map((i) => focus(s, room, {}).then((p) => {
    p.say('join', { name: `Typed ${i}` });
    return p.hears('state', (json) => json.self).then(() => p);
  })));
  slow.push(typing[0]);
  slow.forEach((p) => p.pause());
  const before = await s.residentBytes();
  let most = before, worst = 0;
  const op = { id: 'o', type: 'line', data: 'x'.repeat(40_000) };
  await eventually(async () => {
    for (let i = 0; i < 10; i++) pair[0].say('whiteboard:draw', { roomId: room, ops: [op] });
    worst = Math.max(worst, await chatted(pair, room));
    most = Math.max(most, await s.residentBytes());
    pair[1].forget();
    return (await s.metrics()).stoa_slow_readers_total >= 5;
  }, 'the slow ones to be cut off');
  assert.ok(worst < 1500, `the others waited ${worst} ms`);
  assert.ok(most - before < 64 * MB, `memory grew by ${most - before}`);
  assert.ok(pair.every((p) => p.isOpen) && typing[1].isOpen);
  for (const p of slow) p.drop();
  await gone(s, 4);
});

test('who does not read is not sent what can be missed', async (t) => {
  const s = await start(t, ['--rate-board', '100000', '--rate-chat', '1000']);
  const room = await make(s);
  const pair = [await member(s, room, 'ann'), await member(s, room, 'bob')];
  const slow = await member(s, room, 'slow');
  slow.pause();
  const cursor = 'x'.repeat(1000);
  for (let i = 0; i < 12_000; i++) {
    pair[0].say('whiteboard:cursor', { roomId: room, cursor: [i, cursor] });
    if (i % 200 === 199) await chatted(pair, room); // as fast as the others read
  }
  assert.equal((await s.metrics()).stoa_slow_readers_total, 0);
  slow.resume();
  pair[0].say('chat:message', { roomId: room, text: 'last' });
  await slow.hears('chat:message', (json) => json.text === 'last');
  assert.ok(slow.all('whiteboard:cursor').length < 12_000, 'some were left out');
});

/** The board of that room, full: 8 MB, all but a little. */
const fill = async (p, room) => {
  for (let i = 0; i < 9; i++) {
    const ops = upTo(15).map((k) => ({ id: `${i}-${k}`, type: 'line', data: 'x'.repeat(60_000) }));
    const { ok } = await p.ask('whiteboard:draw', { roomId: room, ops });
    assert.equal(ok, true);
  }
};

test('a full board', async (t) => {
  const s = await start(t, ['--rate-board', '100000', '--rate-join', '1000']);
  const room = await make(s);
  const ann = await member(s, room, 'ann');
  await fill(ann, room);
  const full = await ann.ask('whiteboard:draw', { roomId: room,
    ops: upTo(15).map((k) => ({ id: `9-${k}`, type: 'line', data: 'x'.repeat(60_000) })) });
  assert.equal(full.error?.code, 'TOO_MANY', JSON.stringify(full));

  await all(t, Object.fromEntries(['websocket', 'polling'].map((transport) => [transport,
    async () => {
      const client = io(`http://127.0.0.1:${s.port}`, { transports: [transport], forceNew: true });
      try {
        await within(once(client, 'connect'), 'a connection');
        const joined = once(client, 'joined');
        const answer = await within(client.emitWithAck('joinRoom', { roomId: room }), 'an answer');
        assert.equal(answer.ok, true);
        const [{ roomState }] = await within(joined, 'the state');
        assert.equal(roomState.whiteboard.ops.length, 135);
      } finally {
        client.disconnect();
      }
    }])));

  // Very many who come and read nothing: each is sent all of it.
  const greedy = await Promise.all(upTo(50).map(() => socket(s)));
  greedy.forEach((p) => { p.pause(); p.say('joinRoom', { roomId: room }); });
  await eventually(async () => (await s.metrics()).stoa_slow_readers_total > 8, 'most to be cut');
  await chatted([ann, ann], room);
  greedy.forEach((p) => p.drop());
});

test('a crowd comes and goes', async (t) => {
  const N = 1998; // beside ann
  const s = await start(t, ['--limits-connections-per-address', '100000']);
  const room = await make(s, { maxParticipants: 0 });
  const ann = await member(s, room, 'ann');
  const crowd = [];

  /** How long it takes until so many more have come. */
  const come = async (n) => {
    const began = await s.cpu();
    const wires = await Promise.all(upTo(n).map(async () => {
      const wire = await Wire.open(s.port);
      await wire.upgrade({ path: '/socket.io/?EIO=4&transport=websocket' });
      wire.send(frame(OP.text, '40'), frame(OP.text, `42["join-session",{"sessionId":"${room}"}]`));
      wire.socket.removeAllListeners('data');
      wire.socket.resume();
      return wire;
    }));
    crowd.push(...wires);
    await eventually(async () => (await (await fetch(`http://127.0.0.1:${s.port}/api/rooms/${room}`,
      { headers: { Authorization: `Bearer ${token('owner')}` } })).json())
      .participantCount === crowd.length + 1, `${crowd.length} people`, 60_000);
    return await s.cpu() - began;
  };
  // Each who comes is told to all, so the second half does three times the work of the first.
  const first = await come(N / 2);
  const second = await come(N / 2);
  t.diagnostic(`cpu: ${first} ms, then ${second} ms`);
  assert.ok(second < 6 * first + 500, `${second} ms after ${first} ms`);
  const began = await s.cpu();
  for (const wire of crowd) wire.close();
  await gone(s, 1);
  t.diagnostic(`going: ${await s.cpu() - began} ms`);
  assert.ok(await s.cpu() - began < 4 * (first + second) + 500);
  await chatted([ann, ann], room);
});
