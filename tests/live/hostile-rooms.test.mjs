// Clients that mean no good, inside the rooms: floods, people who do not read, full boards, storms,
// and members of one room who reach for another. The others must not notice, and
// the server must be afterwards what it was before.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { io } from 'socket.io-client';

import { focus, make, proctor, SECRET, SOCKET, socket, token } from './room-clients.mjs';
import { all, eventually, frame, OP, serve, Wire, within } from './stoa.mjs';

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
  (await server.metrics()).stoa_clients === n, `${n} clients`, 60_000);

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
  const began = performance.now();
  many.forEach((p) => upTo(30).forEach(() => p.say('presence:typing', { isTyping: true })));
  // An answer comes behind all refusals of what was said before.
  await Promise.all(many.map((p) => p.ask('presence:typing', { isTyping: true })));
  const passed = 30 * 6 - many.reduce((n, p) => n + p.all('error').length, 0);
  const seconds = (performance.now() - began) / 1000;
  assert.ok(passed < 60 + 20 * seconds, `${passed} of one person passed in ${seconds} s`);
});

test('a slow reader in a busy room', async (t) => {
  const s = await start(t, ['--rate-board', '100000', '--limits-queue-soft-time', '5s',
    '--limits-write-stall', '10s', '--sio-recovery', '1s']);
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
  assert.ok(worst < 10_000, `the others waited ${worst} ms`);
  assert.ok(most - before < 64 * MB, `memory grew by ${most - before}`);
  assert.ok(pair.every((p) => p.isOpen) && typing[1].isOpen);
  for (const p of slow) p.drop();
  await gone(s, 4);
});

