// Thousands of generated and damaged requests go through proto/http1 (tests/tools/http1_check.c) and
// through Node's own HTTP server. Where both accept a request they must read the same method,
// target and body, and find the next request at the same place: a difference is how requests are
// smuggled. We may refuse more than Node; what we take and Node refuses is explained below.
//
// HTTP1_CHECK names the program, SEED and N repeat or widen a run.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer, METHODS } from 'node:http';
import { dirname, join } from 'node:path';
import { Duplex } from 'node:stream';
import { test } from 'node:test';

const program = process.env.HTTP1_CHECK
  ?? join(dirname(process.env.STOA ?? 'build/debug/stoa'), 'tests/tools/http1_check');
const seed = Number(process.env.SEED ?? 20240229);
const count = Number(process.env.N ?? (process.env.SOAK ? 400_000 : 20_000));
const BATCH = 500;

// Where the two part, and why that is right. `we` take a request that Node does not, with Node's
// code ('OK': it said nothing), or `node` takes one behind the end we saw.
const explained = [
  {
    why: 'Node knows a closed list of methods, to us a method is any token (RFC 9110 9.1)',
    taker: 'we',
    codes: ['HPE_INVALID_METHOD', 'HPE_INVALID_CONSTANT', 'HPE_INVALID_VERSION'],
    when: ({ request }) => !METHODS.includes(request.method),
  },
  {
    why: 'Node reads the grammar of chunk extensions, we only bound them and keep them on one line',
    taker: 'we',
    codes: ['HPE_STRICT', 'HPE_INVALID_CHUNK_SIZE'],
    when: ({ text }) => hasExtension(text),
  },
  {
    why: 'Node refuses trailers with the names of framing headers, we ignore trailers (RFC 9110 6.5.1)',
    taker: 'we',
    codes: ['HPE_INVALID_CONTENT_LENGTH', 'HPE_INVALID_TRANSFER_ENCODING', 'HPE_UNEXPECTED_CONTENT_LENGTH'],
    when: ({ text }) => hasTrailer(text, 'Content-Length|Transfer-Encoding'),
  },
  {
    why: 'Node obeys Connection in a trailer, we ignore trailers (RFC 9110 6.5.1)',
    taker: 'we',
    codes: ['HPE_CLOSED_CONNECTION'],
    when: ({ text }) => hasTrailer(text, 'Connection|Proxy-Connection'),
  },
  {
    why: 'Node drops what stands behind an upgrade that it did not take, and faults in its body',
    taker: 'we',
    codes: ['OK'],
    when: ({ text }) => /\r\nUpgrade:/i.test(text) && /\r\nConnection:[^\r\n]*upgrade/i.test(text),
  },
  {
    why: 'in HTTP/1.0 Node lets keep-alive win over close and reads Proxy-Connection (RFC 9112 9.3, C.2.2)',
    taker: 'node',
    codes: ['CLOSED'],
    when: ({ text }) => /HTTP\/1\.0/.test(text) && /close|Proxy-/i.test(text) && /keep-alive/i.test(text),
  },
];

function hasExtension(text) {
  return /\r\n[0-9a-f]+;[^\r\n]*\r\n/i.test(text);
}

function hasTrailer(text, names) {
  return new RegExp(`\r\n0+(;[^\r\n]*)?\r\n([^\r\n]+\r\n)*(${names}):`, 'i').test(text);
}

// ---- generating

