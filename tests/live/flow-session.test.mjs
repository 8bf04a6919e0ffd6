// Source B (study sessions) as a client of its own would go through it: join, an offer to each who
// is there, chat by event and by POST at once, and the history.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  candidate, count, each, expectRest, has, HUGE, isDate, isNow, issue, LONG, nonsense, quiet,
  refusal, rest, sdp, show, socket, SocketClient, start, ways,
} from './flow.mjs';

const tokens = {
  ann: issue({ userId: 'u1', username: 'Ann' }),
  ben: issue({ sub: 'u2', name: 'Ben' }),
};

const who = (client, userId, userName) => ({ socketId: client.id, userId, userName });

/** What source B's pages do: no namespace, no token needed. */
const dial = (t, server, name, options) => socket(t, server, name, options);

const join = async (client, sessionId, userName, here = []) => {
  client.say('join-session', { sessionId, userId: userName.toLowerCase(), userName });
  const list = await client.hear('existing-participants', Array.isArray);
  assert.deepEqual(list.map(({ socketId }) => socketId).sort(), here.map(({ id }) => id).sort());
  const came = await each(here, 'user-joined', { socketId: client.id, userName, userId: /./ });
  return { list, userId: came[0]?.userId };
};

/** "Create peer connections for each existing participant": who comes offers. */
const meet = async (newcomer, list, clients) => {
  for (const { socketId } of list) {
    const old = clients.find(({ id }) => id === socketId);
    const offer = sdp('offer', newcomer.name);
    newcomer.say('webrtc-offer', { to: socketId, offer });
    await old.hear('webrtc-offer', { from: newcomer.id, fromSocketId: newcomer.id, offer,
      sdp: offer, userId: /./, userName: /./ });
    old.say('webrtc-answer', { targetSocketId: newcomer.id, sdp: sdp('answer', old.name) });
    await newcomer.hear('webrtc-answer', { from: old.id, answer: sdp('answer', old.name) });
    for (const [a, b] of [[newcomer, old], [old, newcomer]]) {
      a.say('webrtc-ice-candidate', { target: b.id, candidate: candidate(a.name) });
      await b.hear('webrtc-ice-candidate', { from: a.id, candidate: candidate(a.name) });
    }
  }
};

const flow = async (t, server, options) => {
  const sessionId = 'algebra-2';
  const ann = await dial(t, server, 'ann', options);
  const ben = await dial(t, server, 'ben', options);
  const cleo = await dial(t, server, 'cleo', options);
  assert.deepEqual((await join(ann, sessionId, 'Ann')).list, []);
  const second = await join(ben, sessionId, 'Ben', [ann]);
  has(second.list, [who(ann, undefined, 'Ann')].map(({ socketId, userName }) =>
    ({ socketId, userName, userId: /./ })));
  await meet(ben, second.list, [ann]);
  const third = await join(cleo, sessionId, 'Cleo', [ann, ben]);
  await meet(cleo, third.list, [ann, ben]);
  await quiet(ann, ben, cleo);

  ben.say('chat-message', { sessionId, message: 'Hello 😀', userId: 'ann', userName: 'Ann' });
  const row = { id: /./, sessionId, userId: second.userId, userName: 'Ben', message: 'Hello 😀',
    messageType: 'text', createdAt: isDate, updatedAt: isDate, timestamp: isNow };
  await each([ann, cleo], 'chat-message', row);
  const answer = await ben.ask('chat-message',
    { sessionId, message: 'And?', messageType: 'emoji' });
  has(answer, { ...row, message: 'And?', messageType: 'emoji' });
  await each([ann, cleo], 'chat-message', { id: answer.id, message: 'And?', messageType: 'emoji' });
  await quiet(ann, ben, cleo);

  const saved = await history(server, ben, sessionId, [ann, cleo]);
  assert.equal(saved, 4);

  const ids = { ann: ann.id, ben: ben.id };
  await ann.leave();
  await each([ben, cleo], 'user-left', { socketId: ids.ann, userName: 'Ann' });
  ben.say('leave-session', { sessionId });
  await cleo.hear('user-left', { socketId: ids.ben });
  ben.say('chat-message', { sessionId, message: 'I am not there', userId: 'x', userName: 'x' });
  await ben.hear('error', refusal());
  await quiet(ben, cleo);
};

