// Accounts: signing up, logging in and out, changing and leaving, by header and by cookie; tokens
// that end, over REST and in every language; who tries passwords, and who only wants to know
// whether somebody is here; log-ins by the hundred; and that no secret is ever in the log.
import assert from 'node:assert/strict';
import http from 'node:http';
import os from 'node:os';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';

import { expectRest, has, isDate, issue, JWT_SECRET, refusal, rest, start } from './flow.mjs';
import { all, eventually, program, stoa, Wire, within } from './stoa.mjs';

const PASSWORD = 'correct horse battery';
const CHEAP = ['--auth-password-memory', '8MiB', '--auth-password-passes', '1'];
const FREE = ['--rate-login', '1000000', '--rate-login-address', '1000000'];
const UNKNOWN = { code: 'WRONG_LOGIN', message: 'The address or the password is wrong.' };
const SOAK = process.env.SOAK && process.env.SOAK !== '0' ? 10 : 1;

const INTERVIEW = { roomname: 'x', maxGuests: 2, question: 'y', duration: 60 };

let number = 0;

/** Somebody who has just come: `{ user, token, email, cookie }`. */
const signup = async (server, more = {}) => {
  const email = `p${number++}@example.org`;
  const body = { name: 'Ada', email, password: PASSWORD, ...more };
  const { status, json, headers, text } =
    await rest(server, 'POST', '/api/auth/signup', { body });
  assert.equal(status, 201, text);
  return { ...json, email: body.email, cookie: headers['set-cookie'][0].split(';')[0] };
};

const login = (server, email, password = PASSWORD, options = {}) =>
  rest(server, 'POST', '/api/auth/login', { body: { email, password }, ...options });

const refused = async (status, code, ...request) => {
  const answer = await rest(...request);
  assert.equal(answer.status, status, `${request[1]} ${request[2]}: ${answer.text}`);
  return has(answer.json, { error: refusal(code) }).error.message;
};

/** Who the server takes the asker for: an id, or null. */
const whois = async (server, options) => {
  const { status, json } = await rest(server, 'GET', '/api/auth/me', options);
  return status === 200 ? json.user.id : null;
};

const origin = (server) => new URL(server.url).origin;
const withCookie = (server, cookie, more = {}) =>
  ({ headers: { cookie, origin: origin(server), ...more } });

const claims = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

