// POST /api/chat and the histories: a message that was sent as an event is not sent again, who may
// write and read without being there, pages to their end.
import assert from 'node:assert/strict';
import test from 'node:test';

import { endRoom, expectRest, has, isDate, isNow, issue, quiet, refusal, rest, socket, start } from './flow.mjs';
import { all } from './stoa.mjs';

const tokens = {
  ada: issue({ userId: 'u1', username: 'Ada' }),
  bob: issue({ userId: 'u2', username: 'Bob' }),
};

const make = (server, body = {}, options = {}) =>
  expectRest(201, server, 'POST', '/api/rooms', { body, ...options });

const refused = async (status, code, ...request) => {
  const answer = await rest(...request);
  assert.equal(answer.status, status, answer.text);
  return has(answer.json, { error: refusal(code) }).error.message;
};

const say = (server, body, options) =>
  expectRest(201, server, 'POST', '/api/chat', { body, ...options });

const history = (server, id, query = '', options) =>
  expectRest(200, server, 'GET', `/api/chat/session/${id}${query}`, options);

const join = async (t, server, name, sessionId, options) => {
  const client = await socket(t, server, name, options);
  await client.ask('join-session', { sessionId, userId: name, userName: name });
  await client.hear('existing-participants', Array.isArray);
  return client;
};

