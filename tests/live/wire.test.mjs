// The transcripts of tests/wire/ over real sockets, with stock clients: each against a server of its
// own. WIRE=study/join plays only those whose path contains it.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { serve } from './stoa.mjs';
import { Complaint, parse } from './wire/script.mjs';
import { flags, Stage } from './wire/stage.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const secret = 'a secret of thirty-two bytes, at least';
const PATIENCE = 30_000; // ms that a message may take
const FOR_NOTHING = 1000; // ms, where none comes
const PLAYS = 3; // of what has to happen within a second: a machine may be slower than that once
const ONE_AFTER_ANOTHER = 2; // at once

const find = async (ending) => {
  const found = await readdir(path.join(root, 'tests/wire'), { recursive: true });
  return found.map((name) => `tests/wire/${name}`).sort()
    .filter((name) => name.endsWith(ending) && name.includes(process.env.WIRE ?? ''));
};

const read = (name) => readFile(path.join(root, name), 'utf8');

/** Plays it; what is wrong is thrown. */
const play = async (t, script, patience) => {
  const server = await serve(t, flags(script), { env: { JWT_SECRET: secret }, name: 'wire-' });
  await new Stage(script, { url: `http://127.0.0.1:${server.port}`, secret, patience }).play();
};

/** Until it holds, so many times at most. */
const repeat = async (times, run) => {
  for (let left = times - 1; left > 0; left--) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof Complaint)) throw error;
    }
  }
  return run();
};

/** A Complaint is its text: where it comes from in these files tells nobody anything. */
const bare = async (promise) => {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Complaint) error.stack = error.message;
    throw error;
  }
};

const transcripts = await find('.wire');
const failing = await find('.bad');

test('transcripts', { concurrency: ONE_AFTER_ANOTHER }, async (t) => {
  await Promise.all(transcripts.map(async (name) => {
    const text = await read(name);
    const title = `${name}: ${text.split('\n', 1)[0].slice(2)}`;
    const plays = /^set .*\brate\.create=1\b/m.test(text) ? PLAYS : 1;
    await t.test(title, (each) => bare(repeat(plays, () => play(each, parse(name, text), PATIENCE))));
  }));
});

test('transcripts that must fail', { concurrency: ONE_AFTER_ANOTHER }, async (t) => {
  await Promise.all(failing.map(async (name) => {
    const text = await read(name);
    const said = [...text.matchAll(/^# fails: (.*)$/gm)].map(([, line]) => line);
    await t.test(`${name} fails, and is told why`, (each) => assert.rejects(
      async () => play(each, parse(name, text),
        /nothing came|and was not$/m.test(text) ? FOR_NOTHING : PATIENCE),
      (error) => said.length > 0 && said.every((line) => error.message.includes(line))));
  }));
});
