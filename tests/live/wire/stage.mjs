// Plays a transcript against a server, step by step; the first thing that does not hold is a
// Complaint.
import { setTimeout as sleep } from 'node:timers/promises';

import { clientFor, EXPIRED_S, mint } from './clients.mjs';
import { differences, fill, show } from './match.mjs';
import { Complaint } from './script.mjs';

const QUIET = 60; // ms in which what is on its way arrives, as a rule
const SETTLED = 30_000; // ms: the store is never busy for that long
const GAP = 10; // ms in which the end of a connection is noticed
const SHOWN = 1500;
const BEHIND = 6;

const FLAGS = {
  grace: '--room-grace', idle: '--room-idle', rooms: '--room-limit', mesh: '--mesh-limit',
  auth: '--auth-mode', stun: '--ice-stun', turn: '--ice-turn', 'turn-secret': '--ice-turn-secret',
};

/** The program's arguments for a transcript's settings. */
export const flags = (script) => script.settings.flatMap(({ line, name, value }) => {
  const flag = FLAGS[name] ?? (/^rate\.[a-z]+$/.test(name) ? `--${name.replace('.', '-')}` : null);
  if (!flag) throw new Complaint(`${script.path}:${line}: there is no setting '${name}'`);
  return [flag, value];
});

export class Stage {
  names = new Map();
  clients = new Map();
  current = null;

  /** `patience`: ms that a message may take to come. */
  constructor(script, { url, secret, patience }) {
    Object.assign(this, { script, url, secret, patience });
  }

  async play() {
    try {
      for (const step of this.script.steps) {
        this.step = step;
        if (!this.current && !['client', 'wait', 'http', 'httpAnswer'].includes(step.kind))
          this.fail('who? There is no client yet');
        await this[step.kind](step);
      }
      await sleep(QUIET);
      await this.#settled();
      for (const client of this.clients.values()) this.#nothingLeft(client);
    } finally {
      for (const client of this.clients.values()) if (client.socket) client.end();
    }
  }

