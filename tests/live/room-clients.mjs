// Clients of the five languages for tests that look at the server and not at the words: each says
// what it is told to, keeps what it hears as `{ name, json }`, and can stop reading.
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { WebSocket } from 'ws';

import { eventually, within } from './stoa.mjs';

export const SECRET = 'a secret of thirty-two bytes, at least';

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token for that user. */
export const token = (userId, claims = {}) => {
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ userId, ...claims })}`;
  return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`;
};

/** What a text frame says: `{ name, json, id }`, with the id of the request that it answers. */
const readers = {
  typed: (text) => {
    const json = JSON.parse(text);
    return { name: json.type, json };
  },
  socket: (text) => {
    const match = /^4([0234])(\/[^,]*)?,?(\d*)(.*)$/s.exec(text);
    if (!match) return null;
    const [, type, , id, rest] = match;
    if (type === '0') return { name: 'CONNECT', json: JSON.parse(rest) };
    if (type === '4') return { name: 'CONNECT_ERROR', json: JSON.parse(rest) };
    const args = JSON.parse(rest);
    return type === '3' ? { name: 'ack', json: args[0], id: Number(id) }
      : { name: args[0], json: args[1] };
  },
};

export const SOCKET = '/socket.io/?EIO=4&transport=websocket';

export class Person {
  heard = [];
  #next = 0;

  /** `where` is the address; of Socket.IO `nsp` is the namespace and `auth` what it is told. */
  constructor(server, where = SOCKET, { nsp = '', auth, from } = {}) {
    this.isSocket = where.startsWith('/socket.io');
    this.nsp = nsp ? `${nsp},` : '';
    this.auth = auth ? JSON.stringify(auth) : '';
    const url = `ws://127.0.0.1:${server.port}${where}`;
    this.ws = new WebSocket(url, { perMessageDeflate: false, localAddress: from });
    this.ws.on('message', (data) => this.#take(`${data}`));
    this.ws.on('error', () => {});
  }

  #take(text) {
    if (this.isSocket && text === '2') {
      this.ws.send('3');
    } else if (this.isSocket && text[0] === '0') {
      this.ws.send(`40${this.nsp}${this.auth}`);
    } else {
      const said = readers[this.isSocket ? 'socket' : 'typed'](text);
      if (said) this.heard.push(said);
    }
  }

  async ready() {
    await within(once(this.ws, 'open'), 'a WebSocket');
    if (this.isSocket) this.id = (await this.hears('CONNECT')).sid;
    return this;
  }

  get isOpen() {
    return this.ws.readyState === WebSocket.OPEN;
  }

  /** Bytes as they are. */
  send(bytes) {
    if (this.isOpen) this.ws.send(bytes);
  }

  say(name, json = {}) {
    if (this.isSocket) this.send(`42${this.nsp}${JSON.stringify([name, json])}`);
    else this.send(JSON.stringify({ type: name, ...json }));
  }

  /** The answer, of Socket.IO. */
  async ask(name, json = {}) {
    const id = this.#next++;
    this.send(`42${this.nsp}${id}${JSON.stringify([name, json])}`);
    const ack = await eventually(() => this.heard.find((said) => said.id === id) ?? !this.isOpen,
      `an answer to ${name}`);
    if (ack === true) throw new Error(`the connection ended before the answer to ${name}`);
    return ack.json;
  }

  all(name) {
    return this.heard.filter((said) => said.name === name).map((said) => said.json);
  }

  /** The first such message that meets the condition, as soon as there is one. */
  hears(name, is = () => true) {
    return eventually(() => this.all(name).find(is), `${name}`);
  }

  forget() {
    this.heard = [];
    return this;
  }

  pause() {
    this.ws.pause();
  }

  resume() {
    this.ws.resume();
  }

  /** Without a word. */
  drop() {
    this.ws.terminate();
  }

  ended(ms) {
    return eventually(() => this.ws.readyState === WebSocket.CLOSED, 'the connection to end', ms);
  }
}

/** A connection of Socket.IO. */
export const socket = (server, options) => new Person(server, SOCKET, options).ready();

/** A connection of language C, to that room. */
export const focus = (server, room, options) =>
  new Person(server, `/ws/rooms/${room}`, options).ready();

/** A connection of language D. */
export const proctor = (server, options) => new Person(server, '/ws', options).ready();

/** Makes a room; gives its id. */
export const make = async (server, room = {}, user = 'owner') => {
  const answer = await fetch(`http://127.0.0.1:${server.port}/api/rooms`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token(user)}` },
    body: JSON.stringify({ title: 'Room', ...room }),
  });
  if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`);
  return (await answer.json()).id;
};