function mulberry(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

class Random {
  constructor(from) { this.next = mulberry(from); }
  below(n) { return Math.floor(this.next() * n); }
  chance(p) { return this.next() < p; }
  of(list) { return list[this.below(list.length)]; }
  times(max, make) { return Array.from({ length: this.below(max + 1) }, make); }
}

const methods = ['GET', 'GET', 'POST', 'POST', 'POST', 'PUT', 'HEAD', 'DELETE', 'OPTIONS', 'PATCH'];
const targets = ['/', '/a', '/a/b?c=d', '/?', '//x', '/%41', 'http://b/c', 'https://b:81', '/a;b=c',
  '/{|}~', '/a?b?c', 'HTTP://B?q'];
const plain = ['Accept: */*', 'X-A:', 'X-B: \t a b \t', 'Cookie: a=b; c="d"', 'User-Agent: x/1 (y)',
  'Expect: 100-continue', 'TE: trailers', 'X-Long: ' + 'v'.repeat(300), 'X-Bytes: \xe9\xff'];
const connections = ['keep-alive', 'close', 'Keep-Alive', 'CLOSE', 'upgrade', 'a, close', 'close,a',
  ', ,keep-alive', 'x', 'keep-alive, Upgrade', 'close, keep-alive'];
const contents = ['hello', 'a', '0\r\n\r\n', 'GET /smuggled HTTP/1.1\r\nHost: z\r\n\r\n', '\r\n',
  'x'.repeat(70), '\0\x01\xff', '5\r\nhello\r\n0\r\n\r\n'];
const extensions = [';a', ';a=b', ';a="b;c"', ';a;b=c', ';'.padEnd(40, 'e')];

function anyCase(r, s) {
  return r.chance(0.7) ? s : [...s].map((c) => (r.chance(0.5) ? c.toUpperCase() : c.toLowerCase())).join('');
}

function chunk(r, content) {
  const size = anyCase(r, content.length.toString(16)).padStart(r.chance(0.1) ? 1 + r.below(16) : 1, '0');
  return size + (r.chance(0.15) ? r.of(extensions) : '') + '\r\n' + content + '\r\n';
}

function chunked(r) {
  const trailer = r.chance(0.2) ? r.of(['A: b\r\n', 'Content-Length: 3\r\n', 'X:\r\nY: z\r\n']) : '';
  return r.times(3, () => chunk(r, r.of(contents))).join('')
    + (r.chance(0.1) ? '000' : '0') + (r.chance(0.1) ? r.of(extensions) : '') + '\r\n' + trailer + '\r\n';
}

function request(r) {
  const version = r.chance(0.12) ? '1.0' : '1.1';
  const lines = [`${anyCase(r, 'Host')}: ${r.of(['a', 'localhost:5050', '[::1]:80', '127.0.0.1'])}`];
  let body = '';
  lines.push(...r.times(3, () => r.of(plain)));
  if (r.chance(0.4)) lines.push(`${anyCase(r, 'Connection')}: ${r.of(connections)}`);
  if (r.chance(0.05)) lines.push('Upgrade: h2c');
  if (r.chance(0.35)) {
    body = r.of(contents);
    lines.push(`${anyCase(r, 'Content-Length')}:${r.of(['', ' ', '  '])}${body.length}${r.of(['', ' '])}`);
  } else if (r.chance(0.5)) {
    body = chunked(r);
    lines.push(`${anyCase(r, 'Transfer-Encoding')}: ${anyCase(r, 'chunked')}`);
  }
  lines.sort(() => r.next() - 0.5);
  const before = r.chance(0.03) ? '\r\n' : '';
  return `${before}${r.of(methods)} ${r.of(targets)} HTTP/${version}\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}

const bits = ['\r', '\n', '\r\n', '\r\n\r\n', '\0', ' ', '\t', ',', ';', ':', '0', '1', '5', 'a', '-', '+',
  '\x0b', '\x7f', '\xa0', '"', '#', '0x', '\r\n ', 'chunked', ' HTTP/1.1', 'X: y\r\n', 'Host: b\r\n'];
const lines = ['Content-Length: 0', 'Content-Length: 5', 'Content-Length: +5', 'Content-Length: 5,5',
  'Content-Length: 0005', 'Content-Length: 0x5', 'Content-Length:', 'Content-Length : 5', 'Content-Length:\t5',
  'Content-Length: 18446744073709551616', 'Content-Length: 99999999999999999999', 'Content_Length: 5',
  'Transfer-Encoding: chunked', 'Transfer-Encoding: Chunked', 'Transfer-Encoding: identity',
  'Transfer-Encoding: gzip, chunked', 'Transfer-Encoding: chunked, gzip', 'Transfer-Encoding: xchunked',
  'Transfer-Encoding: chunked;a=b', 'Transfer-Encoding:\x0bchunked', 'Transfer-Encoding : chunked',
  ' Transfer-Encoding: chunked', 'Transfer-Encoding:', 'Transfer-Encoding: chunked\t', 'X: y\r\n Transfer-Encoding: chunked',
  'Transfer-Encoding: chunked, chunked', 'Connection: close', 'Connection: Content-Length',
  'Connection: Transfer-Encoding', 'Proxy-Connection: keep-alive', 'Host: b', 'Expect: 200', 'Upgrade: x'];

const mutations = [
  (r, s) => { const i = r.below(s.length + 1); return s.slice(0, i) + r.of(bits) + s.slice(i); },
  (r, s) => { const i = r.below(s.length); return s.slice(0, i) + s.slice(i + 1 + r.below(3)); },
  (r, s) => { const i = r.below(s.length); return s.slice(0, i) + String.fromCharCode(r.below(256)) + s.slice(i + 1); },
  (r, s) => insertLine(r, s, r.of(lines)),
  (r, s) => insertLine(r, s, r.of(lines)),
  (r, s) => replaceOne(r, s, /\r\n/g, () => r.of(['\n', '\r', '\r\r\n', '\n\r', '\r\n\r\n', '', ' \r\n', '\r\n ', '\r\n\t'])),
  (r, s) => replaceOne(r, s, /\d+/g, (n) => r.of([`${Number(n) + 1}`, `0${n}`, `+${n}`, `-${n}`, `${n} `, `${n}0`, `0x${n}`, '', `${n},${n}`])),
  (r, s) => replaceOne(r, s, /:/g, () => r.of([' :', '\t:', '', '::', ':\r\n ', ':\x0c'])),
  (r, s) => replaceOne(r, s, /[A-Z]+ (?=[/h])/g, (m) => r.of([m.toLowerCase(), `${m} `, 'FOO ', 'CONNECT ', 'G@T ', 'TRACE ', 'M-SEARCH ', 'PRI '])),
  (r, s) => replaceOne(r, s, /HTTP\/\d\.\d/g, () => r.of(['HTTP/1.0', 'HTTP/0.9', 'HTTP/1.2', 'HTTP/2.0', 'http/1.1', 'HTTP/1.1 ', 'HTTP/11', ''])),
  (r, s) => replaceOne(r, s, /\r\n[0-9a-f]+(?=\r\n)/gi, (n) => n + r.of([';', '; a', ';a b', ' ;a', ';a=', ';=b', ';;', ';"', ';a="', ' ', 'g', ';\x01', ';\xe9', ';a=b;'])),
];

// A line among the headers of one of the requests.
function insertLine(r, s, line) {
  return replaceOne(r, s, /\r\n(?=[A-Za-z-]+:)/g, (m) => `${m}${line}${m}`);
}

function replaceOne(r, s, pattern, make) {
  const found = [...s.matchAll(pattern)];
  if (found.length === 0) return s;
  const m = r.of(found);
  return s.slice(0, m.index) + make(m[0]) + s.slice(m.index + m[0].length);
}

function* generate() {
  const r = new Random(seed);
  for (let i = 0; i < count; i++) {
    let s = Array.from({ length: 1 + r.below(3) }, () => request(r)).join('');
    const damages = r.of([0, 1, 1, 1, 2, 3]);
    for (let n = 0; n < damages && s.length > 0; n++) s = r.of(mutations)(r, s);
    yield s;
  }
}

// ---- the two readers

// One line of JSON for each input.
async function readOurs(inputs) {
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
  const exit = new Promise((resolve, reject) => {
    child.on('error', () => reject(new Error(`${program} cannot be run: build it first`)));
    child.on('close', resolve);
  });
  const output = [];
  child.stdout.on('data', (data) => output.push(data));
  child.stdin.on('error', () => {}); // the exit code tells
  for (const input of inputs) {
    const bytes = Buffer.from(input, 'latin1');
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    child.stdin.write(Buffer.concat([length, bytes]));
  }
  child.stdin.end();
  assert.equal(await exit, 0, 'http1_check exits with 0');
  return Buffer.concat(output).toString().trimEnd().split('\n').map((line) => JSON.parse(line));
}

class Wire extends Duplex {
  read_ = { requests: [], end: 'OK' };
  _read() {}
  _write(data, encoding, done) { done(); }
}

function fnv(hash, data) {
  for (const byte of data) hash = Math.imul(hash ^ byte, 16777619) >>> 0;
  return hash;
}

function makeServer() {
  const server = createServer({ maxHeaderSize: 90_000, connectionsCheckingInterval: 1e9 });
  server.httpAllowHalfOpen = true; // the end of the input must not cut requests short
  server.timeout = server.requestTimeout = server.headersTimeout = server.keepAliveTimeout = 0;
  server.on('request', (req, res) => {
    const seen = { method: req.method, target: req.url, bytes: 0, hash: 2166136261, done: false };
    req.socket.read_.requests.push(seen);
    req.on('data', (data) => { seen.bytes += data.length; seen.hash = fnv(seen.hash, data); });
    req.on('end', () => { seen.done = true; res.end(); });
    req.on('error', () => {});
  });
  server.on('clientError', (error, wire) => {
    wire.read_.end = error.code;
    setImmediate(() => wire.destroy());
  });
  return server;
}

const turn = () => new Promise(setImmediate);

async function readNode(server, inputs) {
  const wires = inputs.map((input) => {
    const wire = new Wire();
    wire.on('error', () => {});
    server.emit('connection', wire);
    wire.push(Buffer.from(input, 'latin1'));
    return wire;
  });
  for (let i = 0; i < 6; i++) await turn();
  for (const wire of wires) if (!wire.destroyed) wire.push(null);
  for (let i = 0; i < 6; i++) await turn();
  wires.forEach((wire) => wire.destroy());
  return wires.map((wire) => wire.read_);
}

// ---- comparing

const isError = (end) => !['DONE', 'AGAIN', 'CLOSED'].includes(end);

// Nothing, or a sentence about the first difference; with `taker` when only one took the request.
function compare(ours, node) {
  const n = Math.max(ours.requests.length, node.requests.length);
  for (let i = 0; i < n; i++) {
    const a = ours.requests[i], b = node.requests[i];
    if (a && b && (a.method !== b.method || a.target !== b.target)) return { what: 'another method or target' };
    if (a?.done && b?.done && (a.bytes !== b.bytes || a.hash !== b.hash)) return { what: 'another body' };
    if (b?.done && a && !a.done && !isError(ours.end)) return { what: 'Node found its end before us' };
    if (a?.done && !b?.done) return { what: 'only we took it', taker: 'we', code: node.end, request: a };
    if (b?.done && !a && !isError(ours.end)) return { what: 'only Node took it', taker: 'node', code: ours.end };
    if (!a?.done || !b?.done) return null;
  }
  return null;
}

async function compareAll(inputs) {
  const ours = await readOurs(inputs);
  const server = makeServer();
  const sum = { both: 0, bodies: 0, pipelined: 0, stricter: 0, splits: [], different: [], unexplained: [], why: new Map() };
  assert.equal(ours.length, inputs.length, 'a line for every input');
  for (let at = 0; at < inputs.length; at += BATCH) {
    const nodes = await readNode(server, inputs.slice(at, at + BATCH));
    nodes.forEach((node, i) => judge(sum, inputs[at + i], ours[at + i], node));
  }
  return sum;
}

function judge(sum, text, ours, node) {
  if (ours.end === 'SPLIT') sum.splits.push(text);
  const found = compare(ours, node);
  if (found) {
    const row = explained.find((e) => e.taker === found.taker && e.codes.includes(found.code) && e.when({ ...found, text }));
    if (row) sum.why.set(row, (sum.why.get(row) ?? 0) + 1);
    else sum[found.taker === 'we' ? 'unexplained' : 'different'].push(
      `${found.what}: ${JSON.stringify(text)}\n  ours ${JSON.stringify(ours)}\n  node ${JSON.stringify(node)}`);
  }
  const same = ours.requests.filter((a, i) => a.done && node.requests[i]?.done);
  sum.both += same.length;
  sum.bodies += same.filter((a) => a.bytes > 0).length;
  sum.pipelined += same.length > 1;
  sum.stricter += isError(ours.end) && node.end === 'OK';
}

const few = (list) => list.slice(0, 5).join('\n');

test('generated requests: the same as Node', async (t) => {
  const sum = await compareAll([...generate()]);
  t.diagnostic(`${count} streams, seed ${seed}: ${sum.both} requests taken by both, ${sum.bodies} with a body, `
    + `${sum.pipelined} streams of several; ${sum.stricter} streams that only we refuse`);
  sum.why.forEach((n, row) => t.diagnostic(`${n} that only ${row.taker === 'we' ? 'we take' : 'Node takes'}: ${row.why}`));
  await t.test('no disagreement about methods, targets, bodies and ends', () => {
    assert.equal(sum.different.length, 0, few(sum.different));
  });
  await t.test('what we take and Node refuses is explained', () => {
    assert.equal(sum.unexplained.length, 0, `${sum.unexplained.length}:\n${few(sum.unexplained)}`);
  });
  await t.test('pieces of 1 and 7 bytes give the same as the whole', () => {
    assert.equal(sum.splits.length, 0, few(sum.splits));
  });
  await t.test('the comparison is not empty', () => {
    assert.ok(sum.both > count / 2 && sum.bodies > count / 5 && sum.pipelined > count / 10);
  });
});
