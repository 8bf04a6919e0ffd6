// What the app asks before anything else: what this server is, and what one has here. Focus is
// counted by people sitting in rooms whose timer runs, over ends of every kind, also the server's.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { upload } from './files.mjs';
import { endRoom, expectRest, has, isDate, issue, JWT_SECRET, refusal, rest, start } from './flow.mjs';
import { socket } from './room-clients.mjs';
import { all, restartable, stoa } from './stoa.mjs';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const tokens = {
  ada: issue({ userId: 'u1', username: 'Ada' }),
  bob: issue({ userId: 'u2', username: 'Bob' }),
  guest: issue({ userId: 'g1', username: 'Gus', guest: true }),
};

const look = (server, token, query = '') =>
  expectRest(200, server, 'GET', `/api/dashboard${query}`, { token });

const make = (server, token, body) =>
  expectRest(201, server, 'POST', '/api/rooms', { token, body });

const enter = async (server, token, roomId) => {
  const person = await socket(server, { nsp: '/rooms', auth: { token } });
  const ack = await person.ask('joinRoom', { roomId });
  assert.ok(ack.ok, JSON.stringify(ack));
  return person;
};

/** The day as people there call it. */
const dateOf = (ms) => new Date(ms).toISOString().slice(0, 10);

test('about', { concurrency: 4 }, async (t) => {
  const about = async (flags) =>
    expectRest(200, await start(t, { flags }), 'GET', '/api/about');
  const { stdout } = await stoa(['--version']);

  await all(t, {
    'as it comes': async () => {
      const said = await about([]);
      assert.deepEqual(Object.keys(said), ['name', 'version', 'authMode', 'signup', 'meshLimit',
        'maxFileBytes', 'resumableUploads', 'filesUrl']);
      has(said, { name: 'Stoa', authMode: 'optional', resumableUploads: true, filesUrl: null });
      assert.ok(stdout.includes(said.version), stdout);
      assert.ok(said.maxFileBytes > 0);
    },
    'as it is told to be': async () => {
      assert.deepEqual(await about(['--auth-mode', 'required', '--auth-signup=false',
        '--mesh-limit', '7', '--files-max-bytes', '5MiB']),
      { name: 'Stoa', version: (await about([])).version, authMode: 'required', signup: false,
        meshLimit: 7, maxFileBytes: 5 << 20, resumableUploads: true, filesUrl: null });
    },
    'whoever it asks for a token': async () => {
      const server = await start(t, { flags: ['--auth-mode', 'open'] });
      const { status, json } = await rest(server, 'GET', '/api/about', { token: 'nonsense' });
      assert.equal(status, 200);
      has(json, { authMode: 'open' });
    },
  });
});

test('a dashboard', { concurrency: 8 }, async (t) => {
  const server = await start(t, { flags: ['--rate-create', '10000', '--rate-control', '1000'] });

  await all(t, {
    'is of somebody': async () => {
      for (const options of [{}, { token: 'nonsense' }, { token: issue({ userId: 'u1', exp: 1 }) }]) {
        const { status, json } = await rest(server, 'GET', '/api/dashboard', options);
        assert.equal(status, 401);
        has(json, { error: refusal('UNAUTHORIZED') });
      }
    },
    'is empty at first': async () => {
      const token = issue({ userId: 'nobody', username: 'No' });
      const { rooms, files, focus } = await look(server, token);
      assert.deepEqual([rooms, files], [[], []]);
      has(focus, { todayMinutes: 0, weekMinutes: 0, totalMinutes: 0, streakDays: 0 });
      assert.equal(focus.days.length, 14);
      for (const day of focus.days) assert.equal(day.minutes, 0);
    },
    'has days as they are where one is': async () => {
      for (const [query, n, offset] of [['', 14, 0], ['?days=1', 1, 0], ['?days=366', 366, 0],
        ['?days=3&utcOffset=840', 3, 840], ['?days=3&utcOffset=-840', 3, -840]]) {
        const now = Date.now() + offset * MINUTE;
        const { days } = (await look(server, tokens.guest, query)).focus;
        const after = Date.now() + offset * MINUTE;
        if (dateOf(now) !== dateOf(after)) continue; // midnight came
        assert.deepEqual(days.map(({ date }) => date),
          Array.from({ length: n }, (_, i) => dateOf(now - (n - 1 - i) * DAY)), query);
      }
      for (const query of ['?days=0', '?days=367', '?days=x', '?utcOffset=841', '?utcOffset=-841']) {
        const { status } = await rest(server, 'GET', `/api/dashboard${query}`, { token: tokens.ada });
        assert.equal(status, 400, query);
      }
    },
    'has rooms that one owns or was let into, the liveliest first': async () => {
      const mine = await make(server, tokens.ada, { title: 'Mine' });
      const theirs = await make(server, tokens.bob, { title: 'Theirs', approval: true });
      const over = await make(server, tokens.ada, { title: 'Over' });
      const bob = await enter(server, tokens.bob, theirs.id);
      const ada = await socket(server, { nsp: '/rooms', auth: { token: tokens.ada } });
      await ada.ask('joinRoom', { roomId: theirs.id });
      has(await look(server, tokens.ada), { rooms: [{ id: over.id }, { id: mine.id }] });
      assert.ok((await bob.ask('room:approve', { roomId: theirs.id, userId: 'u1', approve: true })).ok);
      await ada.hears('joined');
      await endRoom(t, server, over.id, tokens.ada);
      ada.drop();
      await bob.hears('user:left');
      const { rooms } = await look(server, tokens.ada);
      has(rooms, [{ id: theirs.id, title: 'Theirs', role: 'participant', lastSeenAt: isDate,
        participantCount: 1, settings: { approval: true } },
      { id: mine.id, title: 'Mine', ownerId: 'u1', role: 'host', lastSeenAt: mine.createdAt,
        participants: [], participantCount: 0 }]);
      assert.equal(rooms.length, 2);
      const of = (await look(server, tokens.bob)).rooms.find(({ id }) => id === theirs.id);
      has(of, { role: 'host' });
      bob.drop();
    },
    'has the files that one has shared': async () => {
      const { id: roomId } = await make(server, tokens.guest, { isPublic: true });
      const names = ['a.txt', 'Über uns.pdf'];
      for (const name of names) {
        await upload(server, Buffer.from('Hello'), { roomId, name, type: 'text/plain' },
          { token: tokens.guest });
        await sleep(5);
      }
      const { files } = await look(server, tokens.guest);
      assert.deepEqual(files.map(({ name }) => name), [...names].reverse());
      for (const file of files) {
        assert.deepEqual(Object.keys(file),
          ['id', 'name', 'url', 'size', 'type', 'roomId', 'createdAt']);
        has(file, { size: 5, type: 'text/plain', roomId, createdAt: isDate });
        assert.equal(await (await fetch(file.url)).text(), 'Hello');
      }
    },
  });
});