test('accounts', { concurrency: 8 }, async (t) => {
  const server = await start(t, { flags: [...CHEAP, ...FREE] });

  await all(t, {
    'come': async () => {
      const { status, json, headers } = await rest(server, 'POST', '/api/auth/signup',
        { body: { name: '  Ada ', email: ' Ada.L@Example.ORG ', password: PASSWORD } });
      assert.equal(status, 201);
      const id = json.user.id;
      assert.match(id, /^u_[\w-]{20}$/);
      assert.deepEqual(Object.keys(json), ['user', 'token']);
      has(json.user, { _id: id, userId: id, name: 'Ada', displayName: 'Ada', guest: false,
        email: 'ada.l@example.org', avatarUrl: null, createdAt: isDate });
      assert.equal(headers['cache-control'], 'no-store');
      assert.equal(headers['set-cookie'][0],
        `stoa_session=${json.token}; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax`);
      const said = claims(json.token);
      has(said, { sub: id, name: 'Ada', jti: /^[\w-]{20}$/ });
      assert.equal(said.exp - said.iat, 604800);
      assert.equal(said.email, undefined);
      assert.equal(await whois(server, { token: json.token }), id);
      const message = await refused(409, 'EMAIL_TAKEN', server, 'POST', '/api/auth/signup',
        { body: { name: 'Eve', email: 'ADA.L@example.org', password: 'another password' } });
      assert.ok(!message.includes('ada'));
    },
    'log in': async () => {
      const ada = await signup(server);
      const { status, json, headers } = await login(server, ` ${ada.email.toUpperCase()} `);
      assert.equal(status, 200);
      has(json, { user: { id: ada.user.id, email: ada.email }, token: /./ });
      assert.notEqual(json.token, ada.token);
      assert.ok(headers['set-cookie'][0].startsWith(`stoa_session=${json.token}; `));
      for (const token of [ada.token, json.token])
        assert.equal(await whois(server, { token }), ada.user.id);
      const long = `${'ä'.repeat(512)}`;
      const bob = await signup(server, { password: long });
      assert.equal((await login(server, bob.email, long)).status, 200);
      assert.equal((await login(server, bob.email, `${long.slice(0, -1)}b`)).status, 401);
    },
    'must be sound': async () => {
      const good = { name: 'Ada', email: 'sound@example.org', password: PASSWORD };
      const bad = [{ email: 'nobody' }, { email: '' }, { email: 'a@b@c' }, { email: 7 },
        { email: `${'x'.repeat(250)}@a.b` }, { name: '' }, { name: 'a\nb' }, { name: 'x'.repeat(101) },
        { password: '1234567' }, { password: 'x'.repeat(1025) }, { password: 'ä'.repeat(600) },
        { password: 'with\u0000zero' }, { password: ['correct horse'] }, { password: undefined },
        { name: undefined }, { email: undefined }, { email: { $ne: null } }];
      for (const part of bad)
        await refused(400, 'BAD_FIELD', server, 'POST', '/api/auth/signup', { body: { ...good, ...part } });
      await refused(400, 'BAD_FIELD', server, 'POST', '/api/auth/login', { body: {} });
      const form = await rest(server, 'POST', '/api/auth/login', { body: good,
        headers: { 'content-type': 'text/plain' } });
      assert.equal(form.status, 415, 'a form of another page is no log-in');
      assert.equal((await login(server, good.email)).status, 401, 'nobody has come of all that');
    },
    'show themselves': async () => {
      const ada = await signup(server);
      const { user } = await expectRest(200, server, 'GET', '/api/auth/me', { token: ada.token });
      assert.deepEqual(user, ada.user);
      await refused(401, 'UNAUTHORIZED', server, 'GET', '/api/auth/me');
      await refused(401, 'UNAUTHORIZED', server, 'GET', '/api/auth/me', { token: `${ada.token}x` });
      const guest = issue({ userId: 'g1', username: 'Gus', guest: true });
      const shown = await expectRest(200, server, 'GET', '/api/auth/me', { token: guest });
      assert.deepEqual(shown, { user: { _id: 'g1', id: 'g1', userId: 'g1', name: 'Gus',
        displayName: 'Gus', avatarUrl: null, guest: true, createdAt: null } });
    },
    'change their name and picture': async () => {
      const ada = await signup(server);
      const change = (body, token = ada.token) =>
        rest(server, 'PATCH', '/api/auth/me', { body, token });
      const { status, json, headers } = await change({ name: ' Ada L. ', avatarUrl: '/files/a.png' });
      assert.equal(status, 200);
      has(json.user, { id: ada.user.id, name: 'Ada L.', displayName: 'Ada L.', avatarUrl: '/files/a.png' });
      has(claims(json.token), { name: 'Ada L.', avatarUrl: '/files/a.png' });
      assert.ok(headers['set-cookie'][0].startsWith(`stoa_session=${json.token};`));
      for (const token of [ada.token, json.token])
        assert.equal(await whois(server, { token }), ada.user.id, 'both hold');
      has((await change({})).json.user, { name: 'Ada L.', avatarUrl: '/files/a.png' });
      has((await change({ avatarUrl: '' })).json.user, { name: 'Ada L.', avatarUrl: null });
      for (const body of [{ name: 'a\nb' }, { avatarUrl: 'javascript:alert(1)' }, { avatarUrl: 7 },
        { avatarUrl: '//evil.example/' }])
        assert.equal((await change(body)).status, 400, JSON.stringify(body));
      has((await change({ email: 'eve@example.org', isAdmin: true, role: 'admin' })).json.user,
        { email: ada.email });
      assert.equal((await change({ admin: true })).json.user.role, undefined);
      await refused(401, 'UNAUTHORIZED', server, 'PATCH', '/api/auth/me', { body: { name: 'x' } });
    },
    'set another password': async () => {
      const ada = await signup(server);
      const second = (await login(server, ada.email)).json.token;
      const set = (body, token = ada.token) =>
        rest(server, 'POST', '/api/auth/password', { body, token });
      const wrong = await set({ password: 'wrong horse', newPassword: 'battery staple' });
      assert.equal(wrong.status, 401);
      has(wrong.json, { error: refusal('WRONG_LOGIN') });
      assert.equal((await set({ password: PASSWORD, newPassword: 'short' })).status, 400);
      assert.equal(await whois(server, { token: second }), ada.user.id, 'nothing has ended');
      const { status, json } = await set({ password: PASSWORD, newPassword: 'battery staple' });
      assert.equal(status, 200);
      assert.equal(await whois(server, { token: json.token }), ada.user.id);
      for (const token of [ada.token, second]) {
        const message = await refused(401, 'UNAUTHORIZED', server, 'GET', '/api/rooms', { token });
        assert.match(message, /log in again/);
      }
      assert.equal((await login(server, ada.email)).status, 401);
      assert.equal((await login(server, ada.email, 'battery staple')).status, 200);
    },
    'log out': async () => {
      const ada = await signup(server);
      const second = (await login(server, ada.email)).json.token;
      const out = await rest(server, 'POST', '/api/auth/logout', { token: ada.token });
      assert.deepEqual([out.status, out.text], [204, '']);
      assert.equal(out.headers['set-cookie'][0],
        'stoa_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax');
      await refused(401, 'UNAUTHORIZED', server, 'GET', '/api/rooms', { token: ada.token });
      assert.equal(await whois(server, { token: second }), ada.user.id, 'the other one holds');
      for (const token of [undefined, ada.token, 'nonsense'])
        assert.equal((await rest(server, 'POST', '/api/auth/logout', { token })).status, 204);
    },
    'go': async () => {
      const ada = await signup(server);
      const room = await expectRest(201, server, 'POST', '/api/rooms', { body: {}, token: ada.token });
      const go = (password) =>
        rest(server, 'DELETE', '/api/auth/me', { body: { password }, token: ada.token });
      assert.equal((await go('wrong horse')).status, 401);
      assert.equal((await go('x')).status, 401);
      assert.equal((await rest(server, 'DELETE', '/api/auth/me', { token: ada.token })).status, 400);
      const gone = await go(PASSWORD);
      assert.deepEqual([gone.status, gone.text], [204, '']);
      assert.match(gone.headers['set-cookie'][0], /^stoa_session=; Max-Age=0;/);
      await refused(401, 'UNAUTHORIZED', server, 'GET', '/api/auth/me', { token: ada.token });
      assert.equal((await login(server, ada.email)).status, 401);
      assert.equal((await rest(server, 'GET', `/api/rooms/${room.id}`)).status, 200, 'the room stays');
      const again = await signup(server, { email: ada.email });
      assert.notEqual(again.user.id, ada.user.id);
    },
    'are not those of another issuer': async () => {
      const token = issue({ userId: 'user456', username: 'John Doe', role: 'admin' });
      has(await expectRest(200, server, 'GET', '/api/auth/me', { token }),
        { user: { id: 'user456', name: 'John Doe', role: 'admin', guest: false, createdAt: null } });
      for (const [method, path, body] of [['PATCH', '/api/auth/me', { name: 'x' }],
        ['POST', '/api/auth/password', { password: PASSWORD, newPassword: PASSWORD }],
        ['DELETE', '/api/auth/me', { password: PASSWORD }]])
        await refused(404, 'NOT_FOUND', server, method, path, { body, token });
      const other = issue({ userId: 'user456', username: 'John Doe', more: 1 });
      assert.equal((await rest(server, 'POST', '/api/auth/logout', { token })).status, 204);
      assert.equal(await whois(server, { token }), null, 'they can log out');
      assert.equal(await whois(server, { token: other }), 'user456', 'of one token');
    },
    'many at once': async () => {
      const people = await Promise.all(Array.from({ length: 20 }, () => signup(server)));
      assert.equal(new Set(people.map(({ user }) => user.id)).size, 20);
      const [ada] = people;
      const changes = Array.from({ length: 15 }, (_, i) => rest(server, 'PATCH', '/api/auth/me',
        { body: { name: `n${i}` }, token: ada.token }));
      changes.push(rest(server, 'POST', '/api/auth/password',
        { body: { password: PASSWORD, newPassword: 'battery staple' }, token: ada.token }));
      const answers = await Promise.all(changes);
      assert.equal(answers.at(-1).status, 200);
      assert.equal((await login(server, ada.email, 'battery staple')).status, 200);
      for (const { status, json } of answers.slice(0, -1))
        if (status === 200) assert.equal(await whois(server, { token: json.token }), null);
      const twins = await Promise.all(Array.from({ length: 8 }, () => rest(server, 'POST',
        '/api/auth/signup', { body: { name: 'T', email: 'twin@example.org', password: PASSWORD } })));
      assert.deepEqual(twins.map(({ status }) => status).sort(), [201, ...Array(7).fill(409)]);
    },
  });
});

