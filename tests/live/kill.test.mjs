// kill -9 in the middle of everything: what was acknowledged is there when the server is started
// again, once, and the server is ready again at once. Two hundred people talk, each in a room of
// their own, and say again with the same id whatever was not acknowledged when the server died.
// They say new things when all are in: what the first ones say would keep a slow server from
// letting in the last ones. It is killed when it has acknowledged as much as shows that it is busy.
// KILLS says how often it is killed; SOAK=1 does it for long.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { WebSocket } from 'ws';

import { Postgres } from './postgres.mjs';
import { SECRET, token } from './room-clients.mjs';
import { eventually, restartable } from './stoa.mjs';

const PEOPLE = 200;
const WINDOW = 8; // messages of one person that wait for an answer
const READY_MS = 1000;
const RATE = 2000; // acknowledged a second, at least, where others leave time for it
const BUSY = 600; // acknowledged before each blow
const COMING_MS = 60_000; // on a busy machine many are asked to come again, a few seconds later
const built = process.env.STOA ?? 'debug'; // sanitizers make it slow
const kills = (usual, soak) => Number(process.env.KILLS ?? (process.env.SOAK === '1' ? soak : usual));

class Talker {
  waiting = new Map(); // id -> text, said and not acknowledged
  acked = new Set();
  #next = 0;

  constructor(number, crowd) {
    this.room = `kill-${number}`;
    this.crowd = crowd;
  }

  /** Again, like any client, when the server is too busy to let it in. */
  connect(port) {
    const ws = new WebSocket(
      `ws://127.0.0.1:${port}/ws/rooms/${this.room}?token=${token(this.room)}`,
      { perMessageDeflate: false },
    );
    ws.on('error', () => {});
    ws.on('message', (data) => this.ws === ws && this.#hear(JSON.parse(data)));
    ws.on('close', () => setTimeout(() => this.ws === ws && this.connect(port), 100));
    this.ws = ws;
    this.states = 0; // the first is what the room was before
    this.isIn = false;
  }

  #hear(said) {
    if (said.type === 'error' && said.code === 'STORAGE_UNAVAILABLE') {
      this.ws.terminate();
    } else if (said.type === 'error') {
      this.crowd.errors.push(`${this.room}: ${JSON.stringify(said)}`);
    } else if (said.type === 'state' && this.states++ === 0) {
      this.ws.send('{"type":"join","name":"Talker"}');
    } else if (said.type === 'state' && !this.isIn) {
      this.isIn = true;
      for (const id of this.waiting.keys()) this.#say(id);
      this.talk();
    } else if (said.type === 'chat' && this.waiting.delete(said.id)) {
      this.acked.add(said.id);
      this.crowd.acked++;
      this.talk();
    }
  }

  leave() {
    const { ws } = this;
    this.ws = null;
    ws?.terminate();
  }

  #say(id) {
    this.ws.send(JSON.stringify({ type: 'chat', id, text: this.waiting.get(id) }));
  }

  /** So many things that they wait for an answer, unless all are to be quiet. */
  talk() {
    while (this.isIn && !this.crowd.isQuiet && this.waiting.size < WINDOW) {
      const id = `m${this.#next++}`;
      this.waiting.set(id, `This is message ${id} of somebody in ${this.room}.`);
      this.#say(id);
    }
  }
}

const historyOf = async (port, room) => {
  const ids = [];
  let before = '';
  do {
    const url = `http://127.0.0.1:${port}/api/rooms/${room}/messages?limit=200${before}`;
    const page = await (await fetch(url)).json();
    ids.push(...page.messages.map((message) => message.id));
    before = page.nextCursor ? `&before=${encodeURIComponent(page.nextCursor)}` : '';
  } while (before);
  return ids;
};

const compare = async (t, crowd, port) => {
  let lost = 0;
  let doubled = 0;
  for (const talker of crowd.talkers) {
    const kept = await historyOf(port, talker.room);
    const known = new Set(kept);
    doubled += kept.length - known.size;
    for (const id of talker.acked) lost += known.has(id) ? 0 : 1;
  }
  t.diagnostic(`${crowd.acked} acknowledged, ${lost} lost, ${doubled} doubled`);
  assert.deepEqual({ lost, doubled }, { lost: 0, doubled: 0 });
};

