// Source A (study rooms) as a client of its own would go through it: the namespace /rooms, a mesh
// of offers from those who are there to who comes, chat, the whiteboard, muting, leaving.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  candidate, count, each, expectRest, has, HUGE, isNow, issue, LONG, nonsense, quiet, refusal, rest,
  sdp, show, socket, SocketClient, start, ways,
} from './flow.mjs';

const THROTTLE = 50; // ms: "group points every 50ms"

// Whoever issues tokens calls these claims one way or another.
const tokens = {
  ann: issue({ userId: 'u1', username: 'Ann' }),
  ben: issue({ sub: 'u2', name: 'Ben' }),
  cleo: issue({ _id: 'u3', name: 'Cleo' }),
  dora: issue({ id: 'u4', username: 'Dora' }),
};

const dial = (t, server, name, { where = '/rooms', ...options } = {}) =>
  socket(t, server, name, { auth: { token: tokens[name] }, ...options }, where);

/** What ann makes at step 1. */
const makeRoom = async (server, body = { title: 'Algebra' }) => {
  const room = await expectRest(201, server, 'POST', '/api/rooms', { token: tokens.ann, body });
  has(room, { roomId: /^[\w-]+$/,
    joinLink: (link) => new URL(link, server.url).href.includes(room.roomId) });
  return room.roomId;
};

const join = async (client, roomId, name, others = []) => {
  client.say('joinRoom', { roomId, name, role: 'participant' });
  const joined = await client.hear('joined', { roomState: { participants: Array.isArray } });
  await each(others, 'user:joined', { socketId: client.id, user: { name } });
  return joined;
};

/** What a browser draws with: points are grouped, a message each 50 ms. */
class Pen {
  #points = [];

  constructor(client, roomId) {
    Object.assign(this, { client, roomId, sent: [] });
  }

  move(x, y) {
    this.#points.push([x, y]);
    this.timer ??= setTimeout(() => this.flush(), THROTTLE);
  }

