// The database goes away, is slow, or its disk is full: what need not be stored goes on, what must
// be is refused quickly or waits, /readyz says so, and when the database is back so is everything,
// by itself. Nothing that was acknowledged is lost. SOAK=1 holds each for a minute.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';

import { Postgres } from './postgres.mjs';
import { SECRET, focus, make, socket } from './room-clients.mjs';
import { eventually, program, restartable } from './stoa.mjs';

const HOLD_MS = process.env.SOAK === '1' ? 60_000 : 6_000;
const SLOW = /debug|tsan/.test(program) ? 5 : 1; // sanitizers, and on a busy machine
const REFUSED_MS = 2_000 * SLOW;
const BACK_MS = 5_000 * SLOW;
const MARGIN_MS = 1_000 * SLOW;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const http = (server, where, init) => fetch(`http://127.0.0.1:${server.port}${where}`, init);

const timed = async (what) => {
  const began = performance.now();
  const result = await what();
  return { result, ms: performance.now() - began };
};

/** Says one thing after the other, with ids, and remembers what was acknowledged. */
const talk = (person, roomId) => {
  const log = { acked: [], refused: [], isOver: false };
  log.done = (async () => {
    for (let n = 0; !log.isOver; n++) {
      const id = `${roomId}-${n}`;
      const ack = await person.ask('chat:message', { roomId, id, text: `Message ${n}` })
        .catch(() => null);
      if (ack?.ok) log.acked.push(id);
      else if (ack) log.refused.push(ack.error.code);
      await pause(20);
    }
  })();
  return log;
};

const kept = async (server, roomId) => {
  const ids = [];
  let before = '';
  do {
    const page = await (await http(server, `/api/rooms/${roomId}/messages?limit=200${before}`)).json();
    ids.push(...page.messages.map((message) => message.id));
    before = page.nextCursor ? `&before=${encodeURIComponent(page.nextCursor)}` : '';
  } while (before);
  return ids;
};

/** What does not have to be stored reaches the others as before. */
const passes = async (room, people, round) => {
  const [ann, bob, carl] = people;
  for (const person of people) person.forget();
  ann.say('presence:typing', { roomId: room, isTyping: round % 2 === 0 });
  bob.say('signal:offer', { roomId: room, toSocketId: ann.id, sdp: `offer ${round}` });
  ann.say('whiteboard:draw', { roomId: room,
    ops: [{ id: `op${round}`, type: 'stroke', points: [[round, 1], [2, 3]], color: '#000', width: 2 }] });
  await bob.hears('presence:typing');
  await ann.hears('signal:offer', (said) => said.sdp === `offer ${round}`);
  await bob.hears('whiteboard:update', (said) => said.ops[0].id === `op${round}`);
  return carl.hears('state', (said) => said.state.running);
};

