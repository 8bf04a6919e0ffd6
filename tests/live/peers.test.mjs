// Who a request comes from: behind proxies, by the PROXY protocol, by a unix socket. /metrics shows
// it: private addresses read it, public ones need the token.
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';

import { all, ask, errorCode, eventually, get, serve, Wire } from './stoa.mjs';

const TOKEN = 'a-token-of-some-length';
const PUBLIC = '203.0.113.9';

const metrics = async (at, headers = {}) => {
  const lines = Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().map((value) => `${name}: ${value}\r\n`));
  const answer = await ask(at,
    `GET /metrics HTTP/1.1\r\nHost: localhost\r\n${lines.join('')}\r\n`);
  if (answer.status !== 200) assert.equal(errorCode(answer), 'FORBIDDEN');
  return answer.status;
};

test('X-Forwarded-For', { concurrency: 4 }, async (t) => {
  const s = await serve(t, ['--trusted-proxies', '127.0.0.1,10.0.0.0/8,fd00::/8',
    '--metrics-token', TOKEN]);
  const closed = await serve(t, ['--trusted-proxies', '127.0.0.1']); // no token

  const table = [
    [undefined, 200],
    [PUBLIC, 403],
    ['192.168.1.2', 200],
    [`127.0.0.1, ${PUBLIC}`, 403],
    [`127.0.0.1,${PUBLIC}`, 403],
    [`192.168.1.2, ${PUBLIC}, 10.1.2.3`, 403],
    [`192.168.1.2, ${PUBLIC},10.1.2.3 ,\t127.0.0.1 `, 403],
    [`${PUBLIC}, 192.168.1.2`, 200],
    [`${PUBLIC}, 192.168.1.2, 10.1.2.3`, 200],
    ['10.1.2.3, 10.1.2.4', 200],
    [['127.0.0.1', PUBLIC], 403], // two lines: the proxy wrote the second
    [['192.168.1.2', PUBLIC, '10.1.2.3'], 403],
    [[PUBLIC, '192.168.1.2'], 200],
    [`unknown, ${PUBLIC}`, 403],
    [`127.0.0.1, unknown`, 403],
    [`127.0.0.1, ${PUBLIC}:4711`, 403],
    [`127.0.0.1, `, 403],
    [`127.0.0.1, 127.0.0.1\x80`, 403],
    ['2001:db8::1', 403],
    ['[2001:db8::1]', 403],
    [`127.0.0.1, 2001:db8::1, fd00::7`, 403],
    ['fd12:3456::1', 200],
    [`::ffff:${PUBLIC}`, 403],
    ['0.0.0.0', 403],
    [Array(40).fill('10.0.0.1').join(','), 200],
    [`${PUBLIC},${Array(400).fill('10.0.0.1').join(',')}`, 403],
  ];
  await all(t, {
    'of a trusted proxy names the nearest stranger': async () => {
      for (const [value, status] of table) {
        const headers = value === undefined ? {} : { 'X-Forwarded-For': value };
        assert.equal(await metrics(s.port, headers), status, `${value}`);
      }
    },
    'of anybody else is not believed, nor is he: he may speak for anybody': async () => {
      const other = { port: s.port, localAddress: '127.0.0.2' };
      assert.equal(await metrics(other, {}), 200);
      assert.equal(await metrics(other, { 'X-Forwarded-For': PUBLIC }), 403);
      assert.equal(await metrics(other, { 'X-Forwarded-For': '127.0.0.1' }), 403);
    },
    'a stranger with the token may read': async () => {
      const values = [[`Bearer ${TOKEN}`, 200], [`bearer ${TOKEN}`, 200], [`Bearer ${TOKEN}x`, 403],
        [`Bearer ${TOKEN.slice(0, -1)}`, 403], ['Bearer ', 403], [`Basic ${TOKEN}`, 403],
        [TOKEN, 403], ['', 403], [`Bearer  ${TOKEN}`, 403]];
      for (const [value, status] of values) {
        const headers = { 'X-Forwarded-For': PUBLIC, Authorization: value };
        assert.equal(await metrics(s.port, headers), status, value);
      }
    },
    'where there is no token, none opens': async () => {
      for (const value of ['Bearer ', 'Bearer', 'Bearer x', ''])
        assert.equal(await metrics(closed.port,
          { 'X-Forwarded-For': PUBLIC, Authorization: value }), 403);
    },
    'X-Forwarded-Proto is believed of the proxy alone': async () => {
      const secure = { 'X-Forwarded-Proto': 'https' };
      const hsts = async (at) =>
        (await get(at, '/', secure)).headers['strict-transport-security'];
      assert.match(await hsts(s.port) ?? '', /^max-age=\d+$/);
      assert.equal(await hsts({ port: s.port, localAddress: '127.0.0.2' }), undefined);
      const wire = await Wire.open(s.port); // and makes the page's origin https
      const answer = await wire.upgrade({ host: 'stoa.example',
        headers: { ...secure, Origin: 'https://stoa.example' } });
      assert.equal(answer.status, 101);
      wire.close();
    },
  });
});

const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');

/** A PROXY header: `what` are its 13th and 14th byte. */
const proxied = (what, addresses, { length = addresses.length } = {}) =>
  Buffer.concat([SIGNATURE, Buffer.from([...what, length >> 8, length & 255]),
    Buffer.from(addresses)]);
const ipv4 = (...from) => [...from, 127, 0, 0, 1, 0x12, 0x34, 0x56, 0x78];
const ipv6 = (first) => [first, 0, ...Array(13).fill(0), 1, ...Array(16).fill(0), 0, 1, 0, 2];