// ---- cookies

test('cookies', { concurrency: 4 }, async (t) => {
  const APP = 'https://app.example';
  const server = await start(t, { flags: [...CHEAP, ...FREE, '--cors-origins', APP] });
  const ada = await signup(server);
  const id = ada.user.id;
  const own = origin(server);
  const evil = 'https://evil.example';

  await all(t, {
    'count with a matching origin, or where the browser says that the page is ours': async () => {
      for (const [headers, who] of [[{ origin: own }, id], [{ origin: APP }, id],
        [{ origin: evil }, null], [{ origin: 'null' }, null], [{ origin: `${own}.evil.example` }, null],
        [{}, null], [{ 'sec-fetch-site': 'same-origin' }, id], [{ 'sec-fetch-site': 'none' }, id],
        [{ 'sec-fetch-site': 'same-site' }, null], [{ 'sec-fetch-site': 'cross-site' }, null],
        [{ origin: evil, 'sec-fetch-site': 'same-origin' }, null]])
        assert.equal(await whois(server, { headers: { cookie: ada.cookie, ...headers } }), who,
          JSON.stringify(headers));
    },
    'do nothing on a page of others': async () => {
      const make = (headers) => rest(server, 'POST', '/api/rooms',
        { body: { title: 'x' }, headers: { cookie: ada.cookie, ...headers } });
      has((await make({ origin: own })).json, { ownerId: id });
      for (const headers of [{}, { 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'none' }]) {
        const { status, json } = await make(headers);
        assert.deepEqual([status, json.ownerId], [201, null], JSON.stringify(headers));
      }
      for (const bad of [evil, 'null', `${own}.evil.example`, `https://${new URL(own).host}`]) {
        assert.equal((await make({ origin: bad })).status, 403, bad);
        for (const [method, path, body] of [['POST', '/api/auth/logout'],
          ['POST', '/api/auth/login', { email: ada.email, password: PASSWORD }],
          ['POST', '/api/auth/signup', { name: 'x', email: 'x@example.org', password: PASSWORD }],
          ['PATCH', '/api/auth/me', { name: 'Eve' }],
          ['POST', '/api/auth/password', { password: PASSWORD, newPassword: PASSWORD }],
          ['DELETE', '/api/auth/me', { password: PASSWORD }]])
          await refused(403, 'BAD_ORIGIN', server, method, path,
            { body, headers: { cookie: ada.cookie, origin: bad } });
      }
      assert.equal(await whois(server, withCookie(server, ada.cookie)), id, 'still there');
    },
    'come behind what is said on purpose': async () => {
      const bob = await signup(server);
      const both = withCookie(server, ada.cookie);
      assert.equal(await whois(server, { ...both, token: bob.token }), bob.user.id);
      const query = await rest(server, 'GET', `/api/auth/me?token=${bob.token}`, both);
      assert.equal(query.json.user.id, bob.user.id);
      await refused(401, 'UNAUTHORIZED', server, 'GET', '/api/auth/me', { ...both, token: 'nonsense' });
    },
    'that are no good are no reason to refuse': async () => {
      const old = issue({ userId: id, name: 'Ada', exp: 1 });
      const bob = await signup(server);
      await rest(server, 'POST', '/api/auth/logout', withCookie(server, bob.cookie));
      for (const value of [old, 'nonsense', `${ada.token}x`, bob.token, 'x'.repeat(5000)]) {
        const options = withCookie(server, `stoa_session=${value}`);
        const { status, headers } = await rest(server, 'GET', '/api/rooms', options);
        assert.equal(status, 200, 'a guest may look');
        assert.match(headers['set-cookie'][0], /^stoa_session=; Max-Age=0; /, 'and it is taken away');
        const me = await rest(server, 'GET', '/api/auth/me', options);
        assert.equal(me.status, 401);
        assert.match(me.headers['set-cookie'][0], /^stoa_session=; Max-Age=0; /);
        const { headers: after } = await login(server, ada.email, PASSWORD, options);
        assert.equal(after['set-cookie'].length, 1);
        assert.match(after['set-cookie'][0], /^stoa_session=eyJ/);
      }
      const fine = await rest(server, 'GET', '/api/rooms', withCookie(server, ada.cookie));
      assert.equal(fine.headers['set-cookie'], undefined);
      const others = await rest(server, 'GET', '/api/rooms', { headers: { cookie: 'stoa_session=x', origin: evil } });
      assert.equal(others.headers['set-cookie'], undefined, 'what does not count is left alone');
    },
    'log out': async () => {
      const bob = await signup(server);
      const options = withCookie(server, bob.cookie);
      assert.equal(await whois(server, options), bob.user.id);
      assert.equal((await rest(server, 'POST', '/api/auth/logout', options)).status, 204);
      assert.equal(await whois(server, options), null);
      assert.equal(await whois(server, { token: bob.token }), null, 'it is the same token');
    },
    'of a creator and of a session go together': async () => {
      const cookie = 'stoa_session=nonsense';
      const { headers } = await rest(server, 'POST', '/api/rooms', { body: {}, ...withCookie(server, cookie) });
      assert.equal(headers['set-cookie'].length, 2);
    },
  });
});