test('who does not read is not sent what can be missed', async (t) => {
  const s = await start(t, ['--rate-board', '100000', '--rate-chat', '1000',
    '--limits-write-stall', '10m', '--limits-queue-soft-time', '10m']);
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
  const s = await start(t, ['--limits-connections-per-address', '9999', '--sio-recovery', '1s',
    '--sio-ping-interval', '10m']);
  const room = await make(s, { maxParticipants: 0 });
  const ann = await member(s, room, 'ann');
  const crowd = [];

  /** How long it takes until so many more have come. */
  const come = async (n) => {
    const began = await s.cpu();
    const wires = await Promise.all(upTo(n).map(async () => {
      const wire = await Wire.open(s.port);
      await wire.upgrade({ path: SOCKET });
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

test('one person with too many connections', async (t) => {
  const s = await start(t, ['--rate-join', '1000']);
  const room = await make(s, { approval: true, maxParticipants: 1 });
  const owner = await member(s, room, 'owner');
  const bob = await socket(s, { auth: { token: token('bob') } });
  await bob.ask('joinRoom', { roomId: room });
  await owner.ask('room:approve', { roomId: room, userId: 'bob', approve: true });
  const ann = () => socket(s, { auth: { token: token('ann') } });
  const waiting = await Promise.all(upTo(8).map(ann));
  for (const p of waiting)
    assert.equal((await p.ask('joinRoom', { roomId: room })).waiting, true);
  await owner.ask('room:update', { roomId: room, settings: { approval: false } });
  await bob.ask('leaveRoom', { roomId: room });
  const more = await ann();
  assert.equal((await more.ask('joinRoom', { roomId: room })).error?.code, 'TOO_MANY');
  assert.equal((await waiting[0].ask('joinRoom', { roomId: room })).ok, true);
  assert.equal((await owner.ask('control:kick', { roomId: room, userId: 'ann' })).ok, true);
  await eventually(() => owner.all('control:kicked').length === 8, 'each of the connections');
});

test('more code than the end of an interview can hold at once', async (t) => {
  const s = await start(t, ['--rate-join', '1000', '--rate-code', '1000']);
  const room = await make(s, { mode: 'interview', approval: false, maxParticipants: 0,
    durationMinutes: 0.01 });
  const owner = await member(s, room, 'owner');
  const people = await Promise.all(upTo(70).map((i) => member(s, room, `candidate${i}`)));
  const code = { roomId: room, language: 'c', code: '\x01'.repeat(160_000) };
  for (const p of people) assert.equal((await p.ask('code:change', code)).ok, true);
  await owner.ask('room:start', { roomId: room });
  await people[0].hears('room:ended');
  await eventually(() => people.every((p) => p.all('room:ended').length === 1), 'all to hear it');
  assert.ok(!s.said('a room goes back to what is stored'), s.stderr.slice(-500));
  await eventually(async () => (await s.metrics()).stoa_store_waiting === 0, 'all to be stored');
  const before = await s.cpu();
  await sleep(300);
  assert.ok(await s.cpu() - before < 200, 'and then there is peace');
});

test('sixteen rooms, and no more', async (t) => {
  const s = await start(t, ['--rate-join', '1000']);
  const rooms = await Promise.all(upTo(17).map((i) => make(s, {}, `owner${i % 3}`)));
  const p = await socket(s);
  for (const room of rooms.slice(0, 16))
    assert.equal((await p.ask('joinRoom', { roomId: room })).ok, true);
  assert.equal((await p.ask('joinRoom', { roomId: rooms[16] })).error.code, 'TOO_MANY');
  assert.equal((await p.ask('joinRoom', { roomId: rooms[3] })).ok, true, 'where it is already');
  assert.equal((await p.ask('presence:typing', { isTyping: true })).error.code, 'BAD_FIELD',
    'which of them it means it has to say');
  await p.ask('leaveRoom', { roomId: rooms[0] });
  assert.equal((await p.ask('joinRoom', { roomId: rooms[16] })).ok, true);
});

test('numbers and texts at the end of their range', async (t) => {
  const s = await start(t, ['--rate-create', '1000', '--rate-control', '1000']);
  const post = async (json) => {
    const answer = await fetch(`http://127.0.0.1:${s.port}/api/rooms`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token('owner')}` },
      body: json,
    });
    return answer.status;
  };
  const bad = ['"durationMinutes":-1', '"durationMinutes":1e-9', '"durationMinutes":0.0099',
    '"durationMinutes":1e300', '"durationMinutes":1e999', '"durationMinutes":NaN',
    '"durationMinutes":"1"', '"maxParticipants":-1', '"maxParticipants":2001',
    '"maxParticipants":1.5', '"maxParticipants":4294967297', '"timer":{"focusMinutes":0}',
    '"timer":{"focusMinutes":1e-7}', '"timer":{"rounds":0}', '"timer":{"rounds":-1}',
    '"proctor":{"warnAt":1e10}', '"title":"a\\nb"', '"title":"a\\u202eb"',
    '"title":"a\\u0000"', `"title":"${'x'.repeat(201)}"`, `"question":"${'x'.repeat(20_001)}"`,
    '"id":"../x"', '"id":"a b"', '"id":""', `"id":"${'x'.repeat(65)}"`, '"id":"r\\u00e9"',
    '"title":1,"title":2', `"settings":${'{"settings":'.repeat(40)}{}${'}'.repeat(40)}`];
  for (const field of bad) assert.equal(await post(`{${field}}`), 400, field);
  const good = ['"durationMinutes":0.01', '"durationMinutes":0', '"maxParticipants":2000',
    '"maxParticipants":0', '"timer":{"focusMinutes":0.01}',
    '"title":"\u05e9\u200f"', '"title":"a\\ud800"',
    '"id":"__proto__"', '"id":"constructor"', '"id":"0"', '"id":"-"', `"id":"${'x'.repeat(64)}"`];
  for (const field of good) assert.equal(await post(`{${field}}`), 201, field);
  for (const id of ['__proto__', '0', '-']) await member(s, id, 'ann');
  const answer = await fetch(`http://127.0.0.1:${s.port}/api/rooms/__proto__`);
  assert.equal((await answer.json()).id, '__proto__');
});

test('what others may not know', async (t) => {
  const s = await start(t, ['--rate-join', '1000']);
  const room = await make(s, { mode: 'interview', question: 'the secret question' });
  const owner = await member(s, room, 'owner');
  const [ann, bob, eve] = await Promise.all(['ann', 'bob', 'eve'].map((user) =>
    socket(s, { auth: { token: token(user) } })));
  const ask = (p, more = {}) => p.ask('joinRoom', { roomId: room, ...more });
  const letIn = (user) => owner.ask('room:approve', { roomId: room, userId: user, approve: true });
  for (const [p, user] of [[ann, 'ann'], [bob, 'bob']]) {
    await ask(p);
    await letIn(user);
    await p.hears('joined');
  }
  await owner.ask('room:start', { roomId: room });
  const { seq, epoch } = ann.all('joined')[0];
  assert.equal((await ask(eve)).waiting, true);
  const strangers = [eve, await socket(s)];
  const secrets = ['the secret question', 'between us', 'the secret code', 'a public word'];

  await ann.ask('chat:message', { roomId: room, to: 'owner', text: 'between us' });
  await ann.ask('code:change', { roomId: room, code: 'the secret code', language: 'c' });
  await owner.ask('chat:message', { roomId: room, text: 'a public word' });
  for (const p of strangers) {
    for (const since of [undefined, 0, 1, seq])
      await ask(p, since === undefined ? {} : { since, epoch });
    for (const [name, json] of [['chat:edit', { messageId: 'x', text: 'y' }],
      ['whiteboard:cursor', { cursor: 1 }], ['control:kick', { userId: 'ann' }]])
      assert.match((await p.ask(name, { roomId: room, ...json })).error.code,
        /^(NOT_IN_ROOM|WAITING_APPROVAL)$/);
  }
  const at = (path, user) => fetch(`http://127.0.0.1:${s.port}${path}`,
    user && { headers: { Authorization: `Bearer ${token(user)}` } }).then((r) => r.text());
  const seen = await Promise.all([undefined, 'eve', 'mallory'].flatMap((user) =>
    [`/api/rooms/${room}`, `/api/rooms/${room}/messages`, `/rooms/${room}`, '/api/rooms',
      `/api/chat/session/${room}`, '/api/sessions'].map((path) => at(path, user))));
  for (const secret of secrets) {
    for (const p of strangers) assert.ok(!JSON.stringify(p.heard).includes(secret), secret);
    assert.ok(!seen.join().includes(secret), `${secret} over HTTP`);
  }

  // A private message is for two, now and later; code is for the hosts and its author.
  const point = bob.all('joined')[0];
  await ask(bob.forget(), { since: point.seq, epoch: point.epoch });
  assert.ok(bob.all('joined')[0].missed.length > 0, 'bob is told again what he missed');
  assert.ok(!/between us|the secret code/.test(JSON.stringify(bob.heard)));
  assert.ok(!/between us/.test(await at(`/api/rooms/${room}/messages`, 'bob')));
  assert.match(await at(`/api/rooms/${room}/messages`, 'ann'), /between us/);

  // Who is kicked hears that, and nothing more, whatever it asks for.
  await owner.ask('control:kick', { roomId: room, userId: 'bob' });
  await bob.hears('control:kicked');
  bob.forget();
  await owner.ask('chat:message', { roomId: room, text: 'without bob' });
  assert.equal((await ask(bob, { since: seq, epoch })).error.code, 'KICKED');
  await sleep(50);
  assert.ok(!JSON.stringify(bob.heard).includes('without bob'));
  assert.ok(!(await at(`/api/rooms/${room}/messages`, 'bob')).includes('without bob'));
  const guarded = await socket(s, { auth: { token: token('mallory') } });
  assert.equal((await guarded.ask('joinRoom', { roomId: 'nowhere' })).error.code, 'ROOM_NOT_FOUND');
});

test('a member of one room does not reach another', async (t) => {
  const s = await start(t, ['--rate-join', '1000', '--rate-control', '1000',
    '--rate-presence', '1000']);
  const document = JSON.parse(await readFile(new URL('../../docs/asyncapi.json', import.meta.url)));
  const mine = await make(s, { mode: 'interview', approval: false }, 'mallory');
  const theirs = await make(s, { mode: 'interview', approval: false }, 'owner');
  const owner = await member(s, theirs, 'owner');
  const ann = await member(s, theirs, 'ann');
  const { message } = await ann.ask('chat:message', { roomId: theirs, text: 'before' });
  await ann.ask('whiteboard:draw', { roomId: theirs, ops: [{ id: 'op', type: 'line' }] });
  const facts = async () => {
    const p = await member(s, theirs, 'owner');
    const { roomState: { participants, serverNow, timer, ...state } } = await p.hears('joined');
    p.drop();
    const people = new Set(participants.map((one) => one.userId)).size;
    return JSON.stringify({ ...state, iceServers: 0, people, phase: timer.phase });
  };

  /** What a field wants, aimed at the other room. */
  const aim = (name, schema) => {
    const known = { roomId: theirs, sessionId: theirs, userId: 'ann', toUserId: 'ann',
      targetSocketId: ann.id, toSocketId: ann.id, to: ann.id, messageId: message.id, opId: 'op',
      ops: [{ id: 'op', type: 'circle' }], attachments: [], dataUrl: '/x.png', fileUrl: '/x.png' };
    if (name in known) return known[name];
    if (schema.enum) return schema.enum[0];
    if (schema.type === 'boolean') return true;
    if (schema.type === 'integer' || schema.type === 'number') return schema.minimum ?? 1;
    if (schema.type === 'object') return {};
    if (schema.type === 'array') return [];
    return 'reach';
  };
  const rows = Object.entries(document.components.messages)
    .filter(([key]) => /^\w+\.in\./.test(key))
    .map(([key, { name, payload }]) => ({ language: key.split('.')[0], name,
      // without what would ask somebody else than ann, or make the message one for nobody
      fields: Object.entries(payload?.properties ?? {}).filter(([field]) =>
        !['type', 'since', 'epoch', 'token'].includes(field)) }));
  assert.ok(rows.length > 60, `${rows.length} messages`);
  const before = await facts();
  await ann.hears('user:left');
  await owner.hears('user:left');
  ann.forget();
  owner.forget();

  const people = {
    study: await member(s, mine, 'mallory'),
    session: await member(s, mine, 'mallory', { nsp: '/rooms' }),
    call: await member(s, mine, 'mallory'),
    proctor: await proctor(s),
    focus: await focus(s, mine),
  };
  people.proctor.say('JOIN_ROOM', { roomId: mine, token: token('mallory') });
  await people.proctor.hears('JOIN_APPROVED');
  people.focus.say('join', { name: 'Mallory' });
  await people.focus.hears('state', (json) => json.self);
  const COMES_IN = /^(join|JOIN|CREATE|connect)/;
  for (const { language, name, fields } of rows) {
    if (COMES_IN.test(name)) continue;
    const p = people[language];
    const flat = Object.fromEntries(fields.map(([field, schema]) => [field, aim(field, schema)]));
    const unnamed = Object.entries(flat).filter(([field]) => !/^(room|session)Id/.test(field));
    const stays = !/leave|:end|END_/i.test(name); // in the own room, from where it reaches
    for (const json of [flat, { ...flat, room_id: theirs, roomId: theirs, sessionId: theirs },
      ...(stays ? [Object.fromEntries(unnamed)] : [])])
      if (p.isSocket) {
        const answer = await p.ask(name, json);
        const isOwn = !('roomId' in json) && !('sessionId' in json);
        assert.ok(!answer.ok || isOwn, `${language} ${name} ${JSON.stringify(json)}`);
      } else {
        p.say(name, json);
      }
  }
  await sleep(200);
  const heard = [...ann.heard, ...owner.heard].filter(({ name }) => name !== 'ack');
  assert.deepEqual(heard.map(({ name, json }) => `${name} ${JSON.stringify(json)}`), []);
  assert.equal(await facts(), before);
});

test('storms of people who come back', async (t) => {
  const s = await start(t, ['--sio-recovery', '1s', '--room-grace', '500ms']);
  const room = await make(s, { maxParticipants: 0 });
  const pair = [await member(s, room, 'ann'), await member(s, room, 'bob')];
  await chatted(pair, room);
  const before = await s.residentBytes();
  const calm = [];
  for (let i = 0; i < 5; i++) calm.push(await chatted(pair, room));
  let worst = 0;
  for (let round = 0; round < 4; round++) {
    const storm = Promise.all(upTo(150).map((i) => member(s, room, `user${i}`)));
    let is_over = false;
    storm.finally(() => { is_over = true; });
    while (!is_over) {
      worst = Math.max(worst, await chatted(pair, room));
      await sleep(110);
    }
    for (const p of await storm) p.drop();
  }
  await gone(s, 2);
  t.diagnostic(`a message takes ${Math.max(...calm)} ms, in a storm ${worst} ms`);
  assert.ok(worst < 15_000, `${worst} ms`);
  const grown = await s.residentBytes() - before;
  assert.ok(grown < 60 * MB, `memory grew by ${grown}`);
});

/** A client of its own, that sends half of a message and then stops as a whole. */
const frozen = async (port, where) => {
  const script = `
    const net = require('net');
    const s = net.connect(${port}, '127.0.0.1', () => s.write(
      ['GET ${where} HTTP/1.1', 'Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket',
        'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', '', '']
        .join(String.fromCharCode(13, 10))));
    s.once('data', () => s.write(Buffer.from([0x81, 0xfe, 0x40, 0, 1, 2, 3, 4, 5]), () => {
      process.stdout.write('half');
      setTimeout(() => {}, 1e6);
    }));`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await within(once(child.stdout, 'data'), 'half of a message');
  child.kill('SIGSTOP');
  return child;
};

test('clients that stop in the middle of a message', async (t) => {
  const s = await start(t, ['--ws-assembly-deadline', '1s', '--ws-ping', '500ms',
    '--ws-pong-timeout', '8s', '--sio-ping-interval', '500ms', '--sio-ping-timeout', '8s']);
  const room = await make(s);
  const pair = [await member(s, room, 'ann'), await member(s, room, 'bob')];
  const children = await Promise.all(['/ws/rooms/frozen', '/ws', SOCKET]
    .map((where) => frozen(s.port, where)));
  t.after(() => children.forEach((child) => child.kill('SIGKILL')));
  await chatted(pair, room);
  await eventually(async () => (await s.metrics()).stoa_websockets === 2, 'the others to be alone');
  await chatted(pair, room);
});