test('chat by REST', { concurrency: 8 }, async (t) => {
  const server = await start(t, { flags: ['--rate-chat', '100000', '--rate-create', '1000'] });

  await all(t, {
    'what was sent as an event is found, once': async () => {
      const ann = await join(t, server, 'ann', 'once');
      const said = { sessionId: 'once', message: 'Hello 😀', userId: 'ann', userName: 'Ann' };
      const row = await ann.ask('chat-message', said);
      const found = await say(server, said);
      has(found, { id: row.id, _id: row.id, sessionId: 'once', userName: 'ann', message: 'Hello 😀',
        messageType: 'text', createdAt: isDate, updatedAt: isDate, timestamp: isNow });
      await quiet(ann);
      const more = await say(server, said);
      assert.notEqual(more.id, row.id, 'the second time it is another message');
      await ann.hear('chat-message', { id: more.id, userName: 'Ann' });
      const { messages } = await history(server, 'once');
      assert.deepEqual(messages.map(({ id }) => id), [row.id, more.id]);
    },
    'by its own id, or by author and text; and nothing else': async () => {
      const ann = await join(t, server, 'ann', 'match');
      const event = { sessionId: 'match', message: 'hi', userId: 7, clientId: 'c1' };
      const { id } = await ann.ask('chat-message', event);
      for (const other of [{ userId: '8' }, { message: 'ho', clientId: undefined }, { clientId: 'c2' }]) {
        const row = await say(server, { ...event, ...other });
        assert.notEqual(row.id, id);
        await ann.hear('chat-message', { id: row.id });
      }
      assert.equal((await say(server, event)).id, id);
      await quiet(ann);
    },
    'a message that was deleted meanwhile is not said again': async () => {
      const ann = await join(t, server, 'ann', 'gone');
      const said = { sessionId: 'gone', message: 'oops', userId: 'ann' };
      const { id } = await ann.ask('chat-message', said);
      const host = await socket(t, server, 'host', undefined, '/rooms');
      await host.ask('joinRoom', { roomId: 'gone', name: 'host' });
      await ann.hear('user-joined');
      await new Promise((resolve) => { ann.socket.emit('chat:delete', { roomId: 'gone', messageId: id }, resolve); });
      await refused(404, 'NOT_FOUND', server, 'POST', '/api/chat', { body: said });
    },
    'who is not there writes into an open room': async () => {
      const ann = await join(t, server, 'ann', 'open');
      const row = await say(server, { sessionId: 'open', message: 'from outside', userName: ' Bo ',
        messageType: 'emoji', userId: 'u1' });
      has(row, { userName: 'Bo', messageType: 'emoji', userId: /^g_/ });
      await ann.hear('chat-message', { id: row.id, userId: row.userId, userName: 'Bo' });
      has(await say(server, { sessionId: 'open', message: 'x' }), { userName: 'Guest' });
      await ann.hear('chat-message', { userName: 'Guest' });
      const own = await say(server, { sessionId: 'open', message: 'y', userName: 'Not me', userId: 'u2' },
        { token: tokens.ada });
      has(own, { userId: 'u1', userName: 'Ada' });
      await ann.hear('chat-message', { userId: 'u1', userName: 'Ada' });
      await quiet(ann);
    },
    'a member with an account is not told of its own': async () => {
      const ada = await join(t, server, 'ada', 'own', { auth: { token: tokens.ada } });
      const ben = await join(t, server, 'ben', 'own');
      await ada.hear('user-joined');
      has(await say(server, { sessionId: 'own', message: 'mine' }, { token: tokens.ada }), { userId: 'u1' });
      await ben.hear('chat-message', { message: 'mine', userName: 'Ada' });
      await quiet(ada, ben);
    },
    'every language hears it': async () => {
      const { id } = await make(server);
      const study = await socket(t, server, 'study', undefined, '/rooms');
      await study.ask('joinRoom', { roomId: id, name: 'A' });
      await study.hear('joined');
      const row = await say(server, { sessionId: id, message: 'all', userName: 'Bo' });
      await study.hear('chat:message', { message: { id: row.id, text: 'all', name: 'Bo', senderId: row.userId } });
    },
    'where one has to be let in, one does not write': async () => {
      const cases = { approval: { approval: true }, locked: { locked: true },
        interview: { mode: 'interview', approval: false } };
      for (const [what, settings] of Object.entries(cases)) {
        const { id } = await make(server, settings, { token: tokens.ada });
        const body = { sessionId: id, message: 'x', userName: 'Bo' };
        await refused(403, 'NOT_IN_ROOM', server, 'POST', '/api/chat', { body });
        await refused(403, 'NOT_IN_ROOM', server, 'POST', '/api/chat', { body, token: tokens.bob });
        has(await say(server, body, { token: tokens.ada }), { userId: 'u1' }, what);
      }
    },
    'who was removed writes no more, and reads no more': async () => {
      const { id } = await make(server, {}, { token: tokens.ada });
      const ada = await socket(t, server, 'ada', { auth: { token: tokens.ada } }, '/rooms');
      const bob = await join(t, server, 'bob', id, { auth: { token: tokens.bob } });
      await ada.ask('joinRoom', { roomId: id, name: 'Ada' });
      await ada.ask('control:kick', { roomId: id, userId: 'u2', targetSocketId: bob.id });
      await bob.hear('user-joined');
      await bob.hear('kicked');
      const body = { sessionId: id, message: 'x' };
      await refused(403, 'KICKED', server, 'POST', '/api/chat', { body, token: tokens.bob });
      await refused(403, 'KICKED', server, 'GET', `/api/chat/session/${id}`, { token: tokens.bob });
    },
    'private messages are for two': async () => {
      const { id } = await make(server);
      const ada = await socket(t, server, 'ada', { auth: { token: tokens.ada } }, '/rooms');
      const bob = await socket(t, server, 'bob', { auth: { token: tokens.bob } }, '/rooms');
      for (const one of [ada, bob]) await one.ask('joinRoom', { roomId: id, name: 'x' });
      await ada.ask('chat:message', { roomId: id, text: 'for all' });
      await ada.ask('chat:message', { roomId: id, text: 'for you', to: 'u2' });
      const texts = async (path, token) => (await expectRest(200, server, 'GET', path, { token })).messages
        .map((row) => row.text ?? row.message);
      for (const path of [`/api/rooms/${id}/messages`, `/api/chat/session/${id}`]) {
        assert.deepEqual(await texts(path), ['for all']);
        assert.deepEqual(await texts(path, issue({ userId: 'u3', username: 'x' })), ['for all']);
        for (const token of [tokens.ada, tokens.bob])
          assert.deepEqual(await texts(path, token), ['for all', 'for you']);
      }
    },
    'what is wrong': async () => {
      const { id } = await make(server);
      const wrong = [{}, { sessionId: id }, { message: 'x' }, { sessionId: id, message: '' },
        { sessionId: id, message: 7 }, { sessionId: id, message: 'x'.repeat(8001) },
        { sessionId: id, message: 'a\u0007b' }, { sessionId: id, message: 'x', messageType: 'video' },
        { sessionId: id, message: 'x', userName: 'a\nb' }, { sessionId: 'a b', message: 'x' },
        { sessionId: id, message: 'x', userId: 'u'.repeat(300) }];
      for (const body of wrong) await refused(400, 'BAD_FIELD', server, 'POST', '/api/chat', { body });
      await refused(403, 'FORBIDDEN', server, 'POST', '/api/chat',
        { body: { sessionId: id, message: 'x', messageType: 'system' } });
      await refused(404, 'ROOM_NOT_FOUND', server, 'POST', '/api/chat', { body: { sessionId: 'none', message: 'x' } });
      await refused(404, 'ROOM_NOT_FOUND', server, 'GET', '/api/chat/session/none');
      for (const query of ['before=x', 'before=0', 'before=-1', 'limit=0', `before=${'9'.repeat(30)}`])
        await refused(400, 'BAD_FIELD', server, 'GET', `/api/chat/session/${id}?${query}`);
      assert.deepEqual(await history(server, id, '?limit=1000&before=&x=1'), { messages: [], nextCursor: null });
      await expectRest(204, server, 'DELETE', `/api/rooms/${id}`,
        { headers: { 'X-Creation-Key': (await make(server)).creationKey } }).catch(() => {});
    },
    'an ended room is read, and not written': async () => {
      const { id } = await make(server, {}, { token: tokens.ada });
      await say(server, { sessionId: id, message: 'last' });
      await endRoom(t, server, id, tokens.ada);
      await refused(409, 'ROOM_ENDED', server, 'POST', '/api/chat', { body: { sessionId: id, message: 'x' } });
      has((await history(server, id)).messages, [{ message: 'last' }]);
    },
    '450 messages, page by page, to the end': async () => {
      const { id } = await make(server);
      for (let i = 0; i < 450; i++) await say(server, { sessionId: id, message: `m${i}` });
      for (const [path, key, limit, sizes] of [[`/api/chat/session/${id}`, 'message', 200, [200, 200, 50]],
        [`/api/rooms/${id}/messages`, 'text', 45, Array(10).fill(45)]]) {
        const pages = [];
        for (let cursor = ''; cursor !== null;) {
          const page = await expectRest(200, server, 'GET',
            `${path}?limit=${limit}${cursor && `&before=${cursor}`}`);
          pages.unshift(page.messages.map((row) => row[key]));
          cursor = page.nextCursor;
        }
        assert.deepEqual(pages.map((page) => page.length).reverse(), sizes);
        assert.deepEqual(pages.flat(), Array.from({ length: 450 }, (_, i) => `m${i}`));
      }
      assert.equal((await history(server, id)).messages.length, 50);
    },
    'long messages make short pages': async () => {
      const { id } = await make(server);
      for (let i = 0; i < 60; i++) await say(server, { sessionId: id, message: `${i % 10}${'😀'.repeat(7999)}` });
      const first = await history(server, id, '?limit=200');
      assert.ok(first.messages.length < 45, `${first.messages.length}`);
      const second = await history(server, id, `?limit=200&before=${first.nextCursor}`);
      assert.equal(first.messages.length + second.messages.length, 60);
      assert.equal(second.nextCursor, null);
    },
  });
});

test('chat by REST: too much', async (t) => {
  const server = await start(t);
  const { id } = await make(server, {}, { token: tokens.ada });
  const body = { sessionId: id, message: 'x' };
  /** So many at once: so many pass, and more for every second that it takes. */
  const many = async (n, burst, options) => {
    const began = performance.now();
    const codes = await Promise.all(Array.from({ length: n }, async () =>
      (await rest(server, 'POST', '/api/chat', { body, ...options })).status));
    const passed = codes.filter((status) => status === 201).length;
    const most = burst + 1 + (burst / 2) * (performance.now() - began) / 1000;
    assert.ok(passed >= burst && passed <= most, `${passed} of ${burst} to ${most}`);
    assert.ok(codes.every((status) => status === 201 || status === 429), `${codes}`);
  };
  await many(100, 20); // by address
  await many(150, 40, { token: tokens.ada }); // by account
});