/** Section 3: the event and the POST are one message, told once and saved once. Gives how many
 * there are. */
const history = async (server, client, sessionId, others) => {
  const before = await expectRest(200, server, 'GET', `/api/chat/session/${sessionId}`);
  for (const message of ['twice', 'twice']) {
    const said = { sessionId, message, userId: client.name, userName: client.name };
    client.say('chat-message', said);
    const [told] = await each(others, 'chat-message', { message });
    const answer = await expectRest(201, server, 'POST', '/api/chat', { body: said });
    has(answer, { id: told.id, sessionId, message, createdAt: isDate, updatedAt: isDate });
  }
  await quiet(client, ...others);
  const { messages } = await expectRest(200, server, 'GET', `/api/chat/session/${sessionId}`);
  const texts = (list) => list.map(({ message }) => message);
  assert.deepEqual(texts(messages), [...texts(before.messages), 'twice', 'twice'],
    'oldest first, each once');
  has(messages.at(-1), { sessionId, userName: 'Ben', messageType: 'text', createdAt: isDate });
  assert.equal(new Set(messages.map(({ id }) => id)).size, messages.length);
  return messages.length;
};

for (const [name, options] of Object.entries(ways)) {
  test(`source B, over ${name}`, async (t) => flow(t, await start(t), options));
}

test('source B: a connection that breaks is a leaving', async (t) => {
  const server = await start(t);
  const [ann, ben] = await Promise.all(['ann', 'ben'].map((name) => dial(t, server, name)));
  await join(ann, 's', 'Ann');
  await join(ben, 's', 'Ben', [ann]);
  const { id } = ben;
  ben.lose();
  await ann.hear('user-left', { socketId: id, userName: 'Ben' });
  await quiet(ann);
});

// A page says join-session whenever it is connected, also when Socket.IO has brought it back.
test('source B: the stock client comes back by itself', async (t) => {
  const server = await start(t);
  const [ann, ben] = await Promise.all(['ann', 'ben'].map((name) =>
    dial(t, server, name, { reconnection: true, reconnectionDelay: 300, randomizationFactor: 0 })));
  await join(ann, 's', 'Ann');
  await join(ben, 's', 'Ben', [ann]);
  const { id } = ben;
  const back = ben.connected();
  ben.lose();
  await ann.hear('user-left', { socketId: id });
  await back;
  ben.say('join-session', { sessionId: 's', userId: 'ben', userName: 'Ben' });
  await ann.hear('user-joined', { socketId: ben.id, userName: 'Ben' });
  await ben.hear('existing-participants', [{ socketId: ann.id }]);
  await quiet(ann, ben); // once, and not once more for the second join-session
});

test('source B: a POST alone is told to all and saved', async (t) => {
  const server = await start(t);
  const [ann, ben] = await Promise.all(['ann', 'ben'].map((name) => dial(t, server, name)));
  await join(ann, 's', 'Ann');
  await join(ben, 's', 'Ben', [ann]);
  const said = { sessionId: 's', message: 'by POST', userId: 'bot', userName: 'Bot' };
  const row = await expectRest(201, server, 'POST', '/api/chat', { body: said });
  await each([ann, ben], 'chat-message', { id: row.id, message: 'by POST' });
  const { messages } = await expectRest(200, server, 'GET', '/api/chat/session/s');
  has(messages, [{ id: row.id, message: 'by POST' }]);
  await quiet(ann, ben);
});

