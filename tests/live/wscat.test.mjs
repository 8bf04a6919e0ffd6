// The "Testing" section of the proctored rooms' source, as it stands there, with the real wscat:
// its lines go in at one end, what the server says comes out at the other.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';

import { serve, stoa, within } from './stoa.mjs';

const env = { JWT_SECRET: 'a secret of thirty-two bytes, at least' };
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const PROMPT = /^(> )*/;
const AGAIN = 500; // ms: slower than what is limited

const require = createRequire(import.meta.url);
const program = path.join(path.dirname(require.resolve('wscat/package.json')), 'bin/wscat');

const token = async (user, name) => {
  const { status, stdout, stderr } = await stoa(['token', '--user', user, '--name', name], { env });
  assert.equal(status, 0, stderr);
  return stdout.trim();
};

/** wscat -c ws://localhost:PORT */
class Wscat {
  #heard = [];
  #wake = () => {};

  constructor(t, ...options) {
    this.child = spawn(process.execPath, [program, ...options]);
    this.end = once(this.child, 'close');
    this.errors = '';
    this.child.stderr.on('data', (text) => { this.errors += text; });
    this.child.stdin.on('error', () => {}); // it has ended; what was expected of it says so
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      const text = line.replace(PROMPT, '');
      if (!text.startsWith('{')) return; // what it says itself, of pings
      this.#heard.push(JSON.parse(text));
      this.#wake();
    });
    t.after(() => this.child.kill('SIGKILL'));
  }

  /** Connected: what is typed before is lost, and without a terminal it does not say when. */
  static async open(t, port, ...options) {
    const wscat = new Wscat(t, '-c', `ws://localhost:${port}`, ...options);
    const timer = setInterval(() => wscat.type('{"type":"HEARTBEAT"}'), AGAIN);
    try {
      await wscat.hear('HEARTBEAT_ACK');
    } finally {
      clearInterval(timer);
    }
    return wscat;
  }

  /** One line, which is one message. */
  type(text) {
    this.child.stdin.write(`${text.replace(/\s*\n\s*/g, ' ')}\n`);
  }

  async #next(what) {
    while (this.#heard.length === 0) await new Promise((resolve) => { this.#wake = resolve; });
    return this.#heard.shift();
  }

  async hear(type) {
    for (;;) {
      const message = await within(this.#next(), `${type}; ${this.errors}`);
      if (message.type === 'HEARTBEAT_ACK' && type !== 'HEARTBEAT_ACK') continue;
      assert.equal(message.type, type, JSON.stringify(message));
      return message;
    }
  }
}

test('source D with wscat', async (t) => {
  const { port } = await serve(t, [], { env, name: 'wscat-' });
  const host = await Wscat.open(t, port);
  host.type(`{
    "type": "CREATE_ROOM",
    "token": "${await token('user123', 'Admin')}",
    "roomname": "Test Room",
    "maxGuests": 5,
    "question": "Test",
    "duration": 60,
    "isPublic": false
  }`);
  const { data: { roomId, seq, epoch, ...created } } = await host.hear('ROOM_CREATED');
  assert.deepEqual(created, { roomname: 'Test Room', message: 'Room created successfully' });
  assert.match(roomId, /^[A-Za-z0-9]{6}$/);
  assert.ok(seq > 0 && epoch.length > 0);

  const john = await Wscat.open(t, port, '-P'); // it shows pings, which are no messages
  const his = await token('user456', 'John Doe');
  const join = `{ "type": "JOIN_ROOM", "token": "${his}", "roomId": "${roomId}" }`;
  john.type(join);
  assert.deepEqual(await john.hear('WAITING_APPROVAL'), {
    type: 'WAITING_APPROVAL', message: 'Waiting for host approval to join the room', roomId });
  const request = await host.hear('JOIN_REQUEST');
  assert.equal(request.data.userId, 'user456');
  assert.equal(request.data.username, 'John Doe');
  assert.match(request.data.socketId, UUID);
  assert.ok(Math.abs(request.data.timestamp - Date.now()) < 60_000, 'milliseconds since 1970');

  host.type(JSON.stringify({ type: 'APPROVE_JOIN', roomId, userId: 'user456', approve: true }));
  const { data: room } = await john.hear('JOIN_APPROVED');
  for (const [key, value] of Object.entries({
    roomId, roomname: 'Test Room', question: 'Test', duration: 60, hostName: 'Admin',
  })) assert.equal(room[key], value, key);
  const came = { userId: 'user456', username: 'John Doe', connectedCount: 2 };
  assert.deepEqual((await john.hear('USER_JOINED')).data, came);
  assert.deepEqual((await host.hear('USER_JOINED')).data, came);

  // A connection that breaks is told, and its user comes back to the place that was kept.
  john.child.kill('SIGKILL');
  assert.deepEqual((await host.hear('USER_DISCONNECTED')).data, { ...came, connectedCount: 1 });
  const again = await Wscat.open(t, port);
  again.type(join);
  assert.equal((await again.hear('JOIN_APPROVED')).data.reconnected, true);
  assert.deepEqual((await host.hear('USER_RECONNECTED')).data, came);
  host.type(`{ "type": "END_ROOM", "roomId": "${roomId}" }`);
  for (const one of [host, again]) await one.hear('ROOM_ENDED');
});

test('source D with wscat: what is pasted as printed, line by line, is no message', async (t) => {
  const { port } = await serve(t, [], { env, name: 'wscat-' });
  const someone = await Wscat.open(t, port);
  const lines = ['{', '  "type": "CREATE_ROOM",', '  "token": "your-jwt",',
    '  "roomname": "Test Room",', '  "maxGuests": 5,', '  "question": "Test",', '  "duration": 60,',
    '  "isPublic": false', '}'];
  for (const line of lines) {
    someone.type(line);
    assert.equal((await someone.hear('ERROR')).code, 'BAD_JSON', line);
  }
  someone.type('{ "type": "JOIN_ROOM", "token": "your-jwt", "roomId": "A7x9K2" }');
  assert.match((await someone.hear('ERROR')).code, /^(UNAUTHORIZED|ROOM_NOT_FOUND)$/);
  someone.type('{"type":"HEARTBEAT"}');
  await someone.hear('HEARTBEAT_ACK');
  someone.child.stdin.end();
  assert.deepEqual(await within(someone.end, 'wscat to end'), [0, null], someone.errors);
});