test('focus', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'stoa-focus-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const begin = async () => {
    const server = await restartable(folder, ['--rate-control', '1000'], { JWT_SECRET });
    t.after(() => server.child.kill('SIGKILL'));
    server.url = `http://127.0.0.1:${server.port}`;
    return server;
  };
  const end = async (server, signal) => {
    server.child.kill(signal);
    await server.ended();
  };
  const sql = async (text) =>
    (await promisify(execFile)('sqlite3', [path.join(folder, 'stoa.db'), text])).stdout.trim();
  const stretches = async (user) => (await sql('select endedAt - startedAt from focus_stretches '
    + `where userId = '${user}' order by startedAt`)).split('\n').filter(Boolean).map(Number);
  const inside = (ms, [least, most], what) => // both clocks are of whole milliseconds
    assert.ok(ms >= least - 5 && ms <= most + 5, `${what}: ${least} <= ${ms} <= ${most}`);
  /** Does it; between which two moments it was done. */
  const moment = async (act) => {
    const from = Date.now();
    const got = await act();
    return { from, to: Date.now(), got };
  };
  const between = (one, other) => [other.from - one.to, other.to - one.from];

  let server = await begin();
  const room = await make(server, tokens.ada, { isPublic: true, mode: 'focus' });
  const say = async (who, event) =>
    assert.ok((await who.ask(event, { roomId: room.id, phase: 'focus' })).ok, event);
  const ada = await enter(server, tokens.ada, room.id);
  const second = await enter(server, tokens.ada, room.id);
  const starts = await moment(() => say(ada, 'timer:start'));
  await sleep(300);
  const bobComes = await moment(() => enter(server, tokens.bob, room.id));
  await sleep(1100);
  const bobGoes = await moment(() => {
    second.drop();
    bobComes.got.drop();
    return ada.hears('user:left', ({ socketId }) => socketId === bobComes.got.id);
  });
  await sleep(300);
  const pauses = await moment(() => say(ada, 'timer:pause'));
  await sleep(300);
  const resumes = await moment(() => say(ada, 'timer:resume'));
  await sleep(1100);
  const dies = await moment(async () => {
    await end(server, 'SIGKILL');
    server = await begin();
    await enter(server, tokens.guest, room.id); // loads the room, which finds ada gone
  });
  await end(server, 'SIGTERM');
  const [first, another, ...more] = await stretches('u1');
  inside(first, between(starts, pauses), 'one of two connections, until the pause');
  inside(another, between(resumes, dies), 'until the server was killed and came back');
  assert.equal(more.length, 0);
  const [only, ...others] = await stretches('u2');
  inside(only, between(bobComes, bobGoes), 'from coming to going');
  assert.equal(others.length, 0);

  // Yesterday and the day before; a gap; and long ago. At noon, where the clock is as here.
  const noon = Math.floor(Date.now() / DAY) * DAY + 12 * HOUR;
  const rows = [[1, 25], [2, 50], [4, 10], [400, 60]].map(([daysAgo, minutes]) =>
    `('u1', ${noon - daysAgo * DAY}, 'gone', ${noon - daysAgo * DAY + minutes * MINUTE})`);
  await sql(`insert into focus_stretches values ${rows.join(', ')}`);
  server = await begin();
  const { focus } = await look(server, tokens.ada, '?days=6');
  has(focus, { todayMinutes: 0, weekMinutes: 85, totalMinutes: 145, streakDays: 2 });
  assert.deepEqual(focus.days.map(({ minutes }) => minutes), [0, 10, 0, 50, 25, 0]);
  const elsewhere = await look(server, tokens.ada, '?days=6&utcOffset=-720');
  assert.deepEqual(elsewhere.focus.days.map(({ minutes }) => minutes).filter(Boolean), [10, 50, 25]);
  await end(server, 'SIGTERM');
});