test('cookies under TLS', async (t) => {
  const server = await start(t, { flags: [...CHEAP, ...FREE], secure: true });
  const ada = await signup(server);
  assert.match(ada.cookie, /^__Host-stoa_session=eyJ/);
  const { headers } = await login(server, ada.email);
  assert.match(headers['set-cookie'][0],
    /^__Host-stoa_session=[\w.-]+; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
  assert.equal(await whois(server, withCookie(server, ada.cookie)), ada.user.id);
  assert.equal(await whois(server, withCookie(server, ada.cookie.replace('__Host-', ''))), null,
    'a plain one may be of anybody\'s making');
});

// ---- sockets

/** A client of Socket.IO that has connected, or its error. */
const dial = (t, server, { auth, headers, polling, reconnection = false } = {}, where = '') => {
  const socket = io(`${server.url}${where}`, { forceNew: true, reconnection, reconnectionDelay: 50,
    transports: [polling ? 'polling' : 'websocket'], auth, extraHeaders: headers });
  t.after(() => { socket.io._close(); });
  return within(new Promise((resolve) => {
    socket.once('connect', () => resolve(socket));
    socket.once('connect_error', (error) => resolve(error));
  }), 'a connection or an error');
};

const ask = (socket, name, json) => within(socket.emitWithAck(name, json), `an answer to ${name}`);

/** A bare WebSocket: what it hears, and how it ended. */
const open = async (t, server, where, { headers } = {}) => {
  const ws = new WebSocket(`${server.url.replace(/^http/, 'ws')}${where}`,
    { headers, rejectUnauthorized: false });
  const client = { ws, heard: [], status: 101, end: null };
  t.after(() => ws.terminate());
  ws.on('message', (data) => client.heard.push(JSON.parse(data)));
  ws.on('close', (code, reason) => { client.end = { code, reason: `${reason}` }; });
  client.say = (json) => ws.send(JSON.stringify(json));
  client.hears = (type) => eventually(() => client.heard.find((m) => m.type === type), type);
  await within(new Promise((resolve) => {
    ws.once('open', resolve);
    ws.once('error', resolve);
    ws.once('unexpected-response', (_, response) => {
      client.status = response.statusCode;
      resolve();
    });
  }), 'a WebSocket');
  return client;
};

test('cookies of sockets', { concurrency: 4 }, async (t) => {
  const server = await start(t, { flags: [...CHEAP, ...FREE] });
  const strict = await start(t, { flags: [...CHEAP, ...FREE, '--auth-mode', 'required'] });
  const ada = await signup(server);
  const root = await signup(strict);
  const makeRoom = async (s, token) =>
    (await expectRest(201, s, 'POST', '/api/rooms', { body: { isPublic: true }, token })).id;
  const room = await makeRoom(server, ada.token);
  const strictRoom = await makeRoom(strict, root.token);

  const GUEST = /^g_/;
  const comesAs = async (who, options) => {
    const socket = await dial(t, server, options);
    has(await ask(socket, 'joinRoom', { roomId: room }), { ok: true, userId: who });
    socket.disconnect();
  };

  await all(t, {
    'tell Socket.IO who comes': async () => {
      for (const polling of [false, true]) {
        const fine = { polling, headers: { cookie: ada.cookie, origin: origin(server) } };
        await comesAs(ada.user.id, fine);
        await comesAs(GUEST, { polling, headers: { cookie: ada.cookie } });
        await comesAs(GUEST, { polling, headers: { cookie: 'stoa_session=x', origin: origin(server) } });
        const other = issue({ userId: 'u9', username: 'Nine' });
        await comesAs('u9', { ...fine, auth: { token: other } });
      }
      const evil = { headers: { cookie: ada.cookie, origin: 'https://evil.example' } };
      assert.ok(await dial(t, server, evil) instanceof Error, 'no WebSocket for another page');
      await comesAs(GUEST, { ...evil, polling: true });
      const wrong = await dial(t, server, { ...evil, polling: true, auth: { token: 'x' } });
      assert.equal(wrong.data.code, 'UNAUTHORIZED');
    },
    'let people in where a token is asked for': async () => {
      for (const polling of [false, true]) {
        const own = origin(strict);
        for (const [headers, isIn] of [[{ cookie: root.cookie, origin: own }, true],
          [{ cookie: root.cookie }, false], [{ origin: own }, false], [{}, false],
          [{ cookie: 'stoa_session=x', origin: own }, false]]) {
          const came = await dial(t, strict, { polling, headers });
          assert.equal(came instanceof Error, !isIn, JSON.stringify({ polling, headers }));
          if (isIn) came.disconnect();
          else assert.equal(came.data.code, 'UNAUTHORIZED');
        }
      }
    },
    'let people in by a bare WebSocket': async () => {
      const own = origin(strict);
      const where = `/ws/rooms/${strictRoom}`;
      for (const [headers, status] of [[{ cookie: root.cookie, origin: own }, 101],
        [{ cookie: root.cookie }, 401], [{ origin: own }, 401], [{}, 401],
        [{ cookie: root.cookie, origin: 'https://evil.example' }, 403]]) {
        const client = await open(t, strict, where, { headers });
        assert.equal(client.status, status, JSON.stringify(headers));
        client.ws.terminate();
      }
      assert.equal((await open(t, strict, `${where}?token=${root.token}`)).status, 101);
    },
    'say who makes a room in language D': async () => {
      const create = { type: 'CREATE_ROOM', ...INTERVIEW };
      for (const [headers, message, isMade] of [
        [{ cookie: root.cookie, origin: origin(strict) }, create, true],
        [{ cookie: root.cookie }, create, false],
        [{}, { ...create, token: root.token }, true],
        [{}, { ...create, token: 'nonsense' }, false]]) {
        const client = await open(t, strict, '/ws', { headers });
        client.say(message);
        const heard = await eventually(() => client.heard[0], 'an answer');
        assert.equal(heard.type === 'ROOM_CREATED', isMade, JSON.stringify([headers, heard]));
        client.ws.terminate();
      }
    },
    'are looked at with the origin of every upgrade': async () => {
      const own = origin(server);
      const { host } = new URL(own);
      const origins = [[undefined, 101], [own, 101], ['null', 403], ['', 403],
        ['https://evil.example', 403], [`https://${host}`, 403], [`${own}.evil.example`, 403],
        [`http://evil.example@${host}`, 403], [`${own}/`, 403], [`http://127.0.0.1`, 403],
        [`http://127.0.0.1:*`, 403], [`http://127.0.0.1:${server.port}0`, 403], ['*', 403]];
      for (const path of ['/', '/ws', `/ws/rooms/${room}`, '/ws/echo',
        '/socket.io/?EIO=4&transport=websocket']) {
        for (const [from, status] of origins) {
          const wire = await Wire.open(server.port);
          const answer = await wire.upgrade({ path, host, headers: { Origin: from, Cookie: ada.cookie } });
          assert.equal(answer.status, status, `${path} from ${from}`);
          wire.close();
        }
      }
    },
  });
});

// ---- where nobody comes in without a token

test('a server for accounts alone', async (t) => {
  const server = await start(t, { flags: [...CHEAP, ...FREE, '--auth-mode', 'required'] });
  const ada = await signup(server);
  assert.equal((await login(server, ada.email)).status, 200, 'the door is open');
  assert.equal((await login(server, ada.email, PASSWORD, { token: 'old nonsense' })).status, 200,
    'whatever one brings');
  assert.equal((await rest(server, 'POST', '/api/auth/logout')).status, 204);
  const guest = issue({ userId: 'g1', username: 'Gus', guest: true });
  for (const [method, path] of [['GET', '/api/auth/me'], ['PATCH', '/api/auth/me'],
    ['DELETE', '/api/auth/me'], ['POST', '/api/auth/password'], ['GET', '/api/rooms'],
    ['POST', '/api/rooms'], ['GET', '/api/ice-servers'], ['GET', '/rooms'], ['POST', '/api/chat'],
    ['GET', '/api/sessions'], ['POST', '/sfu/token']]) {
    for (const token of [undefined, guest, 'nonsense'])
      await refused(401, 'UNAUTHORIZED', server, method, path, { token, body: method === 'GET' ? undefined : {} });
  }
  assert.equal((await rest(server, 'GET', '/api/rooms', { token: ada.token })).status, 200);
  assert.equal((await rest(server, 'GET', '/api/rooms', withCookie(server, ada.cookie))).status, 200);
  const stale = await rest(server, 'GET', '/api/rooms', withCookie(server, 'stoa_session=x'));
  assert.equal(stale.status, 401);
  assert.match(stale.headers['set-cookie'][0], /^stoa_session=; /);
});

test('a server that makes its own accounts', async (t) => {
  const server = await start(t, { flags: [...CHEAP, ...FREE, '--auth-signup=false'] });
  await refused(403, 'SIGNUP_CLOSED', server, 'POST', '/api/auth/signup',
    { body: { name: 'Ada', email: 'ada@example.org', password: PASSWORD } });
  assert.equal((await login(server, 'ada@example.org')).status, 401);
});

// ---- tokens that end

/** One connection in each language, all by that token, in the same room if they can. */
const everywhere = async (t, server, { token, user }) => {
  const { id } = await expectRest(201, server, 'POST', '/api/rooms', { body: { isPublic: true }, token });
  const socket = await dial(t, server, { auth: { token } }, '/rooms');
  socket.errors = [];
  socket.on('error', (error) => socket.errors.push(error));
  socket.on('disconnect', (why) => { socket.why = why; });
  assert.equal((await ask(socket, 'joinRoom', { roomId: id })).userId, user.id);
  const polling = await dial(t, server, { auth: { token }, polling: true });
  polling.on('disconnect', (why) => { polling.why = why; });
  const focus = await open(t, server, `/ws/rooms/${id}?token=${token}`);
  await focus.hears('state');
  const proctor = await open(t, server, '/ws');
  proctor.say({ type: 'CREATE_ROOM', token, ...INTERVIEW });
  await proctor.hears('ROOM_CREATED');
  return { id, socket, polling, focus, proctor };
};

const assertGone = async ({ socket, polling, focus, proctor }) => {
  for (const client of [socket, polling])
    assert.equal(await eventually(() => client.why, 'the socket to be sent away'), 'io server disconnect');
  has(socket.errors[0], { code: 'UNAUTHORIZED' });
  for (const client of [focus, proctor]) {
    const { code } = await eventually(() => client.end, 'the WebSocket to be closed');
    assert.equal(code, 1008);
    assert.match(JSON.stringify(client.heard.at(-1)), /logged out/i);
  }
};

const assertThere = async ({ socket, focus }) => {
  await sleep(200);
  assert.equal(socket.connected, true);
  assert.equal(focus.end, null);
};

/** The old token opens nothing any more. */
const assertShut = async (t, server, { token }, { id }) => {
  await refused(401, 'UNAUTHORIZED', server, 'GET', '/api/rooms', { token });
  const error = await dial(t, server, { auth: { token } });
  assert.ok(error instanceof Error);
  assert.equal(error.data.code, 'UNAUTHORIZED');
  assert.equal((await open(t, server, `/ws/rooms/${id}?token=${token}`)).status, 401);
  const proctor = await open(t, server, '/ws');
  proctor.say({ type: 'CREATE_ROOM', token, ...INTERVIEW });
  assert.notEqual((await eventually(() => proctor.heard[0], 'an answer')).type, 'ROOM_CREATED');
  assert.equal((await open(t, server, `/ws?token=${token}`)).status, 401);
};

test('tokens end', { concurrency: 3 }, async (t) => {
  const server = await start(t, { flags: [...CHEAP, ...FREE] });
  const operate = async (...args) => {
    const done = await stoa(['user', ...args, '--data', server.folder], { env: { JWT_SECRET } });
    assert.equal(done.status, 0, done.stderr);
  };

  await all(t, {
    'with a log-out: that one': async () => {
      const ada = await signup(server);
      const second = { ...ada, token: (await login(server, ada.email)).json.token };
      const here = await everywhere(t, server, ada);
      const there = await everywhere(t, server, second);
      await rest(server, 'POST', '/api/auth/logout', { token: ada.token });
      await assertGone(here);
      await assertShut(t, server, ada, here);
      await assertThere(there);
    },
    'with another password: all older ones': async () => {
      const ada = await signup(server);
      const bob = await signup(server);
      const here = await everywhere(t, server, ada);
      const other = await everywhere(t, server, bob);
      const { token } = await expectRest(200, server, 'POST', '/api/auth/password',
        { body: { password: PASSWORD, newPassword: 'battery staple' }, token: ada.token });
      await assertGone(here);
      await assertShut(t, server, ada, here);
      await assertThere(other);
      await assertThere(await everywhere(t, server, { ...ada, token }));
    },
    'when the account goes': async () => {
      const ada = await signup(server);
      const here = await everywhere(t, server, ada);
      await rest(server, 'DELETE', '/api/auth/me', { body: { password: PASSWORD }, token: ada.token });
      await assertGone(here);
      await assertShut(t, server, ada, here);
    },
    'when an operator disables it': async () => {
      const ada = await signup(server);
      const here = await everywhere(t, server, ada);
      await operate('disable', ada.email);
      await assertGone(here);
      await assertShut(t, server, ada, here);
      const out = await login(server, ada.email);
      assert.deepEqual([out.status, out.json], [401, { error: UNKNOWN }]);
      assert.deepEqual((await login(server, ada.email, 'wrong horse')).json, { error: UNKNOWN });
      await operate('enable', ada.email);
      const again = await login(server, ada.email);
      assert.equal(again.status, 200);
      assert.equal(await whois(server, { token: again.json.token }), ada.user.id);
      assert.equal(await whois(server, { token: ada.token }), null, 'the old one stays void');
    },
    'in the same second, and only the older': async () => {
      const ada = await signup(server);
      let { token } = ada;
      let password = PASSWORD;
      for (let i = 0; i < 10; i++) {
        const newPassword = `battery staple ${i}`;
        const answer = await expectRest(200, server, 'POST', '/api/auth/password',
          { body: { password, newPassword }, token });
        assert.equal(await whois(server, { token }), null, 'the one before');
        assert.equal(await whois(server, { token: answer.token }), ada.user.id, 'the one after');
        const logged = (await login(server, ada.email, newPassword)).json.token;
        assert.equal(await whois(server, { token: logged }), ada.user.id, 'another one after');
        ({ token } = answer);
        password = newPassword;
      }
    },
    'for those of another issuer, too': async () => {
      const token = issue({ userId: 'user456', username: 'John Doe' });
      const john = { token, user: { id: 'user456' } };
      const here = await everywhere(t, server, john);
      await rest(server, 'POST', '/api/auth/logout', { token });
      await assertGone(here);
      await assertShut(t, server, john, here);
    },
  });
});

test('tokens stay ended over a restart', async (t) => {
  const { mkdtemp, rm } = await import('node:fs/promises');
  const path = await import('node:path');
  const folder = await mkdtemp(path.join(os.tmpdir(), 'stoa-accounts-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const flags = [...CHEAP, ...FREE, '--data', folder];
  const first = await start(t, { flags });
  const [ada, bob] = [await signup(first), await signup(first)];
  const kept = (await login(first, ada.email)).json.token;
  await rest(first, 'POST', '/api/auth/logout', { token: ada.token });
  const { token } = await expectRest(200, first, 'POST', '/api/auth/password',
    { body: { password: PASSWORD, newPassword: 'battery staple' }, token: bob.token });
  first.child.kill('SIGKILL');
  await within(new Promise((resolve) => { first.child.once('close', resolve); }), 'its end');
  first.stop = async () => {};
  const second = await start(t, { flags });
  assert.equal(await whois(second, { token: ada.token }), null);
  assert.equal(await whois(second, { token: bob.token }), null);
  assert.equal(await whois(second, { token: kept }), ada.user.id);
  assert.equal(await whois(second, { token }), bob.user.id);
  assert.equal((await login(second, bob.email, 'battery staple')).status, 200);
});

// Socket.IO's clients prove by a secret that they were here before (pid).
test('a place is kept for who had it', { concurrency: 4 }, async (t) => {
  const server = await start(t, { flags: [...CHEAP, ...FREE] });

  /** Somebody in a room who has heard something, and then is lost; comes back as `auth` says. */
  const comeBack = async (auth, meanwhile = async () => {}, first = undefined) => {
    const ada = first ?? await signup(server);
    const { id } = await expectRest(201, server, 'POST', '/api/rooms',
      { body: { isPublic: true }, token: ada.token });
    const other = await dial(t, server, {});
    await ask(other, 'joinRoom', { roomId: id, name: 'Other' });
    const socket = await dial(t, server, { auth: ada.token && { token: ada.token }, reconnection: true });
    await ask(socket, 'joinRoom', { roomId: id });
    const heard = [];
    socket.on('chat:message', (message) => heard.push(message.text));
    assert.equal((await ask(other, 'chat:message', { roomId: id, text: 'before' })).ok, true);
    await eventually(() => heard.length === 1, 'a message');
    const before = socket.id;
    const lost = within(new Promise((resolve) => { socket.once('disconnect', resolve); }), 'the loss');
    socket.auth = () => {}; // asked for when it comes back
    const proof = { pid: socket._pid, offset: socket._lastOffset };
    socket.io.reconnection(false);
    socket.io.engine.transport.ws.terminate();
    await lost;
    await meanwhile(ada);
    await ask(other, 'chat:message', { roomId: id, text: 'meanwhile' });
    const again = await dial(t, server, { auth: { ...proof, ...await auth(ada) } });
    if (again instanceof Error) return { error: again };
    await sleep(100);
    return { isSame: again.id === before, isRecovered: again.id === before };
  };

  const own = ({ token }) => ({ token });
  const anew = async ({ email }, password) =>
    ({ token: (await login(server, email, password)).json.token });

  await all(t, {
    'by the same token': async () => {
      assert.equal((await comeBack(own)).isSame, true);
    },
    'by another token of the same person': async () => {
      assert.equal((await comeBack((ada) => anew(ada))).isSame, true);
    },
    'not by somebody else\'s': async () => {
      const eve = await signup(server);
      assert.equal((await comeBack(() => ({ token: eve.token }))).isSame, false);
    },
    'not by a guest': async () => {
      assert.equal((await comeBack(() => ({}))).isSame, false);
    },
    'not by a token that has ended': async () => {
      const { error } = await comeBack(own, ({ token }) => rest(server, 'POST', '/api/auth/logout', { token }));
      assert.equal(error.data.code, 'UNAUTHORIZED');
    },
    'not after a log-out, even by a new one': async () => {
      const { isSame } = await comeBack((ada) => anew(ada),
        ({ token }) => rest(server, 'POST', '/api/auth/logout', { token }));
      assert.equal(isSame, false);
    },
    'not after another password': async () => {
      const { isSame } = await comeBack((ada) => anew(ada, 'battery staple'), ({ token }) =>
        expectRest(200, server, 'POST', '/api/auth/password',
          { body: { password: PASSWORD, newPassword: 'battery staple' }, token }));
      assert.equal(isSame, false);
    },
  });
});

// ---- whoever tries

test('passwords are not tried for ever', async (t) => {
  const server = await start(t, { flags: CHEAP });
  const began = performance.now();
  const ada = await signup(server);
  let asked = 1; // of this address
  /** Tries until it is refused: five times, and once more for every twelve seconds that it took. */
  const tryAll = async (email) => {
    const first = performance.now();
    let wrong = 0, answer;
    for (;; wrong++) {
      answer = await login(server, email, `wrong horse ${wrong}`);
      asked++;
      if (answer.status !== 401) break;
    }
    const seconds = (performance.now() - first) / 1000;
    assert.equal(answer.status, 429);
    assert.ok(wrong >= 5 && wrong <= 5 + seconds / 12, `${email}: ${wrong} in ${seconds} s`);
    has(answer.json, { error: refusal('RATE_LIMITED') });
    const wait = Number(answer.headers['retry-after']);
    assert.ok(wait >= 12 - Math.ceil(seconds) && wait <= 15, `${wait}`); // 15: it is locked then
  };
  await tryAll(ada.email);
  await eventually(async () => { // what came back is spent
    asked++;
    if ((await login(server, ada.email)).status === 429) return true;
    do asked++; while ((await login(server, ada.email, 'wrong horse')).status === 401);
    return false;
  }, 'the right one to wait, too');
  await tryAll('nobody@example.org'); // the same where nobody is

  const others = [];
  for (let i = 0; i < 40; i++) others.push((await login(server, `x${i}@example.org`, 'wrong horse')).status);
  const tried = others.filter((status) => status === 401).length, left = Math.max(0, 30 - asked);
  const refilled = Math.ceil((performance.now() - began) / 2000);
  assert.ok(tried >= left && tried <= left + refilled, `an address has thirty, then one every 2 s: ${tried}`);
  await refused(429, 'RATE_LIMITED', server, 'POST', '/api/auth/signup',
    { body: { name: 'x', email: 'y@example.org', password: PASSWORD } });
  assert.equal((await rest(server, 'GET', '/api/auth/me', { token: ada.token })).status, 200, 'who is in is in');
});

test('whoever is wrong waits longer each time', async (t) => {
  const server = await start(t, { flags: [...CHEAP, ...FREE] });
  const ada = await signup(server);
  for (let i = 0; i < 5; i++)
    assert.equal((await login(server, ada.email, 'wrong horse')).status, 401, `${i}`);
  const began = performance.now();
  assert.equal((await login(server, ada.email, 'wrong horse')).status, 401); // now it is locked
  for (const password of ['wrong horse', 'wrong horse', PASSWORD]) {
    const { status, headers } = await login(server, ada.email, password);
    const seconds = (performance.now() - began) / 1000;
    assert.ok(status === 429 || seconds > 15, `${status}`);
    if (status !== 429) break;
    const wait = Number(headers['retry-after']);
    assert.ok(wait >= 15 - Math.ceil(seconds) && wait <= 15, `${wait} after ${seconds} s`);
  }
  const bob = await signup(server);
  for (let i = 0; i < 30; i++) assert.equal((await login(server, bob.email)).status, 200, 'the right one');
});

const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];

test('nobody learns who has an account', async (t) => {
  const server = await start(t, { flags: [...CHEAP, ...FREE, '--auth-password-workers', '1'] });
  const people = [];
  for (let i = 0; i < 50; i++) people.push(await signup(server));
  const took = { known: [], unknown: [] };
  const answers = new Set();
  const attempt = async (kind, email) => {
    const began = performance.now();
    const { status, json, headers } = await login(server, email, 'wrong horse');
    took[kind].push(performance.now() - began);
    delete headers.date;
    answers.add(JSON.stringify([status, json, headers]));
  };
  for (let round = 0; round < 5; round++) {
    for (const [i, { email }] of people.entries()) {
      await attempt('known', email);
      await attempt('unknown', `nobody${i}@example.org`);
    }
  }
  assert.deepEqual([...answers].length, 1, [...answers].join('\n'));
  const [known, unknown] = [median(took.known), median(took.unknown)];
  t.diagnostic(`median of ${took.known.length}: known ${known.toFixed(2)} ms, unknown ${unknown.toFixed(2)} ms`);
  assert.ok(unknown > known * 0.66 && unknown < known * 1.5, `${known} ${unknown}`);
});

// ---- by the hundred

test('a storm of log-ins', async (t) => {
  const cores = os.availableParallelism();
  const server = await start(t, { flags: FREE, env: {
    ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:quarantine_size_mb=1` } });
  const people = [];
  for (let i = 0; i < 20; i++) people.push(await signup(server));
  const before = await server.residentBytes();
  const agent = new http.Agent({ keepAlive: true, maxSockets: 100 });
  t.after(() => agent.destroy());
  const knock = (email) => new Promise((resolve, reject) => {
    const body = JSON.stringify({ email, password: PASSWORD });
    const request = http.request({ agent, port: server.port, host: '127.0.0.1', method: 'POST',
      path: '/api/auth/login', headers: { 'Content-Type': 'application/json', 'Content-Length': body.length } },
    (response) => {
      response.resume();
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers }));
    });
    request.on('error', reject);
    request.end(body);
  });

  const answers = [];
  let most = before;
  let isOver = false;
  const storm = (async () => {
    const began = performance.now();
    for (let i = 0; i < 800 * SOAK; i++) {
      answers.push(knock(i % 2 ? people[i % 20].email : `x${i}@example.org`));
      const ahead = i * 5 - (performance.now() - began); // 200 a second
      if (ahead > 0) await sleep(ahead);
    }
    isOver = true;
    return Promise.all(answers);
  })();
  const took = [];
  const wire = await Wire.open(server.port);
  while (!isOver) {
    const began = performance.now();
    assert.equal((await wire.request('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')).status, 200);
    took.push(performance.now() - began);
    most = Math.max(most, await server.residentBytes());
    await sleep(10);
  }
  wire.close();
  const outcomes = await storm;
  const count = (status) => outcomes.filter((answer) => answer.status === status).length;
  const grown = (most - before) / 2 ** 20;
  took.sort((a, b) => a - b);
  const p50 = took[took.length >> 1];
  const p99 = took[Math.floor(took.length * 0.99)];
  const { stoa_loop_longest_turn_seconds: longest } = await server.metrics();
  t.diagnostic(`${count(200)} in, ${count(401)} wrong, ${count(503)} sent away; others wait ${p50.toFixed(2)} ms, `
    + `99 of 100 ${p99.toFixed(1)} ms; ${grown.toFixed(0)} MiB more; longest turn ${(longest * 1000).toFixed(1)} ms`);
  assert.ok(count(200) > 10 && count(401) > 10, 'some come in');
  assert.equal(count(200) + count(401) + count(503) + count(429), outcomes.length);
  assert.ok(count(503) > 0, 'some are told to come again');
  for (const { status, headers } of outcomes)
    if (status === 503) assert.match(headers['retry-after'], /^[1-9]\d*$/);
  assert.ok(grown < cores * 19 + 32 + (/debug|tsan/.test(program) ? 48 : 0), `${grown} MiB`);
  assert.ok(p50 < 500, `the others wait ${p50} ms`);
  assert.ok(p99 < 5000, `some of the others wait ${p99} ms`); // a machine at its limit does so much
});

// ---- silence

test('no secret is in the log', async (t) => {
  const server = await start(t, { flags: [...CHEAP, '--log-level', 'debug', '--rate-login', '5'] });
  const CANARY = 'canary-in-a-coal-mine';
  const secrets = [CANARY, JWT_SECRET];
  const ada = await signup(server, { password: `${CANARY}-1` });
  secrets.push(ada.token, ada.token.split('.')[2]);
  const { token } = (await login(server, ada.email, `${CANARY}-1`)).json;
  secrets.push(token, token.split('.')[2]);
  for (const password of [`${CANARY}-2`, `${CANARY}-\u0001\u001b[31m`, `${CANARY}\n${CANARY}`])
    await login(server, ada.email, password);
  await login(server, `${CANARY}@`, `${CANARY}-3`);
  await rest(server, 'POST', '/api/auth/login', { body: { email: ada.email, password: { [CANARY]: CANARY } } });
  await rest(server, 'POST', '/api/auth/password', { token, body: { password: `${CANARY}-4`, newPassword: 'x' } });
  const { token: third } = await expectRest(200, server, 'POST', '/api/auth/password',
    { token, body: { password: `${CANARY}-1`, newPassword: `${CANARY}-5` } });
  secrets.push(third, third.split('.')[2]);
  await rest(server, 'GET', '/api/auth/me', withCookie(server, `stoa_session=${third}; other=${CANARY}`));
  await rest(server, 'GET', `/api/rooms?token=${third}`);
  await rest(server, 'GET', `/api/rooms?token=${CANARY}`);
  await rest(server, 'GET', '/api/rooms', { token: CANARY });
  await dial(t, server, { auth: { token: CANARY } });
  (await dial(t, server, { auth: { token: third }, headers: { cookie: `stoa_session=${CANARY}` } })).disconnect();
  await open(t, server, `/ws/rooms/x?token=${CANARY}`);
  const proctor = await open(t, server, '/ws');
  proctor.say({ type: 'CREATE_ROOM', token: CANARY, roomname: 'x' });
  await eventually(() => proctor.heard[0], 'an answer');
  await stoa(['user', 'passwd', ada.email, '--password-stdin', '--data', server.folder],
    { env: { JWT_SECRET }, input: `${CANARY}-6\n` });
  await rest(server, 'DELETE', '/api/auth/me', { token: third, body: { password: `${CANARY}-7` } });
  await server.stop();
  assert.ok(server.lines.length > 10, `it was talkative: ${server.lines.length}`);
  for (const secret of secrets)
    assert.ok(!server.stderr.includes(secret), server.lines.find((line) => line.includes(secret)));
  assert.ok(!server.stderr.includes(ada.email), 'nor anybody\'s address');
});
