// The stock clients that a transcript's lines act on: Socket.IO and WebSocket. What they hear lies
// in `messages` and `answers` until it is expected; `refused` is why one was not let in.
import { createHmac } from 'node:crypto';
import { io } from 'socket.io-client';
import WebSocket from 'ws';

import { within } from '../stoa.mjs';

const TTL_S = 3600;

/** Until an answer to a ping has come: behind all that was sent before it. */
const pongOf = (ws) => within(new Promise((resolve) => {
  const done = () => {
    ws.off('pong', done);
    ws.off('close', done);
    resolve();
  };
  ws.on('pong', done);
  ws.on('close', done);
  ws.ping('', undefined, (error) => error && done());
}), 'a pong');

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token of that account; `age_s`: made so long ago. */
export const mint = (secret, { user, name, admin }, age_s = 0) => {
  const iat = Math.floor(Date.now() / 1000) - age_s;
  const claims = { userId: user, username: name ?? user, iat, exp: iat + TTL_S };
  if (admin) claims.admin = true;
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
};

export const EXPIRED_S = 2 * TTL_S;

class Client {
  messages = [];
  answers = []; // in the order of the questions; undefined: not yet
  answered = 0;
  refused = null;
  isOpen = false;
  #wake = () => {};

  constructor(name) {
    this.name = name;
  }

  get heard() {
    return this.messages.length + this.answers.slice(this.answered).filter((a) => a).length;
  }

  wake() {
    this.#wake();
  }

  /** Until `take()` gives something, or the time is over: undefined. */
  async until(take, ms) {
    const end = Date.now() + ms;
    for (;;) {
      const got = take();
      const left = end - Date.now();
      if (got !== undefined || left <= 0) return got;
      let timer;
      await new Promise((resolve) => {
        this.#wake = resolve;
        timer = setTimeout(resolve, left);
      });
      clearTimeout(timer);
    }
  }

  hear(name, json) {
    this.messages.push({ name, json });
    this.wake();
  }

  refuse(why) {
    this.isOpen = false;
    this.refused ??= why;
    this.wake();
  }
}

const NAMESPACES = { study: '/rooms', session: '/', call: '/' };

class SocketClient extends Client {
  isTyped = false;

  async dial(url, dialect, { on, name, user, token }) {
    const auth = token ? { token } : name && !user ? { user: { name } } : {};
    this.socket = io(`${url}${on ?? NAMESPACES[dialect]}`,
      { auth, forceNew: true, reconnection: false, transports: ['websocket'] });
    this.socket.onAny((event, payload) => this.hear(event, payload));
    this.socket.on('disconnect', (why) => {
      this.isOpen = false;
      if (why === 'io server disconnect') this.refuse(why);
    });
    await this.#connected();
  }

  async #connected() {
    const { socket } = this;
    await within(new Promise((resolve) => {
      socket.once('connect', resolve);
      socket.once('connect_error', (error) => {
        this.refuse(error.data?.code ?? error.message);
        resolve();
      });
    }), 'a connection');
    this.isOpen = socket.connected;
    this.id = socket.id;
  }

  /** Until what the server has sent by now is here. */
  async pong() {
    if (this.isOpen) await pongOf(this.socket.io.engine.transport.ws);
  }

  send(name, payload) {
    this.socket.emit(...(payload === undefined ? [name] : [name, payload]));
  }

  ask(name, payload) {
    const at = this.answers.push(undefined) - 1;
    const args = payload === undefined ? [name] : [name, payload];
    this.socket.emit(...args, (json) => {
      this.answers[at] = { json };
      this.wake();
    });
  }

  lose() {
    this.socket.io.engine.transport.ws.terminate();
  }

  /** Why it is not the same socket again, if so. */
  async resume() {
    const { id } = this;
    this.socket.connect();
    await this.#connected();
    return this.socket.recovered && this.id === id ? null : 'it is another socket now';
  }

  end() {
    this.isOpen = false;
    this.socket.disconnect();
    this.socket.io._close();
  }
}

class RawClient extends Client {
  isTyped = true;

  async dial(url, dialect, { room, token }) {
    const where = dialect === 'focus' ? `/ws/rooms/${room}${token ? `?token=${token}` : ''}` : '/';
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}${where}`);
    this.socket = socket;
    socket.on('message', (bytes) => {
      const json = JSON.parse(bytes);
      this.hear(json?.type, json);
    });
    socket.on('close', (code, reason) => {
      if (this.isOpen) this.refuse(`${reason}` || `${code}`);
    });
    await within(new Promise((resolve) => {
      socket.once('open', () => {
        this.isOpen = true;
        resolve();
      });
      socket.once('unexpected-response', (request, response) => {
        let body = '';
        response.on('data', (bytes) => { body += bytes; });
        response.on('end', () => {
          this.refuse(JSON.parse(body).error.code);
          resolve();
        });
      });
      socket.on('error', (error) => {
        this.refuse(error.message);
        resolve();
      });
    }), 'a connection');
  }

  async pong() {
    if (this.isOpen) await pongOf(this.socket);
  }

  send(name, payload) {
    this.socket.send(typeof payload === 'string' ? payload : JSON.stringify(payload ?? name));
  }

  lose() {
    this.isOpen = false;
    this.socket.terminate();
  }

  end() {
    this.isOpen = false;
    this.socket.close();
  }
}

/** A client in that language, not connected yet; undefined: there is no such language. */
export const clientFor = (dialect, name) => {
  if (Object.hasOwn(NAMESPACES, dialect)) return new SocketClient(name);
  return ['focus', 'proctor'].includes(dialect) ? new RawClient(name) : undefined;
};
