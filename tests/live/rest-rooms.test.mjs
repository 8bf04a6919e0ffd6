// /api/rooms and what belongs to it: who sees and may do what, pages to their end, and requests as
// they should not be.
import assert from 'node:assert/strict';
import test from 'node:test';

import { each, endRoom, expectRest, has, isDate, issue, refusal, rest, socket, start } from './flow.mjs';
import { all, errorCode, eventually, get, Wire } from './stoa.mjs';

const tokens = {
  ada: issue({ userId: 'u1', username: 'Ada' }),
  bob: issue({ userId: 'u2', username: 'Bob' }),
  root: issue({ userId: 'u0', username: 'Root', admin: true }),
  guest: issue({ userId: 'g1', username: 'Gus', guest: true }),
  old: issue({ userId: 'u1', username: 'Ada', exp: 1 }),
};

const make = (server, body = {}, options = {}) =>
  expectRest(201, server, 'POST', '/api/rooms', { body, ...options });

const refused = async (status, code, ...request) => {
  const answer = await rest(...request);
  assert.equal(answer.status, status, answer.text);
  return has(answer.json, { error: refusal(code) }).error.message;
};

/** All rows of a list, page by page. */
const walk = async (server, path, name, limit, options) => {
  const pages = [];
  for (let cursor = ''; ;) {
    const page = await expectRest(200, server, 'GET', `${path}?limit=${limit}${cursor}`, options);
    pages.push(page[name]);
    if (page.nextCursor === null) return pages;
    assert.equal(typeof page.nextCursor, 'string');
    cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`;
  }
};

test('rooms by REST', { concurrency: 8 }, async (t) => {
  const server = await start(t, { flags: ['--rate-create', '10000', '--ice-turn', 'turn:t.example',
    '--ice-turn-secret', 'a secret of thirty-two bytes, at least'] });

  await all(t, {
    'one without an account is public, and its key comes once': async () => {
      const answer = await rest(server, 'POST', '/api/rooms', { body: { title: '  Open  ' } });
      assert.equal(answer.status, 201);
      const room = has(answer.json, { title: 'Open', name: 'Open', ownerId: null, status: 'LIVE',
        participants: [], createdAt: isDate, settings: { mode: 'study', isPublic: true },
        joinLink: /\/room\// });
      for (const key of ['_id', 'roomId', 'code']) assert.equal(room[key], room.id);
      assert.match(room.id, /^[A-Za-z0-9]{6}$/);
      assert.match(room.creationKey, /^[0-9a-f]{44}$/);
      assert.equal(answer.headers.location, `/api/rooms/${room.id}`);
      assert.deepEqual(answer.headers['set-cookie'],
        [`stoa_creator=${room.id}.${room.creationKey}; Path=/; HttpOnly; SameSite=Lax`]);
      const shown = await expectRest(200, server, 'GET', answer.headers.location);
      assert.equal(shown.creationKey, undefined);
      has(shown, { id: room.id, participantCount: 0 });
    },
    'one of an account is its own, and not listed': async () => {
      const answer = await rest(server, 'POST', '/api/rooms', { body: { name: 'Mine' }, token: tokens.ada });
      has(answer.json, { title: 'Mine', ownerId: 'u1', settings: { isPublic: false } });
      assert.equal(answer.json.creationKey, undefined);
      assert.equal(answer.headers['set-cookie'], undefined);
      assert.equal(answer.json.id.length, 10, 'to know its name is enough');
      const { rooms } = await expectRest(200, server, 'GET', '/api/rooms?limit=200');
      assert.ok(!rooms.some(({ id }) => id === answer.json.id));
      const own = await expectRest(200, server, 'GET', '/api/rooms?limit=200', { token: tokens.ada });
      assert.ok(own.rooms.some(({ id }) => id === answer.json.id));
    },
    'a guest\'s token owns nothing': async () => {
      has(await make(server, {}, { token: tokens.guest }), { ownerId: null, creationKey: /./ });
    },
    'settings stand in an object or beside the title; the object wins': async () => {
      const room = await make(server, { roomname: 'x', maxPeers: 7, isPublic: false, duration: 0.5,
        mode: 'focus', timer: { focusMinutes: 0.01 }, unknown: { deep: [1] },
        settings: { maxParticipants: 9, question: 'Why? 😀', iceTransportPolicy: 'relay' } });
      has(room.settings, { mode: 'focus', isPublic: false, maxParticipants: 9, durationMinutes: 0.5,
        question: 'Why? 😀', iceTransportPolicy: 'relay', timer: { focusMinutes: 0.01 } });
      has((await make(server, { maxPeers: 7 })).settings, { maxParticipants: 7 });
    },
    'an interview is private and guarded unless told otherwise': async () => {
      has((await make(server, { mode: 'interview' })),
        { status: 'WAITING', settings: { isPublic: false, approval: true } });
    },
    'a name of one\'s own, which is taken then': async () => {
      await make(server, { id: 'my-room_1' });
      await refused(409, 'CONFLICT', server, 'POST', '/api/rooms', { body: { roomId: 'my-room_1' } });
      for (const id of ['a b', 'a.b', 'a/b', 'x'.repeat(65), { a: 1 }])
        await refused(400, 'BAD_FIELD', server, 'POST', '/api/rooms', { body: { id } });
    },
    'what does not fit is refused': async () => {
      const wrong = [{ title: 7 }, { title: 'x'.repeat(201) }, { title: 'a\nb' }, { maxPeers: -1 },
        { maxPeers: 'many' }, { settings: [] }, { settings: { mode: 'party' } },
        { timer: { focusMinutes: 0.001 } }, { duration: 0.0001 }, { question: 'x'.repeat(20_001) }];
      for (const body of wrong) await refused(400, 'BAD_FIELD', server, 'POST', '/api/rooms', { body });
      for (const body of [[], 'text', 7, null])
        has((await rest(server, 'POST', '/api/rooms', { body })).json, { error: refusal() });
    },
    'bodies that are no JSON, or too much of it': async () => {
      const post = (body, type = 'application/json') => fetch(`${server.url}/api/rooms`,
        { method: 'POST', body, headers: { 'Content-Type': type } });
      const code = async (response) => [response.status, (await response.json()).error.code];
      for (const text of ['{', '{"a":}', '{"title":"\ud800"', '\u0000', '{"a":1}x', `${'['.repeat(5000)}`])
        assert.equal((await post(text)).status, 400, text.slice(0, 20));
      assert.equal((await post(Buffer.from('{"title":"\xff"}', 'latin1'))).status, 400);
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', ''])
        assert.deepEqual(await code(await post('{}', type)), [415, 'UNSUPPORTED_MEDIA'], type);
      assert.equal((await post('{}', 'Application/JSON; charset=UTF-8')).status, 201);
      assert.deepEqual(await code(await post(JSON.stringify({ x: 'x'.repeat(300_000) }))), [413, 'TOO_BIG']);
      const widest = '\\ud83d\\ude00'.repeat(20_000); // escaped as wide as can be
      assert.equal((await post(`{"question":"${widest}"}`)).status, 201);
      assert.equal((await fetch(`${server.url}/api/rooms`, { method: 'POST' })).status, 201, 'none at all');
    },
    'HEAD, OPTIONS, other methods': async () => {
      const { id } = await make(server);
      const shown = await get(server.port, `/api/rooms/${id}`);
      const head = await get(server.port, `/api/rooms/${id}`, {}, 'HEAD');
      assert.deepEqual([head.status, head.headers['content-length']],
        [200, shown.headers['content-length']]);
      assert.equal(head.headers['cache-control'], 'no-store');
      assert.equal((await get(server.port, '/api/rooms/none', {}, 'HEAD')).status, 404);
      const options = await get(server.port, `/api/rooms/${id}`, {}, 'OPTIONS');
      assert.deepEqual([options.status, options.headers.allow], [204, 'GET, HEAD, DELETE, OPTIONS']);
      const put = await get(server.port, '/api/rooms', {}, 'PUT');
      assert.deepEqual([put.status, errorCode(put), put.headers.allow],
        [405, 'METHOD_NOT_ALLOWED', 'GET, HEAD, POST, OPTIONS']);
    },
    'ids that are of no room': async () => {
      for (const id of ['none', 'a%20b', '%F0%9F%98%80', 'x'.repeat(65), 'x'.repeat(3000), '..%5c'])
        await refused(404, /^(ROOM_)?NOT_FOUND$/, server, 'GET', `/api/rooms/${id}`);
    },
    'tokens that are not to be believed': async () => {
      for (const token of ['x', tokens.old, `${tokens.ada}x`, issue({ userId: 'u1' }, 'another secret')]) {
        const answer = await rest(server, 'GET', '/api/rooms', { token });
        assert.equal(answer.status, 401);
        assert.equal(answer.headers['www-authenticate'], 'Bearer');
        has(answer.json, { error: refusal('UNAUTHORIZED') });
      }
    },
    'a guarded room shows strangers its door': async () => {
      const { id } = await make(server, { title: 'Guarded', approval: true, isPublic: true,
        question: 'secret' }, { token: tokens.ada });
      const door = await expectRest(200, server, 'GET', `/api/rooms/${id}`, { token: tokens.bob });
      assert.deepEqual(door, { _id: id, id, roomId: id, code: id, title: 'Guarded', name: 'Guarded',
        status: 'LIVE', settings: { approval: true, locked: false } });
      const { rooms } = await expectRest(200, server, 'GET', '/api/rooms?limit=200');
      assert.deepEqual(rooms.find((room) => room.id === id), door);
      await refused(403, 'NOT_IN_ROOM', server, 'GET', `/api/rooms/${id}/messages`);
      await refused(403, 'NOT_IN_ROOM', server, 'GET', `/api/chat/session/${id}`, { token: tokens.bob });
      for (const token of [tokens.ada, tokens.root])
        has(await expectRest(200, server, 'GET', `/api/rooms/${id}`, { token }),
          { ownerId: 'u1', settings: { question: 'secret' } });
    },
    'an owner deletes the room, and an administrator; nobody else': async () => {
      for (const token of [tokens.ada, tokens.root]) {
        const { id } = await make(server, {}, { token: tokens.ada });
        const path = `/api/rooms/${id}`;
        const ann = await socket(t, server, 'Ann');
        assert.equal((await ann.ask('join-room', { roomId: id, displayName: 'Ann' })).ok, true);
        await ann.hear('peers', { peers: [] });
        await refused(403, 'FORBIDDEN', server, 'DELETE', path);
        await refused(403, 'FORBIDDEN', server, 'DELETE', path, { token: tokens.bob });
        await refused(403, 'FORBIDDEN', server, 'DELETE', path,
          { headers: { 'X-Creation-Key': '0'.repeat(44) } });
        await expectRest(204, server, 'DELETE', path, { token });
        await ann.hear('room-ended', { message: /./ });
        await refused(404, 'ROOM_NOT_FOUND', server, 'DELETE', path, { token });
        await refused(404, 'ROOM_NOT_FOUND', server, 'GET', path);
        const again = await ann.ask('join-room', { roomId: id, displayName: 'Ann' });
        has(again, { ok: false, error: refusal('ROOM_NOT_FOUND') });
      }
      const { id } = await make(server, {}, { token: tokens.ada });
      await endRoom(t, server, id, tokens.ada);
      has(await expectRest(200, server, 'GET', `/api/rooms/${id}`), { status: 'ENDED', endedAt: isDate });
      await expectRest(204, server, 'DELETE', `/api/rooms/${id}`, { token: tokens.ada });
      await refused(404, 'ROOM_NOT_FOUND', server, 'GET', `/api/rooms/${id}`);
      await refused(404, 'ROOM_NOT_FOUND', server, 'DELETE', '/api/rooms/none', { token: tokens.root });
    },
    'a key ends the room, as a header or a cookie that counts': async () => {
      const rooms = [];
      let cookie;
      for (let i = 0; i < 9; i++) {
        const { json, headers } = await rest(server, 'POST', '/api/rooms',
          { body: {}, headers: { origin: server.url, ...(cookie && { cookie }) } });
        rooms.push(json);
        [cookie] = headers['set-cookie'][0].split(';');
      }
      assert.equal(cookie.split('~').length, 8, 'the newest ones');
      const end = (room, headers) => rest(server, 'DELETE', `/api/rooms/${room.id}`, { headers });
      const origin = server.url;
      assert.equal((await end(rooms[0], { cookie, origin })).status, 403, 'the oldest dropped off');
      assert.equal((await end(rooms[1], { cookie })).status, 403, 'by whom?');
      assert.equal((await end(rooms[1], { cookie, 'Sec-Fetch-Site': 'same-origin' })).status, 403);
      const evil = await end(rooms[1], { cookie, origin: 'http://evil.example' });
      assert.deepEqual([evil.status, evil.json.error.code], [403, 'BAD_ORIGIN']);
      assert.equal((await end(rooms[1], { cookie, origin })).status, 204);
      assert.equal((await end(rooms[8], { cookie: `a=b; ${cookie}; c=d`, origin })).status, 204);
      assert.equal((await end(rooms[2], { 'X-Creation-Key': rooms[3].creationKey })).status, 403);
      assert.equal((await end(rooms[2], { 'X-Creation-Key': rooms[2].creationKey })).status, 204);
    },
    'who is there is counted': async () => {
      const { id } = await make(server);
      const people = await Promise.all(['a', 'b'].map((name) => socket(t, server, name)));
      for (const [i, one] of people.entries()) {
        await one.ask('join-room', { roomId: id, displayName: one.name });
        await one.hear('peers');
        await each(people.slice(0, i), 'peer-joined');
      }
      has(await expectRest(200, server, 'GET', `/api/rooms/${id}`),
        { participantCount: 2, participants: [{ name: 'a', joinedAt: isDate }, { name: 'b' }] });
      const { rooms } = await expectRest(200, server, 'GET', '/api/rooms?limit=200');
      has(rooms.find((room) => room.id === id), { participantCount: 2 });
    },
    'ICE servers, with a pass for the one who asks': async () => {
      const servers = await expectRest(200, server, 'GET', '/api/ice-servers', { token: tokens.ada });
      has(servers.at(-1), { urls: ['turn:t.example'], username: /^\d+:u1$/, credential: /./ });
      const others = await expectRest(200, server, 'GET', '/api/ice-servers');
      has(others.at(-1), { username: /^\d+:guest$/ });
    },
    'clients that go while they wait': async () => {
      const { id } = await make(server);
      const asked = ['GET /api/rooms', `GET /api/rooms/${id}`, `GET /api/rooms/${id}/messages`,
        'GET /rooms', 'GET /api/rooms/none', 'POST /api/rooms'];
      for (let i = 0; i < 120; i++) {
        const wire = await Wire.open(server.port);
        wire.send(`${asked[i % asked.length]} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n`);
        if (i % 2) wire.socket.resetAndDestroy();
        else wire.close();
      }
      await eventually(async () => (await rest(server, 'GET', '/api/ice-servers')).status === 200, 'life');
    },
  });
});

test('rooms by REST: pages', async (t) => {
  const server = await start(t, { flags: ['--rate-create', '10000'] });
  const made = async (body, n) => {
    const rooms = [];
    for (let i = 0; i < n; i++) rooms.push(await make(server, body));
    const key = (room) => `${room.createdAt} ${room.id}`; // in one millisecond, by name
    return rooms.sort((a, b) => (key(a) < key(b) ? 1 : -1)).map(({ id }) => id);
  };
  const ids = await made({ title: 'x' }, 120);
  await new Promise((resolve) => { setTimeout(resolve, 5); }); // in another millisecond
  const mine = (await make(server, {}, { token: tokens.ada })).id;

  await t.test('each room once, the newest first', async () => {
    for (const [path, name, key] of [['/api/rooms', 'rooms', 'id'], ['/rooms', 'rooms', 'room_id'],
      ['/api/sessions', 'sessions', 'sessionId']]) {
      const pages = await walk(server, path, name, 50);
      assert.deepEqual(pages.map((page) => page.length), [50, 50, 20]);
      assert.deepEqual(pages.flat().map((row) => row[key]), ids, path);
    }
    const own = await walk(server, '/api/rooms', 'rooms', 121, { token: tokens.ada });
    assert.deepEqual(own.map((page) => page.length), [121]);
    assert.equal(own[0][0].id, mine);
    assert.equal((await expectRest(200, server, 'GET', '/api/rooms')).rooms.length, 50);
    assert.equal((await expectRest(200, server, 'GET', '/api/rooms?limit=1000')).rooms.length, 120);
  });
  await t.test('no such page', async () => {
    for (const query of ['limit=0', 'limit=-1', 'limit=x', 'cursor=none', `cursor=${'x'.repeat(65)}`])
      await refused(400, 'BAD_FIELD', server, 'GET', `/api/rooms?${query}`);
    const asked = await expectRest(200, server, 'GET', '/api/rooms?limit=2&other=1&cursor=');
    assert.equal(asked.rooms.length, 2);
  });
  await t.test('large rooms make short pages', async () => {
    const long = await made({ question: 'ä'.repeat(20_000) }, 70);
    const pages = await walk(server, '/api/rooms', 'rooms', 200);
    assert.ok(pages.length > 2 && pages[0].length < 40, `${pages.map((page) => page.length)}`);
    assert.deepEqual(pages.flat().map(({ id }) => id), [...long, ...ids]);
  });
});

test('rooms by REST: where nobody comes in without a token', async (t) => {
  const server = await start(t, { flags: ['--auth-mode', 'required'] });
  for (const [method, path] of [['GET', '/api/rooms'], ['POST', '/api/rooms'], ['GET', '/rooms'],
    ['POST', '/api/chat'], ['GET', '/api/ice-servers'], ['DELETE', '/api/rooms/x']]) {
    await refused(401, 'UNAUTHORIZED', server, method, path);
    await refused(401, 'UNAUTHORIZED', server, method, path, { token: tokens.guest });
  }
  has(await make(server, {}, { token: tokens.ada }), { ownerId: 'u1' });
});

test('rooms by REST: where nobody\'s rooms are everybody\'s', async (t) => {
  const server = await start(t, { flags: ['--auth-mode', 'open'] });
  await expectRest(204, server, 'DELETE', `/api/rooms/${(await make(server)).id}`);
  const owned = await make(server, {}, { token: tokens.ada });
  await refused(403, 'FORBIDDEN', server, 'DELETE', `/api/rooms/${owned.id}`);
});

test('rooms by REST: too many', async (t) => {
  const server = await start(t, { flags: ['--room-limit', '30'] });
  for (let i = 0; i < 30; i++) await make(server, {}, { token: tokens.ada });
  await refused(503, 'ROOM_LIMIT', server, 'POST', '/api/rooms', { token: tokens.bob });
  const slow = await start(t, { flags: ['--rate-create', '1'] });
  /** Makes rooms until one is refused; gives that answer. Twenty, and one for every second. */
  const untilRefused = async (tokenOf) => {
    const began = performance.now();
    const make4 = (from) => Promise.all([0, 1, 2, 3].map((i) =>
      rest(slow, 'POST', '/api/rooms', { token: tokenOf(from + i) })));
    const answers = [];
    while (answers.every(({ status }) => status === 201)) answers.push(...await make4(answers.length));
    const made = answers.filter(({ status }) => status === 201).length;
    const most = 20 + Math.ceil((performance.now() - began) / 1000);
    assert.ok(made >= 20 && made <= most, `${made} of ${most}`);
    return answers.find(({ status }) => status !== 201);
  };
  const own = await untilRefused(() => tokens.ada);
  assert.deepEqual([own.status, own.headers['retry-after']], [429, '1'], 'by account');
  await make(slow, {}, { token: tokens.bob });
  const guests = await untilRefused((i) => issue({ userId: `g${i}`, username: 'g', guest: true }));
  assert.equal(guests.status, 429, 'guests by address');
});

test('rooms by REST: pages of other sites', async (t) => {
  const server = await start(t, { flags: ['--cors-origins', 'https://app.example'] });
  const ours = { origin: 'https://app.example' };
  const answer = await rest(server, 'POST', '/api/rooms', { body: {}, headers: ours });
  assert.deepEqual([answer.status, answer.headers['access-control-allow-origin']], [201, ours.origin]);
  const evil = { origin: 'https://evil.example' };
  await refused(403, 'BAD_ORIGIN', server, 'POST', '/api/rooms', { body: {}, headers: evil });
  await refused(403, 'BAD_ORIGIN', server, 'POST', '/rooms/x/reset', { headers: evil });
  const read = await rest(server, 'GET', '/api/rooms', { headers: evil });
  assert.deepEqual([read.status, read.headers['access-control-allow-origin']], [200, undefined]);
  const preflight = await get(server.port, '/api/rooms', { Origin: ours.origin,
    'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'content-type' }, 'OPTIONS');
  assert.equal(preflight.headers['access-control-allow-methods'], 'GET, HEAD, POST, OPTIONS');
});

test('rooms by REST: under TLS the cookie is for TLS', async (t) => {
  const server = await start(t, { secure: true });
  const { headers } = await rest(server, 'POST', '/api/rooms', { body: {} });
  assert.match(headers['set-cookie'][0], /; Secure$/);
});