const liveThrough = async (t, { folder, flags = [], env, leave, comeBack }) => {
  const server = await restartable(folder, [...flags, '--rate-chat', '1000', '--room-idle', '1h'],
    { JWT_SECRET: SECRET, ...env });
  t.after(() => server.child.kill('SIGKILL'));
  const room = await make(server, { title: 'Outage' });
  const ann = await socket(server, { nsp: '/rooms' });
  const bob = await socket(server, { nsp: '/rooms' });
  const carl = await focus(server, room);
  const dora = await socket(server, { nsp: '/rooms' });
  const people = [ann, bob, carl, dora];
  for (const [person, name] of [[ann, 'Ann'], [bob, 'Bob'], [dora, 'Dora']])
    assert.ok((await person.ask('joinRoom', { roomId: room, name })).ok);
  carl.say('join', { name: 'Carl' });
  const other = await make(server, { title: 'Talk' });
  assert.ok((await dora.ask('joinRoom', { roomId: other, name: 'Dora' })).ok);
  const chat = talk(dora, other);
  carl.say('timer:start_focus');
  await carl.hears('state', (said) => said.state.running);
  await eventually(() => chat.acked.length > 20, 'a chat that goes');

  await leave(server);
  const left = performance.now();
  await eventually(async () => (await http(server, '/readyz')).status === 503, '/readyz to say so');
  const { result, ms } = await timed(() => ann.ask('chat:message', { roomId: room, text: 'Lost?' }));
  assert.equal(result.error?.code, 'STORAGE_UNAVAILABLE');
  assert.ok(ms < REFUSED_MS, `refused after ${ms} ms`);
  assert.ok(performance.now() - left < REFUSED_MS + MARGIN_MS, 'all of it soon');
  const rest = await timed(() => http(server, '/api/chat', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sessionId: room, message: 'By REST', userName: 'Rita' }),
  }));
  assert.equal(rest.result.status, 503);
  assert.ok(Number(rest.result.headers.get('retry-after')) > 0);
  assert.ok(rest.ms < REFUSED_MS + MARGIN_MS, `503 after ${rest.ms} ms`);
  let last = Infinity;
  for (let round = 0; performance.now() - left < HOLD_MS; round++) {
    const { result: state, ms: took } = await timed(() => passes(room, people, round));
    assert.ok(state.state.remaining_ms < last, 'the timer goes on');
    last = state.state.remaining_ms;
    assert.ok(took < 5_000 + MARGIN_MS, `everything passes within ${took} ms`); // states: every 5 s
    assert.equal((await http(server, '/healthz')).status, 200);
  }
  for (const person of people) assert.ok(person.isOpen, 'nobody is disconnected');

  await comeBack(server);
  const back = performance.now();
  await eventually(async () => (await http(server, '/readyz')).status === 200, '/readyz to be well');
  await eventually(async () => (await ann.ask('chat:message', { roomId: room, text: 'Here again' })).ok,
    'chat to be stored again');
  const healed = performance.now() - back;
  assert.ok(healed < BACK_MS, `back after ${healed} ms`);
  chat.isOver = true;
  await chat.done;
  const ids = await kept(server, other);
  assert.equal(new Set(ids).size, ids.length, 'nothing is doubled');
  assert.deepEqual(chat.acked.filter((id) => !ids.includes(id)), [], 'nothing acknowledged is lost');
  t.diagnostic(`${chat.acked.length} acknowledged, ${chat.refused.length} refused, back after ${
    Math.round(healed)} ms`);

  server.child.kill('SIGKILL');
  await server.ended();
  const again = await restartable(folder, flags, { JWT_SECRET: SECRET, ...env });
  const after = await kept(again, other);
  assert.deepEqual(chat.acked.filter((id) => !after.includes(id)), [], 'nor after a crash');
  again.child.kill('SIGTERM');
  await again.ended();
};

const scratch = async (t, before = () => {}) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'stoa-outage-'));
  t.after(async () => {
    before(folder);
    await rm(folder, { recursive: true, force: true });
  });
  return folder;
};

const quietly = (...command) => {
  try {
    execFileSync(command[0], command.slice(1), { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

test('PostgreSQL is stopped and started', async (t) => {
  const postgres = await Postgres.start(t);
  await liveThrough(t, {
    folder: await scratch(t),
    env: { DATABASE_URL: postgres.url },
    leave: () => postgres.stop('immediate'),
    comeBack: () => postgres.again(),
  });
});

test('PostgreSQL does not answer', async (t) => {
  const postgres = await Postgres.start(t);
  await liveThrough(t, {
    folder: await scratch(t),
    env: { DATABASE_URL: postgres.url },
    leave: () => postgres.freeze(),
    comeBack: () => postgres.thaw(),
  });
});

test('the disk is full', async (t) => {
  const folder = await scratch(t, (at) => quietly('umount', '-l', at));
  if (!quietly('mount', '-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', folder)) {
    t.skip('no small disk can be mounted here');
    return;
  }
  const ballast = path.join(folder, 'ballast');
  await liveThrough(t, {
    folder,
    leave: async () => {
      const { bavail, bsize } = await statfs(folder);
      await writeFile(ballast, Buffer.alloc(bavail * bsize)).catch(() => {}); // others write, too
    },
    comeBack: () => rm(ballast),
  });
});