test('the PROXY protocol', { concurrency: 4 }, async (t) => {
  const flags = ['--proxy-protocol', '--trusted-proxies', '127.0.0.1'];
  const s = await serve(t, flags);
  const hasty = await serve(t, [...flags, '--limits-tls-handshake', '400ms']);
  const request = 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n';
  const status = async (header, more = '', at = s.port) => {
    const wire = await Wire.open(at);
    wire.send(header, request.replace('\r\n\r\n', `\r\n${more}\r\n`));
    const answer = await wire.response();
    wire.close();
    return answer.status;
  };

  await all(t, {
    'names the peer': async () => {
      const table = [
        ['a public IPv4 address', proxied([0x21, 0x11], ipv4(203, 0, 113, 9)), 403],
        ['a private one', proxied([0x21, 0x11], ipv4(10, 0, 0, 1)), 200],
        ['a public IPv6 address', proxied([0x21, 0x21], ipv6(0x20)), 403],
        ['a private one', proxied([0x21, 0x21], ipv6(0xfd)), 200],
        ['with extensions', proxied([0x21, 0x11], [...ipv4(203, 0, 113, 9), 4, 0, 1, 0]), 403],
        ['the longest', proxied([0x21, 0x11], [...ipv4(203, 0, 113, 9), ...Array(524).fill(0)]),
          403],
        ['the proxy for itself', proxied([0x20, 0x00], []), 200],
        ['the proxy for itself, with an address', proxied([0x20, 0x11], ipv4(203, 0, 113, 9)), 200],
        ['a family it does not know', proxied([0x21, 0x00], []), 200],
      ];
      for (const [name, header, want] of table) assert.equal(await status(header), want, name);
    },
    'may come byte by byte': async () => {
      const wire = await Wire.open(s.port);
      const bytes = Buffer.concat([proxied([0x21, 0x11], ipv4(203, 0, 113, 9)),
        Buffer.from(request)]);
      for (const byte of bytes) {
        wire.send(Buffer.from([byte]));
        await new Promise(setImmediate);
      }
      assert.equal((await wire.response()).status, 403);
      wire.close();
    },
    'makes the peer a stranger whose headers say nothing': async () => {
      const header = proxied([0x21, 0x11], ipv4(203, 0, 113, 9));
      assert.equal(await status(header, 'X-Forwarded-For: 127.0.0.1\r\n'), 403);
    },
    'ends the connection when it is malformed': async () => {
      const good = proxied([0x21, 0x11], ipv4(203, 0, 113, 9));
      const bad = {
        'version 1': Buffer.from(`PROXY TCP4 ${PUBLIC} 127.0.0.1 1 2\r\n`),
        'version 3': proxied([0x31, 0x11], ipv4(203, 0, 113, 9)),
        'another command': proxied([0x22, 0x11], ipv4(203, 0, 113, 9)),
        'too long': proxied([0x21, 0x11], ipv4(203, 0, 113, 9), { length: 537 }),
        'no header': Buffer.alloc(0),
        'another signature': Buffer.concat([Buffer.from([1]), good.subarray(1)]),
      };
      for (const [name, header] of Object.entries(bad)) {
        const wire = await Wire.open(s.port);
        wire.send(header, request);
        await wire.closed();
        assert.equal(wire.received, 0, name);
        wire.close();
      }
    },
    'has a deadline': async () => {
      const wire = await Wire.open(hasty.port);
      wire.send(SIGNATURE.subarray(0, 5));
      await wire.closed();
      assert.equal(wire.received, 0);
    },
    'is not expected of others, who cannot forge with it': async () => {
      const other = { port: s.port, localAddress: '127.0.0.2' };
      assert.equal(await status('', '', other), 200);
      assert.equal(await status(proxied([0x21, 0x11], ipv4(203, 0, 113, 9)), '', other), 400);
    },
  });
});

test('the unix socket is there for a proxy', async (t) => {
  const socket = path.join(tmpdir(), `stoa-${process.pid}.sock`);
  await serve(t, ['--socket', socket]);
  assert.equal(await metrics({ path: socket }), 200);
  assert.equal(await metrics({ path: socket }, { 'X-Forwarded-For': PUBLIC }), 403);
  assert.equal(await metrics({ path: socket }, { 'X-Forwarded-For': `127.0.0.1, ${PUBLIC}` }), 403);
});

test('one address has so many connections at once', async (t) => {
  const s = await serve(t, ['--limits-connections-per-address', '5', '--limits-connections', '12',
    '--trusted-proxies', '127.0.0.3']);
  const open = async (localAddress, n) => {
    const wires = [];
    for (let i = 0; i < n; i++) wires.push(await Wire.open({ port: s.port, localAddress }));
    return wires;
  };
  const isServed = async (wire) => {
    wire.send('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    return wire.response().then(() => true, () => false);
  };
  const served = async (wires) =>
    (await Promise.all(wires.map(isServed))).filter(Boolean).length;

  const first = await open('127.0.0.1', 7);
  assert.equal(await served(first), 5);
  const second = await open('127.0.0.2', 1);
  assert.equal(await served(second), 1, 'another address is not concerned');
  const proxy = await open('127.0.0.3', 8);
  assert.equal(await served(proxy), 6, 'a proxy only by what the server bears in all: 12');
  for (const wire of [...first, ...second, ...proxy]) wire.close();
  await eventually(async () => {
    const again = await open('127.0.0.1', 5);
    const n = await served(again);
    for (const wire of again) wire.close();
    return n === 5;
  }, 'the places to be free again');
});