  #pongs() {
    return Promise.all([...this.clients.values()].map((client) => client.socket && client.pong()));
  }

  /** Until the server has stored what it was asked to, and each client has what there was for it. */
  async #settled() {
    const end = Date.now() + SETTLED;
    for (let calm = 0; calm < 2 && Date.now() < end;) { // twice: what is stored may lead to more
      await this.#pongs();
      const text = await (await fetch(`${this.url}/metrics`)).text();
      calm = /^stoa_store_waiting 0$/m.test(text) ? calm + 1 : 0;
      if (calm < 2) await sleep(GAP);
    }
    await this.#pongs();
  }

  fail(what, lines = []) {
    throw new Complaint([`${this.script.path}:${this.step.line}: ${what}`, ...lines].join('\n'));
  }

  #json(text) {
    try {
      return JSON.parse(text);
    } catch {
      return undefined;
    }
  }

  /** What is sent: filled in, or as it is when it is no JSON. */
  #outgoing(text) {
    const value = this.#json(text);
    if (value === undefined) return text;
    return fill(this.names, value, (name) => this.fail(`nothing is called $${name} yet`));
  }

  #expected(text) {
    const value = this.#json(text);
    return value === undefined ? this.fail('what is expected is no JSON') : value;
  }

  #cameLines(heard, queue) {
    const behind = queue.slice(0, BEHIND).map(({ name }) => name ?? 'an answer');
    return [`    what came: ${heard.name ?? ''} ${show(heard.json, SHOWN)}`,
      ...(behind.length > 0 ? [`    and behind it: ${behind.join(', ')}`] : [])];
  }

  #nothingLeft(client) {
    const [heard, ...rest] = [...client.messages,
      ...client.answers.slice(client.answered).filter((answer) => answer)];
    if (!heard) return;
    this.fail(`${client.name} hears what is not expected: ${heard.name ?? 'an answer'}`,
      this.#cameLines(heard, rest));
  }

  #open(what = 'is not connected') {
    if (!this.current.isOpen) this.fail(`${this.current.name} ${what}`);
    return this.current;
  }

  /** What one client sent arrives before what the next one sends. */
  async #switchTo(client) {
    if (this.hasSent && client !== this.current) await this.#settled();
    this.hasSent = false;
    this.current = client;
  }

  // ---- steps

  async client({ name, dialect, options }) {
    const known = this.clients.get(name);
    if (dialect !== undefined) await this.#connect(known, name, dialect, options);
    else if (known) await this.#switchTo(known);
    else this.fail(`nobody is called ${name}: write @${name} and a language first`);
  }

  async #connect(known, name, dialect, options) {
    const { names, secret } = this;
    if (known?.isOpen) this.fail(`${name} is connected already`);
    if (known) this.#nothingLeft(known);
    const client = clientFor(dialect, name) ?? this.fail(
      `there is no language '${dialect}': study, session, focus, proctor, call`);
    const account = { ...options, user: options.user ?? name };
    names.set(`${name}.token`, mint(secret, account));
    names.set(`${name}.expired`, mint(secret, account, EXPIRED_S));
    const room = options.room?.startsWith('$')
      ? names.get(options.room.slice(1)) ?? this.fail(`nothing is called ${options.room} yet`)
      : options.room;
    const token = options.token ?? (options.user ? names.get(`${name}.token`) : undefined);
    client.token = token;
    await this.#switchTo(client);
    this.clients.set(name, client);
    await client.dial(this.url, dialect, { ...options, room, token });
    if (client.refused) return this.#mustBeExpected();
    names.delete(`${name}.id`);
    names.delete(`${name}.user`);
    if (client.id) names.set(`${name}.id`, client.id);
    if (options.user) names.set(`${name}.user`, options.user);
  }

  /** Whoever was refused cannot go on. */
  #mustBeExpected() {
    const { steps } = this.script;
    const next = steps[steps.indexOf(this.step) + 1];
    if (next && next.kind !== 'refused')
      this.fail(`${this.current.name} was refused: ${this.current.refused}`);
  }

  send({ name, json }) {
    const client = this.#open();
    this.hasSent = true;
    client.send(name, json === undefined ? undefined : this.#outgoing(json));
  }

  ask({ name, json }) {
    const client = this.#open();
    if (client.isTyped)
      this.fail(`${client.name} cannot ask for an answer: its line knows none`);
    this.hasSent = true;
    client.ask(name, json === undefined ? undefined : this.#outgoing(json));
  }

  async hear({ name, json }) {
    const client = this.current;
    const heard = await client.until(() => client.messages.shift(), this.patience);
    this.hasSent = false;
    if (!heard)
      this.fail(`${client.name} waits for ${name ?? ''} ${(json ?? '').slice(0, 200)}; nothing came`);
    const came = () => this.#cameLines(heard, client.messages);
    if (name !== undefined && name !== heard.name)
      this.fail(`${client.name} waits for ${name}; ${heard.name} came`, came());
    const differs = json === undefined ? []
      : differences(this.names, this.#expected(json), heard.json);
    if (differs.length > 0)
      this.fail(`${client.name} hears another ${heard.name} than expected`, [...differs, ...came()]);
  }

  async answer({ json }) {
    const client = this.current;
    const at = client.answered;
    if (at === client.answers.length) this.fail(`${client.name} has not asked for an answer`);
    const answer = await client.until(() => client.answers[at], this.patience);
    this.hasSent = false;
    if (!answer) this.fail(`${client.name} waits for an answer; none came`);
    client.answered++;
    const differs = differences(this.names, this.#expected(json), answer.json);
    if (differs.length > 0)
      this.fail(`${client.name} gets another answer than expected`,
        [...differs, ...this.#cameLines(answer, [])]);
  }

  async nothing() {
    await sleep(QUIET);
    await this.#settled();
    this.#nothingLeft(this.current);
  }

  async anything() {
    await sleep(QUIET);
    await this.#settled();
    this.current.messages.length = 0;
  }

  async refused({ name }) {
    const client = this.current;
    await client.until(() => client.refused ?? undefined, this.patience);
    if (client.refused !== name)
      this.fail(`${client.name} should have been refused by ${name}, and was ${
        client.refused ? `by ${client.refused}` : 'not'}`);
    client.refused = null;
  }

  async wait({ ms }) {
    await sleep(ms);
  }

  async lose() {
    this.#open().lose();
    await sleep(GAP);
  }

  async end() {
    const client = this.current;
    client.end();
    await sleep(GAP);
  }

  async resume() {
    const client = this.current;
    if (client.isTyped || client.isOpen)
      this.fail(`${client.name} cannot resume: only who is lost, on Socket.IO`);
    const wrong = await client.resume();
    if (wrong) this.fail(`${client.name} does not resume: ${wrong}`);
  }

  async http({ method, path, json }) {
    const where = path.replace(/\$([\w.]+)/g, (all, name) =>
      this.names.get(name) ?? this.fail(`nothing is called $${name} yet`));
    const headers = {};
    if (this.current?.token) headers.authorization = `Bearer ${this.current.token}`;
    if (json !== undefined) headers['content-type'] = 'application/json';
    const value = json === undefined ? undefined : this.#outgoing(json);
    const body = value === undefined || typeof value === 'string' ? value : JSON.stringify(value);
    const answer = await fetch(`${this.url}${where}`, { method, headers, body, redirect: 'manual' });
    this.lastAnswer = { status: answer.status, text: await answer.text() };
  }

  httpAnswer({ status, json }) {
    const answer = this.lastAnswer ?? this.fail('nothing was requested');
    this.lastAnswer = undefined;
    const came = [`    what came: ${answer.status} ${answer.text.slice(0, SHOWN)}`];
    if (answer.status !== status) this.fail(`the answer is not ${status}`, came);
    if (json === undefined) return;
    const differs = differences(this.names, this.#expected(json), this.#json(answer.text));
    if (differs.length > 0) this.fail('another answer than expected', [...differs, ...came]);
  }
}
