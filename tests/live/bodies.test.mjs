// Bodies of requests, seen through the one address that takes them: Engine.IO's long polling. What
// it makes of a body is npm's to judge (sio-vs-npm); here it is how the body comes.
import assert from 'node:assert/strict';
import test from 'node:test';

import { all, get, run, serve, Wire } from './stoa.mjs';

const MAX = 1_000_000;
const HEALTH = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';

const session = async (s) => {
  const { status, body } = await get(s.port, '/socket.io/?EIO=4&transport=polling');
  assert.equal(status, 200);
  const { sid } = JSON.parse(`${body}`.slice(1));
  return `/socket.io/?EIO=4&transport=polling&sid=${sid}`;
};

const post = (where, framing, body = '') => `POST ${where} HTTP/1.1\r\nHost: localhost\r\n` +
  `Content-Type: text/plain\r\n${framing}\r\n\r\n${body}`;
const sized = (where, body) => post(where, `Content-Length: ${Buffer.byteLength(body)}`, body);
const chunks = (parts) =>
  parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('');
const chunked = (where, parts, end = '0\r\n\r\n') =>
  post(where, 'Transfer-Encoding: chunked', chunks(parts) + end);

/** A message for a namespace that there is not: it must be well-formed, nothing follows from it. */
const packet = (n) => `4${'2'.padEnd(n - 1, '2')}`;

const isOk = ({ status, body }) => {
  assert.deepEqual([status, `${body}`], [200, 'ok']);
};

test('how a body comes', { concurrency: 8 }, async (t) => {
  const s = await serve(t);

  await all(t, {
    'sized, chunked, in one segment with what follows': async () => {
      const where = await session(s);
      const wire = await Wire.open(s.port);
      wire.send(sized(where, '40') + chunked(where, ['3']) + chunked(where, ['', '3'].slice(1)) +
        chunked(where, ['3'], '0\r\nX: y\r\n\r\n') + HEALTH);
      for (let i = 0; i < 4; i++) isOk(await wire.response());
      assert.equal(`${(await wire.response()).body}`, '{"status":"ok"}');
      wire.close();
    },
    'split at every byte': async () => {
      for (const build of [(where) => sized(where, '3hello'),
        (where) => chunked(where, ['3h', 'ello'], '0\r\nX: y\r\n\r\n')]) {
        const text = build(await session(s)) + HEALTH;
        for (let i = 0; i < text.length - 1; i++) { // one session takes one POST at a time
          const wire = await Wire.open(s.port);
          wire.send(text.slice(0, i + 1));
          await get(s.port, '/healthz');
          wire.send(text.slice(i + 1));
          isOk(await wire.response());
          assert.equal((await wire.response()).status, 200);
          wire.close();
        }
      }
    },
    'after a word of welcome': async () => {
      const where = await session(s);
      const wire = await Wire.open(s.port);
      wire.send(post(where, 'Content-Length: 2\r\nExpect: 100-continue'));
      const first = await wire.response();
      assert.deepEqual([first.status, first.reason], [100, 'Continue']);
      wire.send('40');
      isOk(await wire.response());
      wire.send(post(where, 'Content-Length: 1\r\nExpect: 100-continue', '3')); // it did not wait
      const next = await wire.response();
      isOk(next.status === 100 ? await wire.response() : next);
      wire.close();
      const curl = await run(['curl', '-sS', '--http1.1', '-H', 'Expect: 100-continue', '-d', '3',
        `http://127.0.0.1:${s.port}${where}`]);
      assert.equal(curl.stdout, 'ok', curl.stderr);
    },
    'an end before its end': async () => {
      const where = await session(s);
      const wire = await Wire.open(s.port);
      wire.send(post(where, 'Content-Length: 10', '3hel'));
      wire.socket.end();
      await wire.closed();
      assert.equal(wire.received, 0);
      assert.equal((await get(s.port, '/healthz')).status, 200);
    },
  });
});