  flush() {
    clearTimeout(this.timer);
    this.timer = undefined;
    const ops = [{ type: 'stroke', points: this.#points, color: '#000', width: 2 }];
    this.#points = [];
    this.sent.push(...ops);
    this.client.say('whiteboard:draw', { roomId: this.roomId, ops });
  }
}

/** Both spellings of who it comes from, and who that is (section 6, notes). */
const sender = (client, userId, displayName) =>
  ({ fromSocketId: client.id, from: client.id, userId, displayName, role: /^\w+$/ });

/** Those who are there offer to who comes, who answers; both send candidates. */
const meet = async (newcomer, from, existing) => {
  for (const [old, who] of existing) {
    old.say('signal:offer', { toSocketId: newcomer.id, from: old.id, sdp: sdp('offer', who[0]) });
    await newcomer.hear('signal:offer', { ...sender(old, ...who), sdp: sdp('offer', who[0]) });
    const answer = { sdp: `an answer to ${old.id}` };
    newcomer.say('signal:answer', { to: old.id, ...answer }); // as section 14 has it
    await old.hear('signal:answer', { ...sender(newcomer, ...from), ...answer });
    newcomer.say('signal:ice', { to: old.id, candidate: candidate(1) });
    const forged = { from: 'somebody else', candidate: candidate(2) };
    old.say('signal:ice', { toSocketId: newcomer.id, ...forged });
    await old.hear('signal:ice', { ...sender(newcomer, ...from), candidate: candidate(1) });
    await newcomer.hear('signal:ice', { ...sender(old, ...who), candidate: candidate(2) });
  }
};

const flow = async (t, server, options) => {
  const roomId = await makeRoom(server);
  has(await expectRest(200, server, 'GET', `/api/rooms/${roomId}`, { token: tokens.ann }),
    { roomId, title: 'Algebra', ownerId: 'u1', participants: [], settings: {} });
  const ann = await dial(t, server, 'ann', options);
  const ben = await dial(t, server, 'ben', options);
  const cleo = await dial(t, server, 'cleo', options);

  // Section 6: who comes is told, those who are there offer.
  const first = await join(ann, roomId, 'Ann');
  has(first, { roomState: { settings: {}, participants: [{ userId: 'u1', name: 'Ann' }] } });
  has(first, { settings: first.roomState.settings, participants: first.roomState.participants });
  const second = await join(ben, roomId, 'Ben', [ann]);
  has(second.participants,
    [{ userId: 'u1', socketId: ann.id }, { userId: 'u2', socketId: ben.id }]);
  await meet(ben, ['u2', 'Ben'], [[ann, ['u1', 'Ann']]]);
  const third = await join(cleo, roomId, 'Cleo', [ann, ben]);
  assert.deepEqual(third.participants.map(({ name }) => name), ['Ann', 'Ben', 'Cleo']);
  await meet(cleo, ['u3', 'Cleo'], [[ann, ['u1', 'Ann']], [ben, ['u2', 'Ben']]]);
  await quiet(ann, ben, cleo);

  // Chat: to all, the sender too; what it says of itself does not count.
  ben.say('chat:message', { roomId, text: 'Hey everyone', senderId: 'u1', timestamp: 168000000 });
  const said = { roomId, text: 'Hey everyone', senderId: 'u2', timestamp: isNow };
  const [message] = await each([ann, ben, cleo], 'chat:message', { ...said, message: said });
  cleo.say('chat:message', { roomId, text: '<b>Grüße</b> 😀', attachments: [
    { url: 'https://files.example.org/a.png', name: 'a.png', size: 10, type: 'image/png' }] });
  await each([ann, ben, cleo], 'chat:message', { message: { senderId: 'u3', text: '<b>Grüße</b> 😀',
    attachments: [{ url: 'https://files.example.org/a.png', name: 'a.png' }] } });
  ann.say('presence:typing', { roomId, isTyping: true });
  await each([ben, cleo], 'presence:typing', { socketId: ann.id, isTyping: true });
  const { messages } = await expectRest(200, server, 'GET', `/api/rooms/${roomId}/messages`,
    { token: tokens.ann });
  has(messages, [{ _id: message.message._id, roomId, senderId: 'u2', text: 'Hey everyone' },
    { senderId: 'u3' }]);

  // A file that lies somewhere.
  const file = { fileUrl: 'https://files.example.org/a.pdf', name: 'a.pdf', size: 1234 };
  ben.say('file:uploadMeta', { roomId, ...file });
  await each([ann, ben, cleo], 'file:shared', { fileMeta: file });
  await quiet(ann, ben, cleo);

  await board(t, server, options, { roomId, ann, ben, cleo });
  await mute(roomId, ann, ben, cleo);
  await leaving(roomId, ann, ben, cleo);
};

/** Section 7: small ops, and who comes late has them all. */
const board = async (t, server, options, { roomId, ann, ben, cleo }) => {
  const pen = new Pen(ann, roomId);
  for (let i = 0; i < 30; i++) {
    pen.move(i, i * i);
    await sleep(10);
  }
  pen.flush();
  assert.ok(pen.sent.length >= 3, `${pen.sent.length} messages`);
  for (const op of pen.sent) await each([ben, cleo], 'whiteboard:update', { ops: [op] });
  const dora = await dial(t, server, 'dora', options);
  has(await join(dora, roomId, 'Dora', [ann, ben, cleo]),
    { roomState: { whiteboard: { snapshot: null, ops: pen.sent }, messages: [{}, {}] } });
  await quiet(ann, ben, cleo, dora);
  const { id } = dora;
  await dora.leave();
  await each([ann, ben, cleo], 'user:left', { socketId: id });
};

/** Only the owner mutes. */
const mute = async (roomId, ann, ben, cleo) => {
  ben.say('control:mute', { targetSocketId: cleo.id });
  await ben.hear('error', refusal());
  ann.say('control:mute', { targetSocketId: cleo.id });
  const [{ by }] = await each([ann, ben, cleo], 'control:muted',
    { targetSocketId: cleo.id, by: /./ });
  assert.ok([ann.id, 'u1'].includes(by), by);
};

const leaving = async (roomId, ann, ben, cleo) => {
  const ids = { ben: ben.id, cleo: cleo.id };
  ben.say('leaveRoom', { roomId });
  await each([ann, cleo], 'user:left', { socketId: ids.ben });
  ben.say('chat:message', { roomId, text: 'I am not there' });
  await ben.hear('error', refusal());
  await cleo.leave();
  await ann.hear('user:left', { socketId: ids.cleo });
  await quiet(ann, ben);
};

for (const [name, options] of Object.entries(ways)) {
  test(`source A, over ${name}`, async (t) => flow(t, await start(t), options));
}

test('source A, in a single namespace', async (t) => flow(t, await start(t), { where: '/' }));

test('source A, over TLS', async (t) =>
  flow(t, await start(t, { secure: true }), { transports: ['polling', 'websocket'] }));

test('source A: a connection that breaks is a leaving', async (t) => {
  const server = await start(t);
  const roomId = await makeRoom(server);
  const [ann, ben] = await Promise.all(['ann', 'ben'].map((name) => dial(t, server, name)));
  await join(ann, roomId, 'Ann');
  await join(ben, roomId, 'Ben', [ann]);
  const { id } = ben;
  ben.lose();
  await ann.hear('user:left', { socketId: id });
  const again = await dial(t, server, 'ben');
  assert.notEqual(again.id, id);
  has(await join(again, roomId, 'Ben', [ann]),
    { participants: [{ socketId: ann.id }, { socketId: again.id }] });
  await quiet(ann, again);
});

// A page says joinRoom whenever it is connected, also when Socket.IO has brought it back.
test('source A: the stock client comes back by itself', async (t) => {
  const server = await start(t);
  const roomId = await makeRoom(server);
  const [ann, ben] = await Promise.all(['ann', 'ben'].map((name) =>
    dial(t, server, name, { reconnection: true, reconnectionDelay: 300, randomizationFactor: 0 })));
  await join(ann, roomId, 'Ann');
  await join(ben, roomId, 'Ben', [ann]);
  const { id } = ben;
  const back = ben.connected();
  ben.lose();
  await ann.hear('user:left', { socketId: id });
  ann.say('chat:message', { roomId, text: 'while Ben was away' });
  await ann.hear('chat:message');
  await back;
  ben.say('joinRoom', { roomId, name: 'Ben' });
  const heard = [];
  for (let name; name !== 'joined'; heard.push(name)) ({ name } = await ben.next('joined'));
  const joined = await ann.hear('user:joined', { socketId: ben.id, user: { name: 'Ben' } });
  assert.equal(joined.socketId, ben.id);
  await quiet(ann, ben); // once, and not once more for the second joinRoom
  assert.ok(heard.filter((name) => name === 'chat:message').length <= 1, `${heard}`);
});

test('source A: POST /rooms, as its step 1 has it', async (t) => {
  const server = await start(t);
  const { status, json } = await rest(server, 'POST', '/rooms', { token: tokens.ann, body: {} });
  assert.ok([200, 201].includes(status), `${status}`);
  has(json, { roomId: /^[\w-]+$/, joinLink: /./ });
  const ann = await dial(t, server, 'ann');
  await join(ann, json.roomId, 'Ann');
});

test('source A: a saved board comes to who is late, with what was drawn since', async (t) => {
  const server = await start(t);
  const roomId = await makeRoom(server);
  const [ann, ben] = await Promise.all(['ann', 'ben'].map((name) => dial(t, server, name)));
  await join(ann, roomId, 'Ann');
  const op = (x) => ({ type: 'stroke', points: [[x, x], [x, 1]], color: '#f00', width: 1.5 });
  ann.say('whiteboard:draw', { roomId, ops: [op(1), op(2)] });
  ann.say('whiteboard:save', { roomId });
  await ann.hear('whiteboard:saved', { savedBy: 'u1' });
  ann.say('whiteboard:draw', { roomId, ops: [op(3)] });
  has(await join(ben, roomId, 'Ben', [ann]),
    { roomState: { whiteboard: { snapshot: { ops: [op(1), op(2)] }, ops: [op(3)] } } });
  await quiet(ann, ben);
});

test('source A: who may come in', async (t) => {
  const server = await start(t);
  const roomId = await makeRoom(server);
  const refused = async (auth) => {
    const client = new SocketClient(t, server, 'nobody', { ...ways.websocket, auth }, '/rooms');
    const error = await client.connected().then(() => assert.fail('let in'), (why) => why);
    has(error.data, { code: /^[A-Z_]+$/ });
  };
  await refused({ token: 'no token' });
  await refused({ token: issue({ userId: 'u1' }, 'another secret, as long as the first') });
  await refused({ token: issue({ userId: 'u1', exp: 1_000_000_000 }) });
  await refused({ token: issue({ username: 'nobody' }) });

  const guest = await socket(t, server, 'guest', { auth: { user: { name: 'Gus' } } }, '/rooms');
  const joined = await join(guest, roomId, 'Gus');
  assert.equal(joined.participants[0].guest, true);
  guest.say('control:mute', { targetSocketId: guest.id });
  await guest.hear('error', refusal());
  await quiet(guest);
});

test('source A: what is wrong is said, and the connection stays', async (t) => {
  const server = await start(t);
  const roomId = await makeRoom(server);
  const [ann, ben] = await Promise.all(['ann', 'ben'].map((name) => dial(t, server, name)));
  await join(ann, roomId, 'Ann');
  await join(ben, roomId, 'Ben', [ann]);
  const wrong = [
    ...nonsense('joinRoom'),
    ['joinRoom', { name: 'Ben' }],
    ['joinRoom', { roomId: 'nowhere', name: 'Ben' }],
    ['joinRoom', { roomId: { a: 1 } }],
    ['joinRoom', { roomId: '../../etc' }],
    ['chat:message', { roomId }],
    ['chat:message', { roomId, text: 5 }],
    ['chat:message', { roomId, text: '' }],
    ['chat:message', { roomId, text: LONG }],
    ['chat:message', { roomId: 'nowhere', text: 'x' }],
    ['whiteboard:draw', { roomId, ops: 'none' }],
    ['whiteboard:draw', { roomId, ops: [{ points: [[0, 0]] }] }],
    ['whiteboard:draw', { roomId, ops: [7] }],
    ['signal:offer', { sdp: 'x' }],
    ['signal:offer', { toSocketId: ann.id }],
    ['signal:offer', { toSocketId: 'nobody', sdp: 'x' }],
    ['signal:ice', { toSocketId: 17, candidate: {} }],
    ['control:mute', {}],
    ['presence:typing', { roomId, isTyping: 'maybe' }],
    ['file:uploadMeta', { roomId, fileUrl: 'javascript:alert(1)', name: 'a', size: 1 }],
    ['file:uploadMeta', { roomId, fileUrl: 'https://x.example.org/a', name: 'a', size: -1 }],
    ['no:such:event', { roomId }],
    ['', {}],
  ];
  for (const [event, ...args] of wrong) {
    ben.say(event, ...args);
    await ben.hear('error', refusal(), `to ${show([event, ...args])}`);
    await sleep(60); // within the rates
  }
  await quiet(ann, ben);
  assert.ok(ben.socket.connected);
});

test('source A: what is huge is refused, and the connection stays', async (t) => {
  const server = await start(t);
  const roomId = await makeRoom(server);
  const ann = await dial(t, server, 'ann');
  await join(ann, roomId, 'Ann');
  ann.say('chat:message', { roomId, text: HUGE });
  await ann.hear('error', refusal());
  ann.say('control:mute', { targetSocketId: ann.id });
  await ann.hear('control:muted');
});

test('source A: who says too much is told so', async (t) => {
  const server = await start(t);
  const roomId = await makeRoom(server);
  const ann = await dial(t, server, 'ann');
  await join(ann, roomId, 'Ann');
  for (let i = 0; i < 40; i++) ann.say('chat:message', { roomId, text: `${i}` });
  const heard = await count(ann, 40);
  assert.ok(heard['chat:message'] >= 20 && heard.error >= 10, JSON.stringify(heard));
  for (let i = 0; i < 600; i++) {
    ann.say('whiteboard:draw', { roomId, ops: [{ type: 'stroke', points: [[0, 0], [1, i]] }] });
  }
  has(await ann.hear('error'), { code: 'RATE_LIMITED', retryAfterMs: (ms) => ms > 0 });
  assert.ok(ann.socket.connected);
});
