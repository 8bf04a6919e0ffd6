// WebSocket over real sockets: the stock `ws` client, and raw frames for what it would not send.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import test from 'node:test';
import WebSocket from 'ws';

import { all, errorCode, eventually, frame, get, OP, serve, Wire, within } from './stoa.mjs';

const dial = async (s, options = {}) => {
  const ws = new WebSocket(`ws://127.0.0.1:${s.port}/ws/echo`, options);
  await within(once(ws, 'open'), 'a WebSocket');
  return ws;
};

const echoed = async (ws, data) => {
  const answer = once(ws, 'message');
  ws.send(data);
  const [bytes, isBinary] = await within(answer, 'an echo');
  return { bytes, isBinary };
};

/** Its close code and reason, when it is closed. */
const goodbye = async (ws) => {
  const [code, reason] = await within(once(ws, 'close'), 'a close');
  return [code, `${reason}`];
};

const closing = (code, reason = '') =>
  frame(OP.close, Buffer.from([code >> 8, code & 255, ...Buffer.from(reason)]));

const upgraded = async (s) => {
  const wire = await Wire.open(s.port);
  assert.equal((await wire.upgrade()).status, 101);
  return wire;
};

test('the stock client', { concurrency: 8 }, async (t) => {
  const s = await serve(t);

  await all(t, {
    'gets back what it sends': async () => {
      const ws = await dial(s);
      assert.equal(ws.extensions, '', 'compression is off');
      for (const n of [0, 1, 125, 126, 127, 65535, 65536, 65537, 999_999, 1_000_000]) {
        const text = await echoed(ws, 'é'.repeat(n / 2) + (n % 2 ? 'x' : ''));
        assert.equal(text.isBinary, false);
        assert.equal(`${text.bytes}`, 'é'.repeat(n / 2) + (n % 2 ? 'x' : ''), `${n}`);
        const bytes = randomBytes(n);
        const binary = await echoed(ws, bytes);
        assert.equal(binary.isBinary, true);
        assert.ok(binary.bytes.equals(bytes), `${n}`);
      }
      ws.close(1000);
      assert.deepEqual(await goodbye(ws), [1000, '']);
    },
    'may send in fragments': async () => {
      const ws = await dial(s);
      const answer = once(ws, 'message');
      const parts = ['Gr', Buffer.from([0xc3]), Buffer.from([0xbc]), '', 'ße'];
      parts.forEach((part, i) => ws.send(part, { binary: false, fin: i === parts.length - 1 }));
      const [bytes, isBinary] = await within(answer, 'an echo');
      assert.deepEqual([`${bytes}`, isBinary], ['Grüße', false]);
      ws.terminate();
    },
    'is answered when it pings': async () => {
      const ws = await dial(s);
      for (const payload of ['', 'hello', 'x'.repeat(125)]) {
        const pong = once(ws, 'pong');
        ws.ping(payload);
        assert.equal(`${(await within(pong, 'a pong'))[0]}`, payload);
      }
      const pong = once(ws, 'pong'); // amid a message
      ws.send('a', { fin: false });
      ws.ping('p');
      assert.equal(`${(await within(pong, 'a pong'))[0]}`, 'p');
      const answer = once(ws, 'message');
      ws.send('b', { fin: true });
      assert.equal(`${(await within(answer, 'an echo'))[0]}`, 'ab');
      ws.terminate();
    },
    'hears its own close code': async () => {
      for (const code of [1000, 1001, 1003, 1008, 1011, 3000, 4000, 4999]) {
        const ws = await dial(s);
        ws.close(code, 'bye');
        assert.deepEqual(await goodbye(ws), [code, '']);
      }
      const ws = await dial(s);
      ws.close(); // without a code
      assert.deepEqual(await goodbye(ws), [1005, '']);
    },
    'may vanish': async () => {
      const before = (await s.metrics()).stoa_websockets_opened_total;
      const ws = await dial(s);
      ws.send('x'.repeat(100_000));
      ws.terminate();
      await eventually(async () => {
        const now = await s.metrics();
        return now.stoa_websockets_opened_total > before;
      }, 'it to be counted');
      assert.equal((await get(s.port, '/healthz')).status, 200);
    },
  });
  await eventually(async () => (await s.metrics()).stoa_websockets === 0, 'all to be gone');
});