for (const [name, options] of Object.entries(ways)) {
  test(`source B, over ${name}: a page emits and posts, and waits for neither`, async (t) => {
    const server = await start(t);
    const ann = await dial(t, server, 'ann');
    const ben = await dial(t, server, 'ben', options);
    await join(ann, 's', 'Ann');
    await join(ben, 's', 'Ben', [ann]);
    const ids = [];
    for (let i = 0; i < 10; i++) {
      const said = { sessionId: 's', message: `message ${i}`, userId: 'ben', userName: 'Ben' };
      ben.say('chat-message', said);
      const { id } = await expectRest(201, server, 'POST', '/api/chat', { body: said });
      await ann.hear('chat-message', { id, message: said.message });
      ids.push(id);
    }
    await quiet(ann);
    const { messages } = await expectRest(200, server, 'GET', '/api/chat/session/s');
    assert.deepEqual(messages.map(({ id }) => id), ids);
  });
}

// Over long polling the POST may be the faster.
test('source B: a POST that overtakes its event is the same message', async (t) => {
  const server = await start(t);
  const [ann, ben] = await Promise.all(['ann', 'ben'].map((name) => dial(t, server, name)));
  await join(ann, 's', 'Ann');
  await join(ben, 's', 'Ben', [ann]);
  const said = { sessionId: 's', message: 'once', userId: 'ben', userName: 'Ben' };
  const posted = expectRest(201, server, 'POST', '/api/chat', { body: said });
  await new Promise((resolve) => { setTimeout(resolve, 50); });
  ben.say('chat-message', said);
  const { id } = await posted;
  await ann.hear('chat-message', { id, message: 'once' });
  await quiet(ann);
  const { messages } = await expectRest(200, server, 'GET', '/api/chat/session/s');
  assert.deepEqual(messages.map((one) => one.id), [id]);
});

test('source B: pages of history', async (t) => {
  const server = await start(t);
  const [ann, ben] = await Promise.all(['ann', 'ben'].map((name) => dial(t, server, name)));
  await join(ann, 's', 'Ann');
  await join(ben, 's', 'Ben', [ann]);
  for (let i = 0; i < 12; i++) {
    await ann.ask('chat-message', { sessionId: 's', message: `${i}` });
    await ben.hear('chat-message', { message: `${i}` });
  }
  const seen = [];
  for (let before = ''; ;) {
    const page = await expectRest(200, server, 'GET', `/api/chat/session/s?limit=5${before}`);
    assert.ok(page.messages.length <= 5);
    seen.unshift(...page.messages.map(({ message }) => Number(message)));
    if (!page.nextCursor) break;
    before = `&before=${encodeURIComponent(page.nextCursor)}`;
  }
  assert.deepEqual(seen, Array.from({ length: 12 }, (_, i) => i));
});

test('source B: the list of sessions', async (t) => {
  const server = await start(t);
  const body = { title: 'Open to all' };
  const room = await expectRest(201, server, 'POST', '/api/rooms', { body });
  const ann = await dial(t, server, 'ann');
  await join(ann, room.roomId, 'Ann');
  const { sessions } = await expectRest(200, server, 'GET', '/api/sessions');
  has(sessions.find(({ sessionId }) => sessionId === room.roomId),
    { title: 'Open to all', participantCount: 1, createdAt: isDate, status: /./ });
});

test('source B: accounts are who their token says', async (t) => {
  const server = await start(t);
  const ann = await dial(t, server, 'ann', { auth: { token: tokens.ann } });
  const ben = await dial(t, server, 'ben', { auth: { token: tokens.ben } });
  await join(ann, 's', 'Ann');
  ben.say('join-session', { sessionId: 's', userId: 'u1', userName: 'Ann' });
  await ben.hear('existing-participants', [who(ann, 'u1', 'Ann')]);
  await ann.hear('user-joined', who(ben, 'u2', 'Ben'));
  ben.say('chat-message', { sessionId: 's', message: 'I am Ann', userId: 'u1', userName: 'Ann' });
  await ann.hear('chat-message', { userId: 'u2', userName: 'Ben' });

  const nobody = new SocketClient(t, server, 'nobody', { ...ways.websocket, auth: { token: 'x' } });
  const error = await nobody.connected().then(() => assert.fail('let in'), (why) => why);
  has(error.data, { code: /./ });
});

