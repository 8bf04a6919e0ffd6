// What the live tests share: Server starts the program and ends it properly, Wire is a client that
// sees every byte. A server that ends badly (exit status, sanitizer report, a log line that is not
// JSON) fails the test it was started for.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

export const program = process.env.STOA ?? path.join(root, 'build/debug/stoa');
export const PATIENCE = 40_000; // ms: nothing that is waited for takes this long

const PROGRAM_PATIENCE = 4 * PATIENCE; // for one that does a lot before it ends

const LOG_LINE_BYTES = 4096;
const REPORT = /Sanitizer|runtime error:|panic/i;

// TSan dislikes some random address layouts.
export const command = program.includes('/tsan/') ? ['setarch', '-R', program] : [program];

export const within = (promise, what, ms = PATIENCE) => {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${ms} ms for ${what}`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

/** Asks again and again until the answer is true; gives it. */
export const eventually = async (ask, what, ms = PATIENCE) => {
  const end = Date.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`waited ${ms} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

/** Runs the cases, as subtests of `t`, as many at once as `t` permits. */
export const all = (t, cases) =>
  Promise.all(Object.entries(cases).map(([name, run]) => t.test(name, run)));

/** Runs a program to its end: status, signal, stdout, stderr. */
export const run = async (args, { env, input } = {}) => {
  const child = spawn(args[0], args.slice(1), { env: { ...process.env, ...env } });
  const said = { stdout: [], stderr: [] };
  child.stdout.on('data', (bytes) => said.stdout.push(bytes));
  child.stderr.on('data', (bytes) => said.stderr.push(bytes));
  child.stdin.on('error', () => {}); // it may not care for its input
  child.stdin.end(input);
  const [status, signal] = await within(once(child, 'close'), `${args[0]} to end`,
    PROGRAM_PATIENCE);
  const body = Buffer.concat(said.stdout);
  return { status, signal, body, stdout: `${body}`, stderr: `${Buffer.concat(said.stderr)}` };
};

export const stoa = (args, options) => run([...command, ...args], options);

export class Server {
  #text = '';
  #exit;

  constructor(child, folder) {
    this.child = child;
    this.folder = folder;
    this.log = []; // parsed lines
    this.lines = []; // the same as text
    this.#exit = once(child, 'close');
    child.stderr.setEncoding('utf8').on('data', (text) => this.#read(text));
  }

  #read(text) {
    const lines = (this.#text + text).split('\n');
    this.#text = lines.pop();
    for (const line of lines) {
      this.lines.push(line);
      try {
        this.log.push(JSON.parse(line));
      } catch {
        this.log.push({ notJson: line });
      }
    }
  }

  get pid() {
    return this.child.pid;
  }

  get stderr() {
    return this.lines.join('\n') + this.#text;
  }

  said(msg) {
    return this.log.find((line) => line.msg === msg);
  }

  /** The log line with that message, as soon as there is one. */
  async says(msg) {
    return eventually(() => {
      const line = this.said(msg);
      if (!line && this.child.exitCode !== null)
        throw new Error(`the server ended (${this.child.exitCode}):\n${this.stderr}`);
      return line;
    }, `"${msg}" in the log`);
  }

  /** `[status, signal]`, when it has ended. */
  async ended(ms = PATIENCE) {
    try {
      return await within(this.#exit, 'the server to end', ms);
    } catch (error) {
      this.child.kill('SIGKILL');
      throw error;
    }
  }

  async stop() {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGTERM');
    await this.check();
  }

  /** It ends, and nothing was wrong. */
  async check() {
    const [status, signal] = await this.ended();
    await rm(this.folder, { recursive: true, force: true });
    assert.ok(!REPORT.test(this.stderr), `a report:\n${this.stderr}`);
    assert.deepEqual({ status, signal }, { status: 0, signal: null }, this.stderr.slice(-2000));
    for (const line of this.lines) {
      assert.ok(Buffer.byteLength(line) < LOG_LINE_BYTES, `a long line: ${line}`);
      const entry = JSON.parse(line);
      for (const key of ['ts', 'level', 'source', 'msg']) assert.ok(entry[key], line);
    }
  }

  /** The metrics that are plain numbers, by name; labels are part of it. */
  async metrics() {
    const wire = await Wire.open(this.at ?? this.port);
    wire.send('GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    const { status, body } = await wire.response();
    assert.equal(status, 200);
    const rows = `${body}`.split('\n').filter((line) => line && !line.startsWith('#'));
    return Object.fromEntries(rows.map((row) => {
      const at = row.lastIndexOf(' ');
      return [row.slice(0, at), Number(row.slice(at + 1))];
    }));
  }

  /** CPU time it has used, in ms. */
  async cpu() {
    const stat = await readFile(`/proc/${this.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10; // ticks of 1/100 s
  }

  async descriptors() {
    return (await readdir(`/proc/${this.pid}/fd`)).length;
  }

  async residentBytes() {
    return Number((await readFile(`/proc/${this.pid}/statm`, 'utf8')).split(' ')[1]) * 4096;
  }
}

/** Starts a server that `t` ends. `shell` is a bash command that ends in `exec "$@"`, `name` a part
 * of the data folder's. */
export const serve = async (t, flags = [], { env, shell, stdio, name = '' } = {}) => {
  const folder = await mkdtemp(path.join(tmpdir(), `stoa-${name}`));
  const has = (flag) => flags.includes(flag);
  const args = [...command, 'serve', '--data', folder, '--drain-deadline', '1s',
    ...(has('--port') ? [] : ['--port', '0']), ...(has('--host') ? [] : ['--host', '127.0.0.1']),
    ...flags];
  if (shell) args.unshift('bash', '-c', shell, 'bash');
  const child = spawn(args[0], args.slice(1), {
    env: { ...process.env, ...env }, stdio: stdio ?? ['ignore', 'ignore', 'pipe'],
  });
  const server = new Server(child, folder);
  t.after(() => server.stop());
  await server.says('ready');
  server.port = Number(/:(\d+)$/.exec(server.said('listening').address)?.[1]);
  return server;
};

/** Starts a server on a folder that stays, for whoever kills it and starts it again; it is ended by
 * its caller. `startedMs` is how long it took until it was ready. */
export const restartable = async (folder, flags = [], env = {}) => {
  const began = performance.now();
  const args = [...command, 'serve', '--data', folder, '--port', '0', '--host', '127.0.0.1',
    '--drain-deadline', '1s', ...flags];
  const child = spawn(args[0], args.slice(1), {
    env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'],
  });
  const server = new Server(child, folder);
  await server.says('ready');
  server.startedMs = performance.now() - began;
  server.port = Number(/:(\d+)$/.exec(server.said('listening').address)?.[1]);
  return server;
};

const STATUS = /^HTTP\/1\.1 (\d{3}) ([A-Za-z -]*)$/;
const HEADER = /^([A-Za-z0-9-]+): ([\x20-\x7e]*)$/;

const parseHead = (text) => {
  const [first, ...lines] = text.split('\r\n');
  const status = STATUS.exec(first);
  assert.ok(status, `a status line: ${first}`);
  const headers = {};
  for (const line of lines) {
    const header = HEADER.exec(line);
    assert.ok(header, `a header: ${line}`);
    const name = header[1].toLowerCase();
    assert.ok(!(name in headers) || name === 'vary', `only one ${name}`);
    headers[name] = name in headers ? `${headers[name]}, ${header[2]}` : header[2];
  }
  return { status: Number(status[1]), reason: status[2], headers };
};

/** A connection whose bytes one sees: HTTP answers and WebSocket frames are cut out of them. */
export class Wire {
  #chunks = [];
  #wake = () => {};
  rest = Buffer.alloc(0); // came, and was not taken yet
  received = 0;
  over = null; // how it ended: 'end', 'reset'

  constructor(socket) {
    this.socket = socket;
    socket.on('data', (bytes) => {
      this.#chunks.push(bytes);
      this.received += bytes.length;
      this.#wake();
    });
    socket.on('end', () => this.#end('end'));
    socket.on('error', () => this.#end('reset'));
    socket.on('close', () => this.#end('reset'));
  }

  #end(how) {
    this.over ??= how;
    this.#wake();
  }

  /** `at` is a port, or what net.connect() takes; `secure` what tls.connect() takes beside it. */
  static async open(at, secure) {
    const options = typeof at === 'number' ? { port: at } : at;
    const where = { host: '127.0.0.1', noDelay: true, ...options };
    const socket = secure
      ? tls.connect({ rejectUnauthorized: false, ...where, ...secure })
      : net.connect(where);
    const wire = new Wire(socket);
    await within(once(socket, secure ? 'secureConnect' : 'connect'), 'a connection');
    return wire;
  }

  send(...parts) {
    for (const part of parts) if (!this.socket.destroyed) this.socket.write(part);
    return this;
  }

  #gather() {
    if (this.#chunks.length === 0) return;
    this.rest = Buffer.concat([this.rest, ...this.#chunks]);
    this.#chunks = [];
  }

  /** Waits until `take(rest)` gives something; that is then given on. undefined: more is needed. */
  async until(take, what, ms = PATIENCE) {
    const end = Date.now() + ms;
    for (;;) {
      this.#gather();
      const got = take(this.rest);
      if (got !== undefined) return got;
      if (this.over)
        throw new Error(`${what}: the connection ended (${this.over}) behind ${
          JSON.stringify(this.rest.toString('latin1', 0, 200))}`);
      await within(new Promise((resolve) => { this.#wake = resolve; }), what, end - Date.now());
    }
  }

  async take(n, what = `${n} bytes`) {
    const bytes = await this.until((rest) => (rest.length >= n ? rest : undefined), what);
    this.rest = bytes.subarray(n);
    return bytes.subarray(0, n);
  }

  /** The next answer; `head`: of a HEAD request. */
  async response({ head = false } = {}) {
    const at = await this.until((rest) => {
      const found = rest.indexOf('\r\n\r\n');
      return found < 0 ? undefined : found;
    }, 'an answer');
    const answer = parseHead((await this.take(at + 4)).toString('latin1', 0, at));
    const isBare = head || answer.status < 200 || [204, 304].includes(answer.status);
    const length = answer.headers['content-length'];
    if (isBare) answer.body = Buffer.alloc(0);
    else assert.match(length ?? '', /^\d+$/, 'an answer has a length');
    answer.body ??= await this.take(Number(length), 'a body');
    return answer;
  }

  request(text, options) {
    return this.send(text).response(options);
  }

  /** Waits for the other side to hang up: 'end' or 'reset'. */
  async closed(ms = PATIENCE) {
    await eventually(() => this.over, 'the connection to end', ms);
    this.#gather();
    return this.over;
  }

  close() {
    this.socket.destroy();
  }

  // WebSocket

  /** The handshake's answer. */
  upgrade({ path: where = '/ws/echo', host = 'localhost', headers = {} } = {}) {
    const lines = {
      Host: host,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      ...headers,
    };
    const text = Object.entries(lines).filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name}: ${value}\r\n`);
    return this.request(`GET ${where} HTTP/1.1\r\n${text.join('')}\r\n`);
  }

  /** The next frame: of a server, so never masked. */
  async frame() {
    const head = await this.take(2, 'a frame');
    assert.equal(head[1] & 0x80, 0, 'a server does not mask');
    let length = head[1] & 0x7f;
    if (length === 126) length = (await this.take(2)).readUInt16BE();
    else if (length === 127) length = Number((await this.take(8)).readBigUInt64BE());
    const payload = await this.take(length);
    return { fin: head[0] >> 7, rsv: (head[0] >> 4) & 7, op: head[0] & 15, payload };
  }

  /** Reads frames up to a close frame; gives its code and reason, and waits for the end. */
  async goodbye() {
    for (;;) {
      const { op, payload } = await this.frame();
      if (op !== OP.close) continue;
      const code = payload.length ? payload.readUInt16BE() : 1005;
      return { code, reason: `${payload.subarray(2)}`, end: await this.closed() };
    }
  }
}

export const OP = { cont: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 };

/** A frame of a client. `length` says another length than the payload has. */
export const frame = (op, payload = '', { fin = true, rsv = 0, masked = true, length } = {}) => {
  const bytes = Buffer.from(payload);
  const n = length ?? bytes.length;
  const head = Buffer.alloc(n < 126 ? 2 : n < 65536 ? 4 : 10);
  head[0] = (fin ? 0x80 : 0) | (rsv << 4) | op;
  head[1] = (masked ? 0x80 : 0) | (n < 126 ? n : n < 65536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(n, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(n), 2);
  if (!masked) return Buffer.concat([head, bytes]);
  const mask = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);
  for (let i = 0; i < bytes.length; i++) bytes[i] ^= mask[i & 3];
  return Buffer.concat([head, mask, bytes]);
};

/** One request on a connection of its own; gives the answer. */
export const ask = async (at, text, options) => {
  const wire = await Wire.open(at);
  try {
    return await wire.request(text, options);
  } finally {
    wire.close();
  }
};

export const get = (at, where, headers = {}, method = 'GET') => {
  const lines = Object.entries({ Host: 'localhost', ...headers })
    .filter(([, value]) => value !== undefined).map(([name, value]) => `${name}: ${value}\r\n`);
  return ask(at, `${method} ${where} HTTP/1.1\r\n${lines.join('')}\r\n`,
    { head: method === 'HEAD' });
};

/** `{"error":{"code":...,"message":...}}` and nothing else; gives the code. */
export const errorCode = ({ headers, body }) => {
  assert.equal(headers['content-type'], 'application/json; charset=utf-8');
  assert.equal(headers['cache-control'], 'no-store');
  const { error, ...others } = JSON.parse(body);
  assert.deepEqual(others, {});
  assert.deepEqual(Object.keys(error), ['code', 'message']);
  assert.match(error.message, /^[A-Z].*\.$/);
  return error.code;
};
