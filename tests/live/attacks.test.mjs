// What an attacker would try: each test is named by the threat that it stands for. Others of the
// same threats are with what they attack: in accounts, files, cors and hostile-rooms.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { bring, call, offer, openRoom } from './files.mjs';
import { expectRest, has, issue, JWT_SECRET, refusal, rest, sdp, socket, start } from './flow.mjs';
import { all, ask, eventually, restartable, stoa } from './stoa.mjs';

const PASSWORD = 'correct horse battery';
const CHEAP = ['--auth-password-memory', '8MiB', '--auth-password-passes', '1'];
const FREE = ['--rate-login', '1000000', '--rate-login-address', '1000000', '--rate-create', '1000',
  '--rate-join', '1000', '--rate-chat', '100000', '--rate-control', '1000'];
const QUOTES = ["'; drop table rooms; --", "' or '1'='1", '"; delete from users', '$1 :a ?1 %s %n',
  '\\\'; select 1', '%', '_', '\\x00', "E'\\\\'", '\u00bf\u0027', '/* */', 'null'];

let number = 0;

const signup = (server) => expectRest(201, server, 'POST', '/api/auth/signup',
  { body: { name: 'Ada', email: `a${number++}@example.org`, password: PASSWORD } });

/** Somebody in a room, by Socket.IO. */
const member = async (t, server, roomId, userId, claims = {}) => {
  const token = issue({ userId, name: userId, ...claims });
  const client = await socket(t, server, userId, { auth: { token } });
  const { ok } = await client.ask('joinRoom', { roomId });
  assert.equal(ok, true, `${userId} comes in`);
  return client;
};

const ownRoom = async (server, body = {}) => (await expectRest(201, server, 'POST', '/api/rooms',
  { body: { isPublic: true, ...body }, token: issue({ userId: 'host' }) })).id;

const messagesOf = async (server, roomId) => (await expectRest(200, server, 'GET',
  `/api/rooms/${roomId}/messages?limit=200`, { token: issue({ userId: 'host' }) })).messages;