test('1,000 at once', async (t) => {
  const s = await serve(t);
  const sockets = await Promise.all(Array.from({ length: 1000 }, () => dial(s)));
  assert.equal((await s.metrics()).stoa_websockets, 1000);
  await Promise.all(sockets.map(async (ws, i) => {
    for (let turn = 0; turn < 3; turn++)
      assert.equal(`${(await echoed(ws, `${i}.${turn}`)).bytes}`, `${i}.${turn}`);
    ws.close(1000);
    assert.deepEqual(await goodbye(ws), [1000, '']);
  }));
  const { stoa_websockets: open, stoa_websocket_received_total: received,
    stoa_websocket_sent_total: sent } = await s.metrics();
  assert.deepEqual([open, received, sent], [0, 3000, 3000]);
});

test('many small messages in one go', { concurrency: 2 }, async (t) => {
  // However long it takes, nobody is cut off for it.
  const patience = ['--limits-queue-soft-time', '10m', '--limits-write-stall', '10m',
    '--ws-ping', '10m', '--ws-assembly-deadline', '10m'];
  const s = await serve(t, patience);
  await all(t, {
    'are echoed, every one, by a server that was away for a moment': async () => {
      const other = await serve(t, patience);
      const wire = await upgraded(other);
      const large = frame(OP.binary, Buffer.alloc(500_000));
      for (let i = 0; i < 20; i++) wire.send(large); // the kernel learns to keep much for it
      await wire.take(20 * 500_010);
      const pairs = [[frame(OP.text, 'x'), '\x81\x01x'], [frame(OP.ping), '\x8a\0']];
      for (const [sent, answer] of pairs) {
        const n = 300_000;
        other.child.kill('SIGSTOP');
        wire.send(Buffer.concat(Array(n).fill(sent)));
        await new Promise(setImmediate); // as much as the kernel takes is there
        other.child.kill('SIGCONT');
        const bytes = await wire.take(n * answer.length);
        assert.ok(bytes.equals(Buffer.from(answer.repeat(n), 'latin1')));
      }
      wire.close();
    },
    'are echoed to who reads only after writing': async () => {
      // 16 connections, so that some are full in the middle of a pair of a small and a large one
      await Promise.all(Array.from({ length: 16 }, async (_, i) => {
        const wire = await upgraded(s);
        const sizes = [200 + i * 39_000, 200 + i * 39_000,
          ...Array(8).fill([240_000, 1_000_000]).flat()];
        const heads = (size) => (size < 65536 ? 4 : 10);
        const total = sizes.reduce((sum, size) => sum + heads(size) + size, 0);
        const before = wire.received;
        wire.socket.pause();
        for (const size of sizes) wire.send(frame(OP.binary, Buffer.alloc(size)));
        let last = -1;
        await eventually(() => { // until no more of it is taken
          const left = wire.socket.writableLength;
          const isStuck = left === last;
          last = left;
          return isStuck;
        }, 'the connection to be full');
        wire.socket.resume();
        await eventually(() => wire.received - before >= total || wire.over, 'all to come back');
        assert.equal(wire.over, null, `connection ${i} was cut`);
        wire.close();
      }));
    },
  });
});

