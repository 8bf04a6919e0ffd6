// A private PostgreSQL for one test file: tests/tools/postgres runs it, says what it can do, and
// removes it when this process is gone, however it ends.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { within } from './stoa.mjs';

const program = fileURLToPath(new URL('../tools/postgres', import.meta.url));
const PATIENCE = 60_000; // ms, on a busy machine

export class Postgres {
  #child;
  #lines;

  constructor(child) {
    this.#child = child;
    this.#lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  }

  /** One that runs, with an empty database at `url`; `t` ends it. */
  static async start(t) {
    const child = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'] });
    const server = new Postgres(child);
    t.after(() => server.end());
    await server.#answer('begin');
    server.url = await server.fresh();
    return server;
  }

  async #answer(word) {
    const { value } = await within(this.#lines.next(), `PostgreSQL to ${word}`, PATIENCE);
    const [, how, text] = /^(ok|error)(?: (.*))?$/.exec(value ?? '') ?? [];
    assert.equal(how, 'ok', `PostgreSQL: ${word}: ${value ?? 'it has ended'}`);
    return text ?? '';
  }

  #say(...words) {
    this.#child.stdin.write(`${words.join(' ')}\n`);
    return this.#answer(words[0]);
  }

  /** The address of another empty database. */
  fresh() {
    return this.#say('fresh');
  }

  /** The rows of a statement, columns with `|` between them; a superuser asks the newest database. */
  ask(text) {
    return this.#say('sql', text.replaceAll('\n', ' '));
  }

  stop(how = 'fast') { // or 'immediate'
    return this.#say('stop', how);
  }

  /** kill -9, of every process. */
  kill() {
    return this.#say('kill');
  }

  /** Behind stop or kill, at the same address. */
  again() {
    return this.#say('start');
  }

  /** SIGSTOP: connections stay, and nothing is answered. */
  freeze() {
    return this.#say('pause');
  }

  thaw() {
    return this.#say('resume');
  }

  async end() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.stdin.end();
    await within(ended, 'PostgreSQL to end', PATIENCE);
  }
}