/** A place that somebody could be made to call; gives how often it was. */
const trap = async (t) => {
  let calls = 0;
  const server = net.createServer((connection) => {
    calls++;
    connection.destroy();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { url: `http://127.0.0.1:${server.address().port}/`, calls: () => calls };
};

/** Asks the admin socket; gives the status and the text. */
const admin = async (server, where, body) => {
  const text = JSON.stringify(body);
  const answer = await ask({ path: `${server.folder}/admin.sock` }, `POST ${where} HTTP/1.1\r\n`
    + 'Host: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n'
    + `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  return { status: answer.status, text: `${answer.body}` };
};

test('attacks', { concurrency: 6 }, async (t) => {
  const server = await start(t, { flags: [...CHEAP, ...FREE] });

  await all(t, {
    'T-24: who says it is who is connected, whatever the message says': async (u) => {
      const room = await ownRoom(server);
      const host = await member(u, server, room, 'host');
      const eve = await member(u, server, room, 'eve');
      const claims = { from: 'host', userId: 'host', senderId: 'host', sender: { id: 'host' },
        senderSocketId: host.id, socketId: host.id, user: { id: 'host' }, name: 'host', admin: true,
        role: 'host', userName: 'host' };
      const { ok } = await eve.ask('chat:message', { roomId: room, text: 'mine', ...claims });
      assert.equal(ok, true);
      const mine = (await messagesOf(server, room)).find(({ text }) => text === 'mine');
      has(mine, { userId: 'eve', senderId: 'eve', name: 'eve' });
      has(await eve.ask('room:end', { roomId: room, ...claims }), { ok: false, error: refusal() });
      has(await eve.ask('control:kick', { roomId: room, ...claims, userId: 'host' }),
        { ok: false, error: refusal() });
      const posted = await rest(server, 'POST', '/api/chat',
        { body: { sessionId: room, message: 'posted', ...claims }, token: issue({ userId: 'eve', name: 'eve' }) });
      assert.ok(posted.status < 300, posted.text);
      has((await messagesOf(server, room)).find(({ text }) => text === 'posted'), { userId: 'eve' });
    },
    'T-25: somebody in another room is as good as nobody': async (u) => {
      const [mine, theirs] = [await ownRoom(server), await ownRoom(server)];
      const eve = await member(u, server, mine, 'eve');
      const ann = await member(u, server, theirs, 'ann');
      for (const [event, what] of [['signal:offer', { sdp: sdp('offer', 'eve') }],
        ['signal:data', { data: { a: 1 } }]]) {
        const { error: nobody } = await eve.ask(event,
          { roomId: mine, toSocketId: 'A'.repeat(ann.id.length), ...what });
        const { error: other } = await eve.ask(event, { roomId: mine, toSocketId: ann.id, ...what });
        has(nobody, refusal());
        assert.deepEqual(other, nobody, event);
      }
    },
    'T-26: what is said after a removal is not heard': async (u) => {
      const room = await ownRoom(server);
      const host = await member(u, server, room, 'host');
      for (let turn = 0; turn < 20; turn++) {
        const id = `eve${turn}`;
        const eve = await member(u, server, room, id);
        const removed = new Promise((resolve) => { host.socket.once('control:kicked', resolve); });
        const heard = [];
        const hear = ({ message, seq }) => heard.push([message.userId, seq]);
        host.socket.on('chat:message', hear);
        for (let i = 0; i < 20; i++) {
          eve.say('chat:message', { roomId: room, text: `${i}` });
          if (i === turn) host.say('control:kick', { roomId: room, userId: id });
        }
        const { seq } = await removed;
        await sleep(20);
        host.socket.off('chat:message', hear);
        assert.deepEqual(heard.filter(([who, at]) => who === id && at > seq), [], `turn ${turn}`);
      }
    },
    'T-27: who was removed does not come back by what it remembers': async (u) => {
      const room = await ownRoom(server);
      const host = await member(u, server, room, 'host');
      const eve = await socket(u, server, 'eve', { auth: { token: issue({ userId: 'removed' }) } });
      const joined = new Promise((resolve) => { eve.socket.once('joined', resolve); });
      assert.equal((await eve.ask('joinRoom', { roomId: room })).ok, true);
      const { seq, epoch } = await joined;
      const { _pid: pid } = eve.socket;
      eve.lose();
      assert.equal((await host.ask('control:kick', { roomId: room, userId: 'removed' })).ok, true);
      await host.ask('chat:message', { roomId: room, text: 'without you' });
      for (const auth of [{ pid, offset: eve.socket._lastOffset }, {}]) {
        const again = await socket(u, server, 'again',
          { auth: { token: issue({ userId: 'removed' }), ...auth } });
        const heard = [];
        again.socket.onAny((...said) => heard.push(said));
        const { ok, error } = await again.ask('joinRoom', { roomId: room, since: seq, epoch });
        assert.deepEqual([ok, error?.code], [false, 'KICKED']);
        await sleep(50);
        assert.ok(!JSON.stringify(heard).includes('without you'));
        has(await again.ask('chat:message', { roomId: room, text: 'x' }), { ok: false });
      }
      const spied = await rest(server, 'GET', `/api/rooms/${room}/messages`,
        { token: issue({ userId: 'removed' }) });
      assert.equal(spied.status, 403, spied.text);
    },
    'T-27: forged places in a room\'s history are refused or say nothing': async (u) => {
      const room = await ownRoom(server);
      const host = await member(u, server, room, 'host');
      await host.ask('chat:message', { roomId: room, text: 'x' });
      const eve = await socket(u, server, 'eve', { auth: { token: issue({ userId: 'forger' }) } });
      for (const [since, epoch] of [[-1], [1.5], [2 ** 60], ['1', '1'], [[], {}], [0, 0],
        [0, '\u0000']])
        has(await eve.ask('joinRoom', { roomId: room, since, epoch }),
          { ok: false, error: refusal('BAD_FIELD') }, JSON.stringify([since, epoch]));
      has(await eve.ask('joinRoom', { roomId: room, since: 999_999, epoch: 'other' }), { ok: true });
    },
    'T-44, T-54: no address that somebody names is called': async (u) => {
      const { url, calls } = await trap(u);
      const room = await ownRoom(server);
      const part = (json) => Buffer.from(JSON.stringify(json)).toString('base64url');
      const header = { alg: 'HS256', jku: url, x5u: url, jwk: { kty: 'oct', k: 'AA' }, kid: url };
      const token = `${part(header)}.${part({ userId: 'eve', iss: url })}.AAAA`;
      assert.equal((await rest(server, 'GET', '/api/auth/me', { token })).status, 401);
      const host = await member(u, server, room, 'host', { avatarUrl: `${url}a.png` });
      const said = [['chat:message', { text: `see ${url}`, attachments: [{ url: `${url}b` }] }],
        ['file:uploadMeta', { fileUrl: `${url}c`, name: 'c', size: 1, type: 'text/html' }],
        ['whiteboard:draw', { ops: [{ id: 'o', type: 'image', url: `${url}d` }] }]];
      for (const [event, what] of said)
        assert.equal((await host.ask(event, { roomId: room, ...what })).ok, true, event);
      const ada = await signup(server);
      await expectRest(200, server, 'PATCH', '/api/auth/me',
        { body: { avatarUrl: `${url}e` }, token: ada.token });
      await sleep(200);
      assert.equal(calls(), 0);
    },
    'T-49: who is not let in is shown nothing of what is said': async (u) => {
      const hidden = await ownRoom(server, { isPublic: false, settings: { approval: true } });
      const { rooms } = await expectRest(200, server, 'GET', '/api/rooms?limit=100');
      assert.ok(!rooms.some(({ id }) => id === hidden), 'it is not in the list');
      const host = await member(u, server, hidden, 'host');
      await host.ask('chat:message', { roomId: hidden, text: 'between us' });
      const eve = issue({ userId: 'stranger' });
      const waits = await socket(u, server, 'stranger', { auth: { token: eve } });
      const heard = [];
      waits.socket.onAny((...said) => heard.push(said));
      await waits.ask('joinRoom', { roomId: hidden });
      has(await waits.ask('chat:message', { roomId: hidden, text: 'x' }), { ok: false });
      for (const where of [`/api/rooms/${hidden}/messages`, `/api/chat/session/${hidden}`]) {
        await expectRest(200, server, 'GET', where, { token: issue({ userId: 'host' }) });
        const { status } = await rest(server, 'GET', where, { token: eve });
        assert.equal(status, 403, where);
      }
      for (const where of [`/api/rooms/${hidden}`, `/rooms/${hidden}`])
        heard.push((await rest(server, 'GET', where, { token: eve })).text);
      assert.doesNotMatch(JSON.stringify(heard), /between us|"participants":\[\{/);
    },
    'T-52: of eight who bring one file at once, one does, and all of it is that one\'s': async () => {
      const roomId = await openRoom(server);
      const offered = await offer(server, { roomId, name: 'p', size: 300_000 });
      const bodies = Array.from({ length: 8 }, (_, i) => Buffer.alloc(300_000, 65 + i));
      const statuses = await Promise.all(bodies.map((bytes) =>
        bring(offered, bytes).then(({ status }) => status, () => 0)));
      assert.equal(statuses.filter((status) => status === 201).length, 1, statuses.join());
      const { body } = await call(`${new URL(offered.fileUrl, server.url)}`);
      assert.equal(body.length, 300_000);
      assert.equal(new Set(body).size, 1, 'nothing is mixed');
      assert.equal((await bring(offered, bodies[0])).status, 409, 'nor replaced later');
    },
    'T-55: quotes are letters': async (u) => {
      const room = await ownRoom(server);
      const host = await member(u, server, room, 'host');
      for (const text of QUOTES) {
        assert.equal((await host.ask('chat:message', { roomId: room, text })).ok, true, text);
        assert.equal((await host.ask('room:update', { roomId: room, title: text })).ok, true, text);
        const inQuery = encodeURIComponent(text);
        for (const where of [`/api/rooms/${inQuery}`, `/api/rooms?cursor=${inQuery}`,
          `/api/rooms/${room}/messages?before=${inQuery}`, `/files/${inQuery}/x`])
          assert.ok((await rest(server, 'GET', where)).status < 500, where);
        const { status } = await rest(server, 'POST', '/api/auth/login',
          { body: { email: text, password: text } });
        assert.equal(status, 401, text);
        const { json } = await rest(server, 'POST', '/api/auth/signup',
          { body: { name: text, email: `quotes${number++}@example.org`, password: PASSWORD } });
        assert.equal(json.user.name, text);
      }
      const texts = (await messagesOf(server, room)).map(({ text }) => text);
      assert.deepEqual(texts.filter((text) => QUOTES.includes(text)).sort(), [...QUOTES].sort());
    },
    'T-56: code that is handed in is kept, and never run': async (u) => {
      const room = await ownRoom(server, { mode: 'interview', settings: { approval: false } });
      const host = await member(u, server, room, 'host');
      const ann = await member(u, server, room, 'coder');
      await host.ask('room:start', { roomId: room });
      const mark = path.join(server.folder, 'was-here');
      const code = `#!/bin/sh\ntouch ${mark}\n$(touch ${mark})\`touch ${mark}\``;
      const { ok, error } = await ann.ask('code:submit', { roomId: room, code, language: 'sh' });
      assert.equal(ok, true, JSON.stringify(error));
      await sleep(100);
      const tasks = await readdir(`/proc/${server.pid}/task`);
      const children = await Promise.all(tasks.map((id) =>
        readFile(`/proc/${server.pid}/task/${id}/children`, 'utf8').catch(() => '')));
      assert.equal(children.join('').trim(), '', 'the server has no children');
      assert.ok(!(await readdir(server.folder)).includes('was-here'));
    },
  });
});