test('what is not in the protocol', { concurrency: 8 }, async (t) => {
  const s = await serve(t, ['--ws-message-bytes', '1000', '--ws-fragments', '4']);

  const table = {
    'an unmasked frame': [frame(OP.text, 'x', { masked: false }), 1002],
    'RSV1 without compression': [frame(OP.text, 'x', { rsv: 4 }), 1002],
    'RSV2': [frame(OP.text, 'x', { rsv: 2 }), 1002],
    'RSV3': [frame(OP.ping, 'x', { rsv: 1 }), 1002],
    'opcode 3': [frame(3, 'x'), 1002],
    'opcode 7': [frame(7, ''), 1002],
    'opcode 11': [frame(11, ''), 1002],
    'opcode 15': [frame(15, ''), 1002],
    'a fragmented ping': [frame(OP.ping, 'x', { fin: false }), 1002],
    'a ping of 126 bytes': [frame(OP.ping, 'x'.repeat(126)), 1002],
    'a close of 126 bytes': [closing(1000, 'x'.repeat(124)), 1002],
    'a continuation of nothing': [frame(OP.cont, 'x'), 1002],
    'a message amid another': [
      Buffer.concat([frame(OP.text, 'x', { fin: false }), frame(OP.text, 'y')]), 1002],
    'a length of 64 bits': [Buffer.from([0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]), 1002],
    'a long form of a short length': [Buffer.from([0x82, 0xfe, 0, 5, 0, 0, 0, 0]), 1002],
    'invalid UTF-8': [frame(OP.text, Buffer.from([0x61, 0xff])), 1007],
    'a surrogate': [frame(OP.text, Buffer.from([0xed, 0xa0, 0x80])), 1007],
    'UTF-8 cut off': [frame(OP.text, Buffer.from([0xe2, 0x82])), 1007],
    'invalid UTF-8 before the message ends': [
      frame(OP.text, Buffer.from([0xc0]), { fin: false }), 1007],
    'one byte too much': [frame(OP.binary, Buffer.alloc(1001)), 1009],
    'a promise of too much': [frame(OP.binary, '', { length: 1001 }), 1009],
    'a promise of 2^62 bytes': [
      Buffer.from([0x82, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), 1009],
    'too much in fragments': [Buffer.concat([frame(OP.binary, Buffer.alloc(999), { fin: false }),
      frame(OP.cont, Buffer.alloc(2))]), 1009],
    'too many fragments': [Buffer.concat([frame(OP.text, '', { fin: false }),
      ...Array(4).fill(frame(OP.cont, '', { fin: false }))]), 1008],
    'a close code 999': [closing(999), 1002],
    'a close code 1005': [closing(1005), 1002],
    'a close code 1006': [closing(1006), 1002],
    'a close code 1015': [closing(1015), 1002],
    'half a close code': [frame(OP.close, Buffer.from([3])), 1002],
    'a close reason that is not UTF-8': [frame(OP.close, Buffer.from([3, 0xe8, 0xff])), 1007],
  };
  await all(t, Object.fromEntries(Object.entries(table).map(([name, [bytes, code]]) => [
    `${name}: ${code}`, async () => {
      const wire = await upgraded(s);
      wire.send(frame(OP.text, 'before'), typeof bytes === 'string' ? Buffer.from(bytes) : bytes,
        frame(OP.text, 'behind'));
      assert.equal(`${(await wire.frame()).payload}`, 'before');
      const bye = await wire.goodbye();
      assert.equal(bye.code, code);
      assert.equal(bye.end, 'end');
      if (!name.includes('close')) assert.match(bye.reason, /^[A-Z].*\.$/);
      assert.equal(wire.rest.length, 0);
      wire.close();
    }])));
  await all(t, {
    'the largest message passes': async () => {
      const wire = await upgraded(s);
      wire.send(frame(OP.binary, Buffer.alloc(1000, 7)));
      assert.deepEqual((await wire.frame()).payload, Buffer.alloc(1000, 7));
      wire.send(frame(OP.text, 'a', { fin: false }), frame(OP.cont, 'b', { fin: false }),
        frame(OP.cont, 'c', { fin: false }), frame(OP.cont, 'd'));
      assert.equal(`${(await wire.frame()).payload}`, 'abcd');
      wire.close();
    },
    'byte by byte is the same message': async () => {
      const wire = await upgraded(s);
      const bytes = Buffer.concat([frame(OP.text, 'Grüße '.repeat(30)), frame(OP.ping, 'p')]);
      for (const byte of bytes) {
        wire.send(Buffer.from([byte]));
        await new Promise(setImmediate);
      }
      assert.equal(`${(await wire.frame()).payload}`, 'Grüße '.repeat(30));
      assert.equal((await wire.frame()).op, OP.pong);
      wire.close();
    },
    'frames behind the handshake in one segment are read': async () => {
      const wire = await Wire.open(s.port);
      const answer = wire.upgrade();
      wire.send(frame(OP.text, 'early'), closing(1000));
      assert.equal((await answer).status, 101);
      assert.equal(`${(await wire.frame()).payload}`, 'early');
      assert.equal((await wire.goodbye()).code, 1000);
    },
    'the answer is masked by nobody and has no extensions': async () => {
      const wire = await Wire.open(s.port);
      const { headers } = await wire.upgrade(
        { headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate' } });
      assert.equal(headers['sec-websocket-accept'], 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
      assert.equal(headers['sec-websocket-extensions'], undefined);
      wire.close();
    },
  });
});

test('the opening handshake', { concurrency: 8 }, async (t) => {
  const s = await serve(t);
  const off = await serve(t, ['--no-ws-echo']);
  const table = [
    [{}, 101],
    [{ Upgrade: 'WebSocket', Connection: 'keep-alive, upgrade' }, 101],
    [{ Upgrade: 'h2c, websocket' }, 101],
    [{ 'Sec-WebSocket-Version': '8' }, 426],
    [{ 'Sec-WebSocket-Version': '14' }, 426],
    [{ 'Sec-WebSocket-Version': undefined }, 426],
    [{ Upgrade: 'h2c' }, 426],
    [{ Upgrade: undefined }, 426],
    [{ Connection: undefined }, 426],
    [{ Connection: 'close' }, 426],
    [{ 'Sec-WebSocket-Key': undefined }, 400],
    [{ 'Sec-WebSocket-Key': '' }, 400],
    [{ 'Sec-WebSocket-Key': 'c2hvcnQ=' }, 400],
    [{ 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ=' }, 400],
    [{ 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25j ZQ==' }, 400],
    [{ 'Sec-WebSocket-Key': '########################' }, 400],
    [{ 'Content-Length': '5' }, 413],
  ];
  for (const [headers, status] of table) {
    await t.test(`${status} for ${JSON.stringify(headers)}`, async () => {
      const wire = await Wire.open(s.port);
      const answer = await wire.upgrade({ headers });
      assert.equal(answer.status, status);
      if (status === 426) {
        assert.equal(errorCode(answer), 'UPGRADE_REQUIRED');
        assert.equal(answer.headers['sec-websocket-version'], '13');
        assert.equal(answer.headers.upgrade, 'websocket');
      }
      wire.close();
    });
  }
  await all(t, {
    'a GET without one is told': async () => {
      const answer = await get(s.port, '/ws/echo');
      assert.equal(answer.status, 426);
      assert.equal(errorCode(answer), 'UPGRADE_REQUIRED');
      assert.equal(answer.headers.upgrade, 'websocket');
      assert.equal(answer.headers['sec-websocket-version'], '13');
    },
    'another method, another version of HTTP, another address': async () => {
      const lines = 'Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
      for (const [first, status] of [['HEAD /ws/echo HTTP/1.1', 400],
        ['POST /ws/echo HTTP/1.1', 405], ['GET /ws/echo HTTP/1.0', 426],
        ['GET /ws/nowhere HTTP/1.1', 404], ['GET /healthz HTTP/1.1', 200]]) {
        const wire = await Wire.open(s.port);
        const answer = await wire.request(`${first}\r\n${lines}`,
          { head: first.startsWith('HEAD') });
        assert.equal(answer.status, status, first);
        wire.close();
      }
    },
    'the echo may be switched off': async () => {
      const wire = await Wire.open(off.port);
      const answer = await wire.upgrade();
      assert.equal(answer.status, 404);
      assert.equal(errorCode(answer), 'NOT_FOUND');
      wire.close();
      const ws = new WebSocket(`ws://127.0.0.1:${off.port}/ws/echo`);
      const [error] = await within(once(ws, 'error'), 'a refusal');
      assert.match(error.message, /404/);
    },
  });
});

test('compression', { concurrency: 4 }, async (t) => {
  const s = await serve(t, ['--ws-deflate', '--ws-message-bytes', '100000']);
  const text = 'All people by nature desire to know. '.repeat(500);
  const offers = {
    'as the client has it': true,
    'without context': { serverNoContextTakeover: true, clientNoContextTakeover: true },
    'with small windows': { serverMaxWindowBits: 9, clientMaxWindowBits: 9 },
    'of everything': { threshold: 0 },
  };
  await all(t, Object.fromEntries(Object.entries(offers).map(([name, perMessageDeflate]) => [
    name, async () => {
      const ws = await dial(s, { perMessageDeflate });
      assert.match(ws.extensions, /permessage-deflate/);
      const messages = ['', 'x', text, text, randomBytes(50_000), Buffer.alloc(100_000), text];
      for (const message of messages) {
        const { bytes } = await echoed(ws, message);
        assert.ok(bytes.equals(Buffer.from(message)));
      }
      ws.close(4000);
      assert.deepEqual(await goodbye(ws), [4000, '']);
    }])));
  await all(t, {
    'saves bytes on the wire': async () => {
      const ws = await dial(s, { perMessageDeflate: { threshold: 0 } });
      const before = ws._socket.bytesRead;
      await echoed(ws, text);
      assert.ok(ws._socket.bytesRead - before < text.length / 20);
      ws.terminate();
    },
    'is not forced on who does not offer it': async () => {
      const ws = await dial(s, { perMessageDeflate: false });
      assert.equal(ws.extensions, '');
      assert.equal(`${(await echoed(ws, text)).bytes}`, text);
      ws.terminate();
    },
    'a bomb is stopped at the limit': async () => {
      const ws = await dial(s, { perMessageDeflate: { threshold: 0 } });
      assert.equal((await echoed(ws, Buffer.alloc(100_000))).bytes.length, 100_000);
      const before = await s.residentBytes();
      ws.send(Buffer.alloc(50_000_000));
      assert.equal((await goodbye(ws))[0], 1009);
      assert.ok(await s.residentBytes() - before < 4_000_000);
    },
    'text is checked behind it too': async () => {
      const ws = await dial(s, { perMessageDeflate: { threshold: 0 } });
      ws.send(Buffer.from([0x61, 0xff, 0x61, 0x61, 0x61, 0x61]), { binary: false });
      assert.equal((await goodbye(ws))[0], 1007);
    },
    'damaged data is an error': async () => {
      const wire = await Wire.open(s.port);
      await wire.upgrade({ headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate' } });
      wire.send(frame(OP.binary, Buffer.alloc(50, 0xff), { rsv: 4 }));
      assert.equal((await wire.goodbye()).code, 1002);
    },
  });
});

test('time', { concurrency: 8 }, async (t) => {
  const s = await serve(t, ['--ws-assembly-deadline', '400ms', '--ws-ping', '250ms',
    '--ws-pong-timeout', '250ms']);
  const patient = await serve(t, ['--ws-assembly-deadline', '400ms']);
  const kind = await serve(t, ['--ws-assembly-deadline', '4s', '--ws-ping', '250ms',
    '--ws-pong-timeout', '4s']); // who was pinged is looked at again that much later

  await all(t, {
    'who does not answer a ping is gone': async () => {
      const began = performance.now(); // the server's clock begins while one connects
      const wire = await upgraded(s);
      const { op, payload } = await wire.frame();
      assert.deepEqual([op, payload.length], [OP.ping, 0]);
      await wire.closed();
      assert.ok(performance.now() - began > 400);
      assert.equal(wire.rest.length, 0);
    },
    'who answers stays': async () => {
      const ws = await dial(kind);
      let pings = 0;
      ws.on('ping', () => pings++);
      await eventually(() => pings >= 3, 'three pings');
      assert.equal(`${(await echoed(ws, 'still here')).bytes}`, 'still here');
      ws.close(1000);
      assert.deepEqual(await goodbye(ws), [1000, '']);
    },
    'any message is as good as an answer': async () => {
      const wire = await upgraded(kind);
      for (let pings = 0, n = 0; pings < 3; n++) {
        wire.send(frame(OP.text, `${n}`));
        const { op } = await wire.frame();
        if (op === OP.ping) pings++;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert.equal(wire.over, null);
      wire.close();
    },
    'a message has to end in time': async () => {
      for (const beginning of [frame(OP.text, 'x', { fin: false }),
        frame(OP.binary, 'half', { length: 100 }), frame(OP.text, 'x').subarray(0, 1)]) {
        const wire = await upgraded(patient);
        const began = performance.now();
        wire.send(beginning);
        await wire.closed();
        assert.ok(performance.now() - began > 350);
      }
    },
    'however lively it is meanwhile': async () => {
      const wire = await upgraded(patient);
      wire.send(frame(OP.text, 'x', { fin: false }));
      const lively = setInterval(() => wire.send(frame(OP.ping), frame(OP.cont, 'y',
        { fin: false })), 30);
      await wire.closed();
      clearInterval(lively);
    },
    'one message after another is no long message': async () => {
      const wire = await upgraded(kind);
      const end = performance.now() + 6000;
      while (performance.now() < end) {
        const bytes = frame(OP.text, 'abcdef');
        wire.send(bytes.subarray(0, 3));
        await new Promise((resolve) => setTimeout(resolve, 300));
        wire.send(bytes.subarray(3));
        let answer = await wire.frame();
        while (answer.op === OP.ping) answer = await wire.frame();
        assert.equal(`${answer.payload}`, 'abcdef');
      }
      wire.close();
    },
  });
});
