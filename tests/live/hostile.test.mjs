// Peers that mean no good, or are just slow: the others must not notice them, and the server must
// be afterwards what it was before.
import assert from 'node:assert/strict';
import test from 'node:test';

import { all, eventually, frame, get, OP, program, serve, Wire } from './stoa.mjs';

const SOAK = process.env.SOAK && process.env.SOAK !== '0' ? 20 : 1;
const HEALTH = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';

// Freed memory is kept by the sanitizer for a while; here it is measured.
const FEW_BYTES = /debug|tsan/.test(program) ? 24_000_000 : 4_000_000;
const SMALL = { ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:quarantine_size_mb=1` };

const upgraded = async (s) => {
  const wire = await Wire.open(s.port);
  assert.equal((await wire.upgrade()).status, 101);
  return wire;
};

/** The slowest but one of a hundred honest requests, in ms, while `busy` goes on. */
const p99 = async (s, busy = async () => {}) => {
  const wire = await Wire.open(s.port);
  const took = [];
  for (let i = 0; i < 100; i++) {
    await busy(i);
    const began = performance.now();
    assert.equal((await wire.request(HEALTH)).status, 200);
    took.push(performance.now() - began);
  }
  wire.close();
  return took.sort((a, b) => a - b)[98];
};

test('slow senders', async (t) => {
  const s = await serve(t, ['--limits-header-deadline', '15s']);
  const text = `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ${'y'.repeat(1000)}\r\n\r\n`;
  const slow = await Promise.all(Array.from({ length: 300 }, () => Wire.open(s.port)));
  const ms = await p99(s, (i) => slow.forEach((wire) => wire.send(text[i])));
  assert.ok(ms < 2000, `${ms}`); // not as long as they take
  slow.forEach((wire, i) => { if (i % 2) wire.send(text.slice(100)); });
  for (let i = 0; i < slow.length; i++)
    assert.equal((await slow[i].response()).status, i % 2 ? 200 : 408);
  slow.forEach((wire) => wire.close());
});

test('slow readers', { concurrency: 2 }, async (t) => {
  const limits = ['--limits-write-stall', '5s', '--limits-queue-soft-time', '1h'];

  /** Sends `bytes` for ever, reads nothing; gives what the server took until it hung up. */
  const flood = async (s, wire, bytes) => {
    const before = await s.residentBytes();
    let most = before;
    const began = wire.socket.bytesWritten;
    wire.socket.pause();
    const feed = () => {
      while (!wire.over && wire.socket.write(bytes));
    };
    wire.socket.on('drain', feed);
    feed();
    const honest = await upgraded(s);
    let echoes = 0;
    await eventually(async () => {
      most = Math.max(most, await s.residentBytes());
      honest.send(frame(OP.text, 'hello'));
      const sent = performance.now();
      let echo = await honest.frame();
      while (echo.op === OP.ping) echo = await honest.frame(); // our next message answers it
      assert.equal(`${echo.payload}`, 'hello');
      assert.ok(performance.now() - sent < 4000, 'the others do not wait for it');
      echoes++;
      return wire.over || (await s.metrics()).stoa_slow_readers_total > 0;
    }, 'it to be cut off');
    assert.ok(echoes > 0);
    const taken = wire.socket.bytesWritten - began - wire.socket.writableLength;
    wire.close();
    honest.close();
    return { grown: most - before, taken };
  };

  await all(t, {
    'of a WebSocket\'s echo': async () => {
      const s = await serve(t, limits, { env: SMALL });
      const { grown, taken } = await flood(s, await upgraded(s),
        frame(OP.binary, Buffer.alloc(300_000)));
      assert.ok(grown < FEW_BYTES, `memory grew by ${grown}`);
      assert.ok(taken < 40_000_000, `it took ${taken}`);
      assert.equal((await s.metrics()).stoa_slow_readers_total, 1);
    },
    'of very many small echoes': async () => {
      const s = await serve(t, limits, { env: SMALL });
      const { grown } = await flood(s, await upgraded(s),
        Buffer.concat(Array(20_000).fill(frame(OP.text, ''))));
      assert.ok(grown < FEW_BYTES, `memory grew by ${grown}`);
    },
    'of pongs': async () => {
      const s = await serve(t, limits, { env: SMALL });
      const { grown } = await flood(s, await upgraded(s),
        Buffer.concat(Array(2000).fill(frame(OP.ping, 'x'.repeat(125)))));
      assert.ok(grown < FEW_BYTES, `memory grew by ${grown}`);
    },
    'of pages': async () => {
      const s = await serve(t, limits, { env: SMALL });
      const { grown, taken } = await flood(s, await Wire.open(s.port),
        'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(1000));
      assert.ok(grown < FEW_BYTES, `memory grew by ${grown}`);
      assert.ok(taken < 8_000_000, `it took ${taken}`);
    },
  });
});

test('too long above the soft mark', async (t) => {
  const s = await serve(t, ['--limits-queue-soft-time', '500ms', '--limits-queue-soft', '64KiB']);
  const wires = await Promise.all(Array.from({ length: 4 }, () => upgraded(s)));
  const large = frame(OP.binary, Buffer.alloc(900_000));
  for (const wire of wires) {
    wire.socket.pause();
    for (let i = 0; i < 15; i++) wire.send(large);
  }
  // What waits when the kernel takes no more may be less than the mark for one, not for all.
  await eventually(async () => (await s.metrics()).stoa_slow_readers_total > 1, 'the end');
  for (const wire of wires) wire.close();
});

test('a flood of connections from one address', async (t) => {
  const s = await serve(t, ['--limits-connections-per-address', '50']);
  const at = { port: s.port, localAddress: '127.0.0.9' };
  const before = await s.descriptors();
  const wires = await Promise.all(Array.from({ length: 500 }, () => Wire.open(at)));
  await eventually(() => wires.filter((wire) => wire.over).length === 450, '450 to be refused');
  await eventually(async () => await s.descriptors() === before + 50, 'the rest to stay');
  const open = wires.filter((wire) => !wire.over);
  for (const wire of open) assert.equal((await wire.request(HEALTH)).status, 200);
  assert.ok(await p99(s) < 2000);
  assert.equal((await s.metrics()).stoa_connections_refused_total, 450);
  for (const wire of wires) wire.close();
  await eventually(async () => await s.descriptors() === before, 'the descriptors');
  assert.equal((await get(at, '/healthz')).status, 200);
});

test('no descriptors left', async (t) => {
  const s = await serve(t, ['--limits-keep-alive', '1h', '--limits-header-deadline', '1h'],
    { shell: 'ulimit -n 64; exec "$@"' });
  const early = await Wire.open(s.port);
  await early.request(HEALTH);
  const before = await s.descriptors();
  const dialers = await Promise.all(Array.from({ length: 200 }, () => Wire.open(s.port)));
  await s.says('cannot accept, new connections wait');
  assert.ok(await s.descriptors() >= 60);

  const cpu = await s.cpu();
  const lines = s.lines.length;
  const began = performance.now();
  for (let i = 0; i < 10; i++) { // who is in is served
    assert.equal((await early.request(HEALTH)).status, 200);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const ms = performance.now() - began;
  const share = (await s.cpu() - cpu) / ms;
  assert.ok(share < 0.1, `CPU ${share}`);
  const loops = Number(process.env.STOA_THREADS || 1); // each of them says so
  assert.ok(s.lines.length - lines < loops * ms / 100, 'it does not fill the log');

  for (const wire of dialers) wire.close();
  const released = performance.now();
  assert.equal((await get(s.port, '/healthz')).status, 200);
  const recovery = performance.now() - released;
  t.diagnostic(`recovered after ${recovery.toFixed(0)} ms`);
  assert.ok(recovery < 20_000, 'by itself');
  await eventually(async () => await s.descriptors() === before, 'the descriptors');
  early.close();
});

// The same numbers in every run, so that what fails fails again.
const dice = (seed) => {
  let state = seed >>> 0;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
};

const noise = (roll, n) => Buffer.from(Array.from({ length: n }, () => roll(256)));

/** Flips, cuts or repeats a bit of something that is good. */
const damage = (roll, bytes) => {
  const copy = Buffer.from(bytes);
  for (let i = roll(4); i >= 0; i--) copy[roll(copy.length)] = roll(256);
  const at = roll(copy.length);
  return [copy, copy.subarray(0, at), Buffer.concat([copy, copy.subarray(at)])][roll(3)];
};

const GOOD = [HEALTH,
  `HEAD / HTTP/1.1\r\nHost: a\r\nRange: bytes=0-9\r\nAccept-Encoding: br\r\n\r\n`,
  'POST /healthz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: a\r\nOrigin: https://a.example\r\n\r\n',
  'GET http://a/metrics HTTP/1.0\r\nConnection: keep-alive\r\nIf-None-Match: "x"\r\n\r\n'];

const FRAMES = [frame(OP.text, 'hello'), frame(OP.binary, Buffer.alloc(300)),
  frame(OP.ping, 'x'), frame(OP.close, Buffer.from([3, 232])),
  Buffer.concat([frame(OP.text, 'a', { fin: false }), frame(OP.cont, 'b')]),
  frame(OP.text, Buffer.from([0x4a, 0x4c, 0x84, 0x02, 0]), { rsv: 4 })];

const GARBAGE = [
  (roll) => noise(roll, 1 + roll(3000)),
  (roll) => Buffer.alloc(1 + roll(3000), roll(256)),
  () => '\r\n'.repeat(1000),
  () => 'x'.repeat(100_000),
  () => `GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(5000)}`,
  () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\x12\x04\0\0\0\0\0',
  () => 'SSH-2.0-OpenSSH_9.2p1\r\n',
  () => '*1\r\n$4\r\nPING\r\n',
  () => 'EHLO mail.example\r\n',
  () => '{"jsonrpc":"2.0","method":"x"}\n',
  () => Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]),
  (roll) => `GET /${'%'.repeat(roll(3000))} HTTP/1.1\r\nHost: a\r\n\r\n`,
  (roll) => `GET / HTTP/1.1\r\nHost: a\r\nContent-Length: ${'9'.repeat(roll(40))}\r\n\r\n`,
  (roll) => damage(roll, Buffer.from(GOOD[roll(GOOD.length)])),
  (roll) => damage(roll, Buffer.from(GOOD.join(''))),
];

const attack = async (s, roll, kind) => {
  const wire = await Wire.open(s.port);
  const isSocket = kind >= GARBAGE.length;
  if (isSocket) {
    await wire.upgrade({ headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate' } });
    for (let i = roll(5); i >= 0; i--)
      wire.send(roll(4) ? damage(roll, FRAMES[roll(FRAMES.length)]) : noise(roll, 1 + roll(200)));
  } else {
    wire.send(Buffer.from(GARBAGE[kind](roll), 'latin1'));
  }
  const end = roll(4);
  if (end === 0) wire.socket.resetAndDestroy();
  else if (end === 1) wire.close();
  else wire.socket.end();
  await eventually(() => wire.over || wire.socket.destroyed, 'the end of an attack');
  wire.close();
};

for (const flags of [['--ws-deflate'], ['--dev-tls']])
  test(`garbage on 200 connections at once, with ${flags}`, async (t) => {
    const s = await serve(t, [...flags, '--log-level', 'debug', '--limits-header-deadline', '8s']);
    const before = await s.descriptors();
    const roll = dice(20261121);
    const kinds = GARBAGE.length + (flags[0] === '--ws-deflate' ? 5 : 0);
    for (let round = 0; round < 3 * SOAK; round++)
      await Promise.all(Array.from({ length: 200 }, (_, i) => attack(s, roll, i % kinds)));
    assert.equal((await get(s.port, '/healthz')).status, 200, 'it is the same process');
    assert.equal(s.child.exitCode, null);
    await eventually(async () => await s.descriptors() === before, 'the descriptors');
    const { stoa_connections: connections, stoa_websockets: sockets } = await s.metrics();
    assert.deepEqual([connections, sockets], [1, 0]);
  });

test('the log', { concurrency: 2 }, async (t) => {
  const CANARY = 'canary7f3a9c';

  await all(t, {
    'never holds a secret': async (u) => {
      const s = await serve(u, ['--log-level', 'debug', '--trusted-proxies', '127.0.0.1'],
        { env: { STOA_METRICS_TOKEN: `${CANARY}-of-metrics`,
          JWT_SECRET: `${CANARY}${'x'.repeat(32)}` } });
      const secrets = [`Authorization: Bearer ${CANARY}`, `Cookie: session=${CANARY}`,
        `Proxy-Authorization: Basic ${CANARY}`, `Sec-WebSocket-Protocol: ${CANARY}`,
        `X-Forwarded-For: 203.0.113.9`, `Sec-WebSocket-Key: ${CANARY}`].join('\r\n');
      const targets = [`/healthz?token=${CANARY}`, `/${CANARY}`, `/metrics?token=${CANARY}`,
        `/ws/echo?token=${CANARY}`, `/healthz?${CANARY}=%zz`, `/%${CANARY}`];
      for (const target of targets) {
        for (const tail of ['', `\r\n Folded: ${CANARY}`, '\r\nContent-Length: x', '\r\nHost: b',
          `\r\nUpgrade: websocket\r\nConnection: upgrade\r\nOrigin: https://${CANARY}.example`]) {
          const wire = await Wire.open(s.port);
          await wire.request(
            `GET ${target} HTTP/1.1\r\nHost: localhost\r\n${secrets}${tail}\r\n\r\n`);
          wire.close();
        }
        const wire = await Wire.open(s.port);
        await wire.request(`${CANARY} ${target} HTTP/9.9\r\n\r\n`);
        wire.close();
      }
      const socket = await upgraded(s);
      socket.send(frame(OP.text, CANARY), frame(OP.ping, CANARY), frame(3, CANARY));
      await socket.goodbye();
      s.child.kill('SIGTERM');
      await s.ended();
      assert.ok(s.log.filter((line) => line.level === 'debug').length > 30, 'it did speak');
      assert.ok(!s.stderr.toLowerCase().includes(CANARY), s.stderr);
    },
    'is one line of JSON for each event, whatever a name holds': async (u) => {
      const name = 'a\n{"level":"error"}\x1b[31m\x07"\\\u202e\u2028é\x7f';
      const s = await serve(u, [], { name });
      assert.ok(s.said('ready').data.includes(name));
      s.child.kill('SIGTERM');
      await s.ended();
      assert.doesNotMatch(s.stderr, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2028]/);
      assert.equal(s.log.filter((line) => line.level === 'error').length, 0);
    },
  });
});