test('T-49: rooms are not found by trying', async (t) => {
  const server = await start(t);
  const client = await socket(t, server, 'eve', { auth: { token: issue({ userId: 'eve' }) } });
  const began = performance.now();
  let missed = 0;
  /** Whether it is refused to look once more. */
  const isOver = async () => {
    const { status } = await rest(server, 'GET', `/api/rooms/guess${missed}`);
    if (status === 404) assert.ok(missed++ < 600, 'it is refused some day');
    else assert.equal(status, 429);
    return status === 429;
  };
  while (!await isOver());
  const back = Math.ceil((performance.now() - began) / 1000); // one a second comes back
  assert.ok(missed >= 60 && missed <= 60 + back, `${missed} in ${back} s`);
  await eventually(async () => {
    while (!await isOver()); // what came back is spent
    const { ok, error } = await client.ask('joinRoom', { roomId: 'guess' });
    assert.equal(ok, false);
    return error.code === 'RATE_LIMITED';
  }, 'another language to be no way around it');
});

test('T-48: a damaged credential lets nobody in', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'stoa-attacks-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const begin = async () => {
    const server = await restartable(folder, [...CHEAP, ...FREE], { JWT_SECRET });
    server.url = `http://127.0.0.1:${server.port}`;
    return server;
  };
  const sql = (text) => promisify(execFile)('sqlite3', [path.join(folder, 'stoa.db'), text]);
  const end = async (server) => {
    server.child.kill('SIGTERM');
    assert.deepEqual(await server.ended(), [0, null], server.stderr.slice(-2000));
  };
  let server = await begin();
  const damages = ["''", "'x'", `'${PASSWORD}'`, 'substr(passwordHash, 1, 20)', "passwordHash || 'A'",
    'substr(passwordHash, 1, length(passwordHash) - 1)', "replace(passwordHash, 'm=', 'm=0')",
    "replace(passwordHash, 'argon2id', 'argon2i')", "replace(passwordHash, 't=1', 't=0')",
    "replace(passwordHash, 'm=8192', 'm=4294967295')", "'$argon2id$v=19$m=8,t=1,p=1$$'",
    "'*'", "'!'", "'$plain$correct horse battery'"];
  const people = [];
  for (let i = 0; i <= damages.length; i++) people.push((await signup(server)).user.email);
  await end(server);
  for (const [i, damage] of damages.entries())
    await sql(`update users set passwordHash = ${damage} where email = '${people[i]}'`);
  server = await begin();
  const login = (email, password) =>
    rest(server, 'POST', '/api/auth/login', { body: { email, password } });
  assert.equal((await login(people.at(-1), PASSWORD)).status, 200, 'one is sound');
  for (const [i, damage] of damages.entries())
    for (const password of [PASSWORD, 'x'.repeat(8), damage.replaceAll("'", '').padEnd(8)])
      assert.notEqual((await login(people[i], password)).status, 200, `${damage}: ${password}`);
  await end(server);
});

