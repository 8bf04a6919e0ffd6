// What the flow tests share: clients of the five sources. Each knows the words of one source, as it
// is printed there, and looks at nothing else in what it hears; but every message that comes must
// be expected, in order.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';

import { serve, within } from './stoa.mjs';

/** Less than a message may have, and more than anybody has to say. */
export const HUGE = 'x'.repeat(900_000);

export const LONG = 'x'.repeat(12_000); // longer than a chat message may be

const QUIET = 120; // ms in which what is on its way arrives
const MAX_SHOWN = 600;
const TTL_S = 3600;

/** The secret that the server shares with whoever issues tokens. */
export const JWT_SECRET = 'a secret of thirty-two bytes, at least';

export const ways = {
  websocket: { transports: ['websocket'] },
  polling: { transports: ['polling'] },
};

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token as any issuer makes it who has the secret (HS256). */
export const issue = (claims, secret = JWT_SECRET) => {
  const iat = Math.floor(Date.now() / 1000);
  const payload = { iat, exp: iat + TTL_S, ...claims };
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(payload)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
};

export const show = (value) => String(JSON.stringify(value)).slice(0, MAX_SHOWN);

/** Whether `got` has what `want` has; it may have more. A pattern or a function is a condition. */
const meets = (got, want) => {
  if (want instanceof RegExp) return typeof got === 'string' && want.test(got);
  if (typeof want === 'function') return Boolean(want(got));
  if (want === null || typeof want !== 'object') return Object.is(got, want);
  if (got === null || typeof got !== 'object' || Array.isArray(got) !== Array.isArray(want))
    return false;
  if (Array.isArray(want) && got.length !== want.length) return false;
  return Object.entries(want).every(([key, value]) => meets(got[key], value));
};

const shown = (want) => JSON.stringify(want, (key, value) =>
  (value instanceof RegExp || typeof value === 'function' ? `${value}` : value));

/** `got` has all that `want` has. */
export const has = (got, want, what = '') => {
  assert.ok(meets(got, want), `${what}: expected ${shown(want)}, came ${show(got)}`);
  return got;
};

/** Milliseconds since 1970, of this minute. */
export const isNow = (ms) => Number.isInteger(ms) && Math.abs(ms - Date.now()) < 60_000;

export const isDate = (text) => typeof text === 'string' && isNow(Date.parse(text))
  && new Date(text).toISOString() === text;

/** How often each message is among the next n. */
export const count = async (client, n) => {
  const names = {};
  for (let i = 0; i < n; i++) {
    const { name } = await client.next(`message ${i + 1} of ${n}`);
    names[name] = (names[name] ?? 0) + 1;
  }
  return names;
};

