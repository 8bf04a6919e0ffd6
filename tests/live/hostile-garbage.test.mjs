// What is no message at all, and what nearly is one: bytes and fields drawn by lot, in every
// language and over every way in, while two honest people go on talking.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { focus, make, proctor, SECRET, socket, token } from './room-clients.mjs';
import { serve } from './stoa.mjs';

const SOAK = process.env.SOAK && process.env.SOAK !== '0';
const upTo = (n) => Array.from({ length: n }, (_, i) => i);

test('garbage, in every language', async (t) => {
  const s = await serve(t, ['--jwt-secret', SECRET, '--rate-control', '1000000',
    '--rate-presence', '1000000', '--rate-chat', '1000', '--rate-create', '1000',
    '--limits-connections-per-address', '9999']);
  const document = JSON.parse(await readFile(new URL('../../docs/asyncapi.json', import.meta.url)));
  const room = await make(s, { approval: false, mode: 'interview' });
  const honest = await Promise.all(['ann', 'bob'].map((user) =>
    socket(s, { auth: { token: token(user) } })));
  for (const p of honest) assert.ok((await p.ask('joinRoom', { roomId: room })).ok);
  const chat = async () => {
    const text = `honest ${Math.random()}`;
    const began = performance.now();
    honest[0].say('chat:message', { roomId: room, text });
    await honest[1].hears('chat:message', (json) => json.text === text);
    return performance.now() - began;
  };
  const names = Object.entries(document.components.messages)
    .filter(([key]) => /^\w+\.in\./.test(key)).map(([, { name }]) => name);
  const fields = [...new Set(Object.values(document.components.messages)
    .flatMap(({ payload }) => Object.keys(payload?.properties ?? {})))];
  assert.ok(names.length > 60 && fields.length > 40, `${names.length}, ${fields.length}`);
  let state = 12345;
  const random = (n) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor(state / 65536) % n;
  };
  const pick = (list) => list[random(list.length)];
  const values = [() => null, () => true, () => random(1e6) - 5e5, () => 1e308, () => 5e-324,
    () => -0, () => 9007199254740993, () => '', () => room, () => 'x'.repeat(random(9000)),
    () => '\u202e\u2066evil', () => 'a\u0000b', () => '__proto__', () => [], () => ({}),
    () => upTo(random(300)), () => [[[[[[1]]]]]], () => ({ type: 'line', id: `i${random(9)}` }),
    () => [{ type: 'line' }, { type: 'line', id: 'x' }], () => honest[0].id, () => 'ann'];
  const message = () =>
    Object.fromEntries(upTo(random(8)).map(() => [pick(fields), pick(values)()]));
  const spoil = (text) => {
    const bytes = Buffer.from(text);
    for (let i = random(4); i > 0 && bytes.length; i--) bytes[random(bytes.length)] = random(256);
    return bytes.subarray(0, random(5) ? bytes.length : random(bytes.length + 1));
  };
  const texts = {
    typed: () => JSON.stringify({ type: pick(names), ...message() }),
    socket: () => [4, random(7), pick(['', '/rooms,', '/nowhere,']),
      pick(['', '7', '1-', '99999999999']), JSON.stringify([pick(names), message(), 1])].join(''),
  };
  const open = { socket: () => socket(s), rooms: () => socket(s, { nsp: '/rooms' }),
    focus: () => focus(s, `fuzz${random(20)}`), proctor: () => proctor(s) };

  const end = Date.now() + (SOAK ? 600_000 : 20_000);
  let sent = 0, connections = 0;
  const fuzz = async (kind) => {
    while (Date.now() < end) {
      const p = await open[kind]().catch(() => null);
      if (!p) continue;
      connections++;
      const make1 = texts[p.isSocket ? 'socket' : 'typed'];
      for (let i = 0; i < 300 && p.isOpen; i++, sent++) {
        const text = make1();
        const is_text = random(10) > 0;
        const bytes = random(3) ? Buffer.from(text) : spoil(text);
        p.ws.send(bytes, { binary: !is_text });
        if (i % 20 === 0) await sleep(1);
        p.forget();
      }
      p.drop();
    }
  };
  const work = Promise.all(Object.keys(open).flatMap((kind) => [fuzz(kind), fuzz(kind)]));
  let is_over = false, worst = 0, n = 0;
  work.finally(() => { is_over = true; });
  while (!is_over) {
    worst = Math.max(worst, await chat());
    honest.forEach((p) => p.forget());
    n++;
    await sleep(50);
  }
  await work;
  t.diagnostic(`${sent} messages over ${connections} connections`);
  t.diagnostic(`${n} honest ones took ${worst} ms at most`);
  assert.ok(sent > 2000 && worst < 15_000, `${sent}, ${worst} ms`);
  assert.equal((await fetch(`http://127.0.0.1:${s.port}/healthz`)).status, 200);
});