test('T-43, T-48: a secret that is none is no secret', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'stoa-attacks-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  for (const secret of ['a tiny secret', 'x'.repeat(31), '-----BEGIN PUBLIC KEY-----\nx']) {
    const { status, stderr } = await stoa(['check-config', '--data', folder],
      { env: { JWT_SECRET: secret } });
    assert.notEqual(status, 0, secret);
    assert.ok(!stderr.includes(secret), 'nor is it shown');
  }
});

test('T-57: not even who looks closely finds a secret in the log', async (t) => {
  const server = await start(t, { flags: [...CHEAP, ...FREE, '--log-level', 'debug'] });
  const ada = await signup(server);
  const next = 'canary of a new password';
  const other = `postgresql://user:canary-of-an-address@127.0.0.1:1/x`;
  await rest(server, 'GET', `/api/auth/me?token=${ada.token}`);
  await rest(server, 'GET', '/api/auth/me', { token: `${ada.token}x` });
  await rest(server, 'GET', '/api/auth/me',
    { headers: { cookie: `stoa_session=${ada.token}`, origin: server.url } });
  const { status } = await rest(server, 'POST', '/api/auth/password',
    { body: { password: PASSWORD, newPassword: next }, token: ada.token });
  assert.equal(status, 200);
  for (const url of [other, `${other}?nosuch=canary`, other.replace(':1/', ':port with canary/')])
    assert.ok((await admin(server, '/admin/copy', { url })).status >= 400);
  const { uploadUrl, method, headers } =
    await offer(server, { roomId: await openRoom(server), name: 'x', size: 1 });
  await bring({ uploadUrl, method, headers }, Buffer.from('x'));
  const secrets = [PASSWORD, 'canary', ada.token, ada.token.split('.')[2], JWT_SECRET,
    new URL(uploadUrl).searchParams.get('signature')];
  for (const secret of secrets) {
    assert.ok(secret.length > 5);
    assert.ok(!server.lines.some((line) => line.includes(secret)), `${secret} is in the log`);
  }
});

test('the admin socket writes at whole paths alone', async (t) => {
  const server = await start(t);
  for (const file of ['copy.db', './copy.db', '../copy.db', `file:${server.folder}/copy.db`,
    'file:copy?mode=memory', ':memory:']) {
    const { status, text } = await admin(server, '/admin/copy', { file });
    assert.equal(status, 400, file);
    assert.match(text, /whole path/);
  }
  for (const file of ['/dev/null', server.folder, `${server.folder}/lock`])
    assert.equal((await admin(server, '/admin/copy', { file })).status, 409, file);
  const { status, text } = await admin(server, '/admin/copy', { file: `${server.folder}/copy.db` });
  assert.equal(status, 200, text);
});