test('how much of it', { concurrency: 4 }, async (t) => {
  const s = await serve(t);
  for (const [name, build] of [['sized', sized], ['chunked', (where, body) =>
    chunked(where, body.match(/.{1,60000}/gs))]])
    await all(t, {
      [`${name}, one byte less, and the limit`]: async () => {
        for (const n of [MAX - 1, MAX]) {
          const where = await session(s);
          const wire = await Wire.open(s.port);
          const answer = await wire.request(build(where, packet(n)));
          assert.notEqual(answer.status, 413, `${n}`);
          wire.close();
        }
      },
      [`${name}, one byte more`]: async () => {
        const where = await session(s);
        const wire = await Wire.open(s.port);
        const answer = await wire.request(build(where, packet(MAX + 1)) + HEALTH);
        assert.equal(answer.status, 413);
        assert.equal(answer.headers.connection, 'close');
        await wire.closed();
        assert.equal(wire.rest.length, 0);
        wire.close();
      },
    });
  await all(t, {
    'a promise of too much is refused before it comes': async () => {
      const where = await session(s);
      for (const framing of [`Content-Length: ${MAX + 1}`, 'Content-Length: 18446744073709551615',
        `Content-Length: ${MAX + 1}\r\nExpect: 100-continue`]) {
        const wire = await Wire.open(s.port);
        assert.equal((await wire.request(post(where, framing))).status, 413, framing);
        wire.close();
      }
      const wire = await Wire.open(s.port);
      assert.equal((await wire.request(post(where, 'Transfer-Encoding: chunked',
        'f4241\r\n'))).status, 413);
      wire.close();
    },
    'promises cost nothing': async () => {
      const before = await s.residentBytes();
      const wires = [];
      for (let i = 0; i < 200; i++) {
        const wire = await Wire.open(s.port);
        wires.push(wire.send(post(await session(s), `Content-Length: ${MAX}`, '4')));
      }
      assert.equal((await get(s.port, '/healthz')).status, 200);
      assert.ok(await s.residentBytes() - before < 60_000_000);
      for (const wire of wires) wire.close();
    },
  });
});

const BAD_CHUNKS = {
  'a sign': '+1\r\n3\r\n0\r\n\r\n',
  '0x': '0x1\r\n3\r\n0\r\n\r\n',
  'a blank before': ' 1\r\n3\r\n0\r\n\r\n',
  'a blank behind': '1 \r\n3\r\n0\r\n\r\n',
  'no size': '\r\n3\r\n0\r\n\r\n',
  'a bare LF': '1\n3\r\n0\r\n\r\n',
  'a bare CR': '1\r3\r\n0\r\n\r\n',
  '17 digits': '00000000000000001\r\n3\r\n0\r\n\r\n',
  'a longer chunk than its size': '1\r\n33\r\n0\r\n\r\n',
  'no CRLF behind the data': '1\r\n30\r\n\r\n',
  'a long extension': `1;${'x'.repeat(257)}\r\n3\r\n0\r\n\r\n`,
  'a control character in an extension': '1;\x01\r\n3\r\n0\r\n\r\n',
  'a trailer without a colon': '1\r\n3\r\n0\r\nX\r\n\r\n',
  'a folded trailer': '1\r\n3\r\n0\r\nX: y\r\n z\r\n\r\n',
};

test('chunks that two parsers could read differently', { concurrency: 8 }, async (t) => {
  const s = await serve(t);
  await all(t, Object.fromEntries(Object.entries(BAD_CHUNKS).map(([name, bytes]) => [
    name, async () => {
      const wire = await Wire.open(s.port);
      const answer = await wire.request(
        post(await session(s), 'Transfer-Encoding: chunked', bytes + HEALTH));
      assert.equal(answer.status, 400);
      await wire.closed();
      assert.equal(wire.rest.length, 0);
      wire.close();
    }])));
});

test('how fast it comes', { concurrency: 2 }, async (t) => {
  const s = await serve(t, ['--limits-body-rate', '2KiB', '--limits-header-deadline', '3s']);
  /** A body of 60,001 bytes, so many a second; whoever is late catches up. */
  const trickle = async (rate) => {
    const where = await session(s);
    const wire = await Wire.open(s.port);
    const began = performance.now();
    wire.send(post(where, 'Content-Length: 60001', '4'));
    let sent = 0;
    const feed = setInterval(() => {
      const due = Math.min(Math.floor((performance.now() - began) * rate / 1000), 60_000);
      wire.send('2'.repeat(due - sent));
      sent = due;
    }, 100);
    const answer = await wire.response();
    clearInterval(feed);
    wire.close();
    return { ...answer, ms: performance.now() - began };
  };
  await all(t, {
    'too slowly, and it is cut off after a moment of grace': async () => {
      const answer = await trickle(500);
      assert.equal(answer.status, 408);
      assert.ok(answer.ms > 4500, `${answer.ms}`);
    },
    'slowly, but fast enough': async () => {
      const answer = await trickle(10_000); // 6 s in all
      assert.notEqual(answer.status, 408);
      assert.ok(answer.ms > 4500);
    },
  });
});