const killAgainAndAgain = async (t, times, { folder, env, checkDead = async () => {} }) => {
  const crowd = { talkers: [], acked: 0, errors: [], isQuiet: true };
  for (let i = 0; i < PEOPLE; i++) crowd.talkers.push(new Talker(i, crowd));
  const flags = ['--rate-chat', '100000', '--rate-join', '1000', '--rate-create', '1000'];
  const rates = [];
  const start = () => restartable(folder, flags, { JWT_SECRET: SECRET, ...env });
  let server = await start();
  t.after(() => {
    for (const talker of crowd.talkers) talker.leave();
    server.child.kill('SIGKILL');
  });
  for (let i = 0; i < times; i++) {
    crowd.isQuiet = true;
    for (const talker of crowd.talkers) talker.connect(server.port);
    await eventually(() => crowd.talkers.every((talker) => talker.isIn), 'everybody to be in', COMING_MS)
      .catch((error) => { throw new Error(
        `${error.message}; ${crowd.errors.slice(0, 3)}; ${server.stderr.slice(-1500)}`); });
    const before = crowd.acked;
    const began = performance.now();
    crowd.isQuiet = false;
    for (const talker of crowd.talkers) talker.talk();
    await new Promise((resolve) => setTimeout(resolve, 300 + ((i * 137) % 400)));
    await eventually(() => crowd.acked - before >= BUSY, 'it to be busy', COMING_MS);
    rates.push(((crowd.acked - before) / (performance.now() - began)) * 1000);
    server.child.kill('SIGKILL');
    await server.ended();
    for (const talker of crowd.talkers) talker.leave();
    await checkDead();
    server = await start();
    assert.ok(/debug|tsan/.test(built) || server.startedMs < READY_MS, `ready after ${server.startedMs} ms`);
  }
  rates.sort((a, b) => a - b);
  t.diagnostic(`killed ${times} times at ${Math.round(rates[0])} to ${
    Math.round(rates.at(-1))} acknowledged a second`);
  const isAlone = loadavg()[0] < 4 * availableParallelism();
  if (!/debug|tsan/.test(built) && isAlone) assert.ok(rates[times >> 1] >= RATE, 'it was fast when it was killed');
  crowd.isQuiet = true;
  for (const talker of crowd.talkers) talker.connect(server.port);
  await eventually(() => crowd.talkers.every((talker) => talker.isIn && talker.waiting.size === 0),
    'everything to be acknowledged', COMING_MS).catch((error) => {
    throw new Error(`${error.message}; ${crowd.errors.slice(0, 3)}`);
  });
  await compare(t, crowd, server.port);
  assert.deepEqual(crowd.errors, []);
  for (const talker of crowd.talkers) talker.leave();
  server.child.kill('SIGTERM');
  await server.ended();
};

/** Looks at a copy: the files themselves are the server's to recover. */
const checkFile = async (folder, scratch) => {
  for (const end of ['', '-wal']) await cp(`${folder}/stoa.db${end}`, `${scratch}/stoa.db${end}`);
  const { stdout } = await promisify(execFile)('sqlite3',
    [`${scratch}/stoa.db`, 'pragma integrity_check']);
  assert.equal(stdout.trim(), 'ok');
};

test('SQLite: kill -9 loses and doubles nothing', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'stoa-kill-'));
  const scratch = await mkdtemp(path.join(tmpdir(), 'stoa-kill-copy-'));
  t.after(() => Promise.all([folder, scratch].map((f) => rm(f, { recursive: true, force: true }))));
  await killAgainAndAgain(t, kills(12, 200), {
    folder, checkDead: () => checkFile(folder, scratch),
  });
});

test('PostgreSQL: kill -9 loses and doubles nothing', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'stoa-kill-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const postgres = await Postgres.start(t);
  for (const setting of ['fsync', 'synchronous_commit'])
    assert.equal(await postgres.ask(`show ${setting}`), 'on');
  await killAgainAndAgain(t, kills(12, 50), { folder, env: { DATABASE_URL: postgres.url } });
});