const SENTENCE = /^["A-Z].*\.$/s;
const CODE = /^(?!RATE_LIMITED|INTERNAL)[A-Z][A-Z_]*$/; // what says nothing about what was asked

/** What makes an error in every language; `code` if it is known. */
export const refusal = (code = CODE) => ({ code, message: SENTENCE });

class Client {
  #heard = [];
  #wake = () => {};
  #over = null; // why nothing more will come

  constructor(name) {
    this.name = name;
  }

  take(name, json) {
    this.#heard.push({ name, json });
    this.#wake();
  }

  is(over) {
    this.#over = over;
    this.#wake();
  }

  /** The next message, whatever it is: `{ name, json }`. */
  async next(what = 'something') {
    const came = async () => {
      while (this.#heard.length === 0) {
        assert.equal(this.#over, null, `${this.name} waits for ${what}`);
        await new Promise((resolve) => { this.#wake = resolve; });
      }
    };
    await within(came(), `${this.name} to hear ${what}`);
    return this.#heard.shift();
  }

  /** The next message, which must be this one and have that. */
  async hear(name, want = {}, why = '') {
    const { name: got, json } = await this.next(`${name} ${why}`);
    assert.equal(got, name, `${this.name} expected ${name}, heard ${got} ${show(json)} ${why}`);
    return has(json, want, `${this.name}, ${name} ${why}`);
  }

  hasHeardNothing() {
    assert.deepEqual(this.#heard.map(({ name, json }) => `${name} ${show(json)}`), [],
      `${this.name} hears what nobody expects`);
  }
}

/** Nothing more has come for any of them. */
export const quiet = async (...clients) => {
  await sleep(QUIET);
  for (const client of clients) client.hasHeardNothing();
};

/** All of them hear it. */
export const each = (clients, name, want) =>
  Promise.all(clients.map((client) => client.hear(name, want)));

export class SocketClient extends Client {
  constructor(t, server, name, options, where = '') {
    super(name);
    this.socket = io(`${server.url}${where}`,
      { forceNew: true, reconnection: false, rejectUnauthorized: false, ...options });
    this.socket.onAny((event, ...args) => this.take(event, args[0]));
    this.socket.on('connect', () => this.is(null)).on('disconnect', (why) => this.is(why));
    t.after(() => this.socket.io._close());
  }

  get id() {
    return this.socket.id;
  }

  /** Connected; or the error that the server gave. */
  async connected() {
    const { socket } = this;
    await within(new Promise((resolve, reject) => {
      socket.once('connect', resolve).once('connect_error', reject);
    }), `${this.name} to connect`);
    return this;
  }

  say(event, ...payload) {
    this.socket.emit(event, ...payload);
  }

  /** The answer. */
  ask(event, ...payload) {
    return within(this.socket.emitWithAck(event, ...payload), `an answer to ${event}`);
  }

  /** It goes, and says so. */
  async leave() {
    this.socket.disconnect();
  }

  /** The network goes. */
  lose() {
    this.socket.io.engine.transport.ws.terminate();
  }
}

export const socket = (t, server, name, options, where) =>
  new SocketClient(t, server, name, { ...ways.websocket, ...options }, where).connected();

/** Its host ends the room, which stays to be read. */
export const endRoom = async (t, server, roomId, token) => {
  const host = await socket(t, server, 'host', { auth: { token } });
  for (const event of ['joinRoom', 'room:end'])
    assert.equal((await host.ask(event, { roomId })).ok, true, event);
  host.socket.disconnect();
};

export class TypedClient extends Client {
  pulses = []; // states of a timer that runs, which come by the clock between whatever else comes
  #hasHeard = false;

  constructor(t, server, name, where = '') {
    super(name);
    const url = `${server.url.replace(/^http/, 'ws')}${where}`;
    this.ws = new WebSocket(url, { rejectUnauthorized: false });
    this.ws.on('message', (text, isBinary) => {
      assert.ok(!isBinary, 'messages are text');
      const json = JSON.parse(text);
      if (this.#isPulse(json)) this.pulses.push(json.state);
      else this.take(json.type, json);
      this.#hasHeard = true;
    });
    this.ws.on('close', (code, reason) => this.is(`closed: ${code} ${reason}`));
    t.after(() => this.ws.terminate());
  }

  /** The first message of a connection looks like one. */
  #isPulse({ type, seq, self, state }) {
    return type === 'state' && this.#hasHeard && seq === undefined && !self && state?.running;
  }

  async connected() {
    await within(once(this.ws, 'open'), `${this.name} to connect`);
    return this;
  }

  get isOpen() {
    return this.ws.readyState === WebSocket.OPEN;
  }

  /** `message` is sent as JSON; text, bytes and so on as they are. */
  say(message) {
    const isPlain = Object.getPrototypeOf(message) === Object.prototype;
    this.ws.send(isPlain ? JSON.stringify(message) : message);
  }

  async leave() {
    this.ws.close();
  }

  lose() {
    this.ws.terminate();
  }
}

export const typed = (t, server, name, where) =>
  new TypedClient(t, server, name, where).connected();

/** A server; `secure`: over TLS with a certificate of its own. */
export const start = async (t, { flags = [], env, secure = false } = {}) => {
  const server = await serve(t, [...flags, ...(secure ? ['--dev-tls'] : [])],
    { env: { JWT_SECRET, ...env }, name: 'flow-' });
  server.url = `http${secure ? 's' : ''}://127.0.0.1:${server.port}`;
  return server;
};

/** A request with a JSON body if there is one: `{ status, headers, json }`. */
export const rest = async (server, method, path, { body, token, headers = {} } = {}) => {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const request = (server.url.startsWith('https') ? https : http).request(`${server.url}${path}`, {
    method,
    rejectUnauthorized: false,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(text !== undefined && {
        'content-type': 'application/json', 'content-length': Buffer.byteLength(text),
      }),
      ...headers,
    },
  });
  request.end(text);
  const [response] = await within(once(request, 'response'), `an answer to ${method} ${path}`);
  const chunks = [];
  for await (const chunk of response) chunks.push(chunk);
  const said = `${Buffer.concat(chunks)}`;
  const json = /json/.test(response.headers['content-type'] ?? '') ? JSON.parse(said) : undefined;
  return { status: response.statusCode, headers: response.headers, json, text: said };
};

/** The same, which must have that status; gives the JSON. */
export const expectRest = async (status, ...request) => {
  const answer = await rest(...request);
  const what = `${request[1]} ${request[2]}: ${answer.text.slice(0, MAX_SHOWN)}`;
  assert.equal(answer.status, status, what);
  return answer.json;
};

/** Descriptions and candidates: the server does not read them. */
export const sdp = (type, who) =>
  ({ type, sdp: `v=0\r\no=- ${who} 2 IN IP4 127.0.0.1\r\ns=-\r\n` });

export const candidate = (who) => ({
  candidate: `candidate:1 1 udp 2122260223 192.0.2.1 ${who} typ host`,
  sdpMid: '0',
  sdpMLineIndex: 0,
});

/** What no client of Socket.IO should send: `[event, ...arguments]`. */
export const nonsense = (event) => [
  [event], [event, null], [event, 'text'], [event, 17], [event, []], [event, true],
  [event, Buffer.from([1, 2, 3])], [event, { a: Buffer.from('x') }],
];