test('source B: what is wrong is said, and the connection stays', async (t) => {
  const server = await start(t);
  const [ann, ben] = await Promise.all(['ann', 'ben'].map((name) => dial(t, server, name)));
  await join(ann, 's', 'Ann');
  ben.say('chat-message', { sessionId: 's', message: 'too early', userId: 'x', userName: 'x' });
  await ben.hear('error', refusal());
  ben.say('webrtc-offer', { to: ann.id, offer: 'too early' });
  await ben.hear('error', refusal());
  await join(ben, 's', 'Ben', [ann]);
  const wrong = [
    ...nonsense('join-session'), ...nonsense('chat-message'),
    ['join-session', { sessionId: {} }], ['join-session', { sessionId: 'a b' }],
    ['join-session', { sessionId: 'x'.repeat(65) }],
    ['chat-message', { sessionId: 's' }], ['chat-message', { sessionId: 's', message: 7 }],
    ['chat-message', { sessionId: 's', message: '' }],
    ['chat-message', { sessionId: 's', message: LONG }],
    ['chat-message', { sessionId: 's', message: 'x', messageType: 'video' }],
    ['chat-message', { sessionId: 's', message: 'x', messageType: 'system' }],
    ['chat-message', { sessionId: 'other', message: 'x' }],
    ['webrtc-offer', { offer: 'x' }], ['webrtc-offer', { to: ann.id }],
    ['webrtc-answer', { to: 'nobody', answer: 'x' }],
    ['webrtc-ice-candidate', { to: {}, candidate: {} }],
    ['no-such-event', {}],
  ];
  for (const [event, ...args] of wrong) {
    ben.say(event, ...args);
    await ben.hear('error', refusal(), `to ${show([event, ...args])}`);
    await sleep(100); // within the rates
  }
  await quiet(ann, ben);
  assert.ok(ben.socket.connected);
  has(await ben.ask('chat-message', { sessionId: 's' }), { ok: false, error: refusal() });
  await ben.hear('error');

  const bodies = [{}, { sessionId: 's' }, { sessionId: {}, message: 'x' },
    { sessionId: 's', message: '' }, { sessionId: 's', message: LONG }, [], 'text',
    null];
  for (const body of bodies) {
    const { status, json } = await rest(server, 'POST', '/api/chat', { body });
    assert.ok([400, 413, 422].includes(status), `${JSON.stringify(body)?.slice(0, 50)}: ${status}`);
    has(json, { error: refusal() });
  }
  const nowhere = await rest(server, 'POST', '/api/chat',
    { body: { sessionId: 'nowhere', message: 'x' } });
  assert.equal(nowhere.status, 404);
  assert.equal((await rest(server, 'GET', '/api/chat/session/nowhere')).status, 404);
  await quiet(ann, ben);
});

test('source B: what is huge is refused, and the connection stays', async (t) => {
  const server = await start(t);
  const [ann, ben] = await Promise.all(['ann', 'ben'].map((name) => dial(t, server, name)));
  await join(ann, 's', 'Ann');
  await join(ben, 's', 'Ben', [ann]);
  ann.say('chat-message', { sessionId: 's', message: HUGE });
  await ann.hear('error', refusal());
  ann.say('webrtc-offer', { to: ben.id, offer: 'still here' });
  await ben.hear('webrtc-offer', { offer: 'still here' });
  await quiet(ann, ben);
});

test('source B: who says too much is told so', async (t) => {
  const server = await start(t);
  const ann = await dial(t, server, 'ann');
  const ben = await dial(t, server, 'ben');
  await join(ann, 's', 'Ann');
  await join(ben, 's', 'Ben', [ann]);
  for (let i = 0; i < 40; i++) ann.say('chat-message', { sessionId: 's', message: `${i}` });
  has(await ann.hear('error'), { code: 'RATE_LIMITED', retryAfterMs: (ms) => ms > 0 });
  assert.deepEqual(Object.keys(await count(ben, 20)), ['chat-message']);
  assert.ok(ann.socket.connected);
});
