// What the Socket.IO tests share: Peer runs tests/tools/sio_peer (the product's own code with an
// application for tests), dial() is the stock client, connected.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { io } from 'socket.io-client';

import { command, PATIENCE, program, within } from './stoa.mjs';

const peerProgram = path.join(path.dirname(program), 'tests/tools/sio_peer');
const REPORT = /Sanitizer|runtime error:|panic/i;

export class Peer {
  #said = '';

  /** Starts one that `t` ends. */
  static async start(t) {
    const peer = new Peer();
    t.after(() => peer.stop());
    await peer.run(0);
    return peer;
  }

  async run(port) {
    const [first, ...rest] = [...command.slice(0, -1), peerProgram, 'live', `${port}`];
    const child = spawn(first, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    this.exit = once(child, 'close');
    child.stderr.setEncoding('utf8').on('data', (text) => { this.#said += text; });
    const [line] = await within(Promise.race([
      once(child.stdout, 'data'),
      this.exit.then((end) => { throw new Error(`sio_peer ended: ${end}\n${this.#said}`); }),
    ]), 'sio_peer to be ready');
    this.port = Number(/^ready (\d+)/.exec(`${line}`)[1]);
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  get isUp() {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** It ends, and nothing was wrong. */
  async stop() {
    this.child.kill('SIGTERM');
    const end = await within(this.exit, 'sio_peer to end', 2 * PATIENCE);
    assert.ok(!REPORT.test(this.#said), this.#said);
    assert.deepEqual(end, [0, null], this.#said);
  }

  async restart() {
    await this.stop();
    await this.run(this.port);
  }

  async descriptors() {
    return (await readdir(`/proc/${this.child.pid}/fd`)).length;
  }
}

/** A client of `t`, not connected yet. */
export const client = (t, peer, options = {}, where = '') => {
  const socket = io(`${peer.url}${where}`, { forceNew: true, reconnectionDelay: 50, ...options });
  t.after(() => { socket.io._close(); }); // all its namespaces, and no coming back
  return socket;
};

export const connected = (socket) => within(new Promise((resolve, reject) => {
  if (socket.connected) resolve(socket);
  socket.once('connect', () => resolve(socket));
  socket.once('connect_error', reject);
}), 'a connection');

export const dial = (t, peer, options, where) => connected(client(t, peer, options, where));

export const happens = async (emitter, name, ms) =>
  within(new Promise((resolve) => { emitter.once(name, (...args) => resolve(args)); }), name, ms);

export const ask = (socket, ...args) => socket.timeout(PATIENCE).emitWithAck(...args);

/** To these rooms or ids (none: everybody), without those: an event `told` with a value. */
export const tell = (socket, { to = [], except = [], ifYouCan = false }, value) =>
  ask(socket, 'tell', to, except, ifYouCan, value);

/** What the socket is told, in order. */
export const listen = (socket, event = 'told') => {
  const heard = [];
  socket.on(event, (value) => heard.push(value));
  return heard;
};

export const upTo = (n) => Array.from({ length: n }, (_, i) => i);

export const ways = {
  polling: { transports: ['polling'] },
  websocket: { transports: ['websocket'] },
  upgrade: { transports: ['polling', 'websocket'] },
};
