// Thousands of good and of damaged requests go through proto/http1 (tests/tools/http1_check.c) and
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

import { generate } from './http1-requests.mjs';

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
    why: 'Node refuses framing headers among the trailers, we ignore trailers (RFC 9110 6.5.1)',
    taker: 'we',
    codes: ['HPE_INVALID_CONTENT_LENGTH', 'HPE_INVALID_TRANSFER_ENCODING'],
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
    why: 'in HTTP/1.0 Node lets keep-alive win over close, and reads Proxy-Connection; we do not',
    taker: 'node',
    codes: ['CLOSED'],
    when: ({ text }) => /HTTP\/1\.0[^]*keep-alive/i.test(text) && /close|Proxy-/i.test(text),
  },
];

function hasExtension(text) {
  return /\r\n[0-9a-f]+;[^\r\n]*\r\n/i.test(text);
}

function hasTrailer(text, names) {
  return new RegExp(`\r\n0+(;[^\r\n]*)?\r\n([^\r\n]+\r\n)*(${names}):`, 'i').test(text);
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
  for (const { text } of inputs) {
    const bytes = Buffer.from(text, 'latin1');
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
  const wires = inputs.map(({ text }) => {
    const wire = new Wire();
    wire.on('error', () => {});
    server.emit('connection', wire);
    wire.push(Buffer.from(text, 'latin1'));
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

// Nothing, or the first difference; with `taker` when one took a request and the other did not.
function compare(ours, node) {
  const n = Math.max(ours.requests.length, node.requests.length);
  for (let i = 0; i < n; i++) {
    const a = ours.requests[i], b = node.requests[i];
    if (a && b && (a.method !== b.method || a.target !== b.target)) {
      return { what: 'another method or target' };
    }
    if (a?.done && b?.done) {
      if (a.bytes !== b.bytes || a.hash !== b.hash) return { what: 'another body' };
      continue;
    }
    if (a?.done) return { what: 'only we took it', taker: 'we', code: node.end, request: a };
    if (!b?.done || isError(ours.end)) return null; // neither, or we are the stricter
    if (a) return { what: 'Node found its end before us' };
    return { what: 'only Node took it', taker: 'node', code: ours.end };
  }
  return null;
}

async function compareAll(inputs) {
  const ours = await readOurs(inputs);
  const server = makeServer();
  const sum = {
    both: 0, bodies: 0, pipelined: 0, stricter: 0,
    splits: [], refused: [], different: [], unexplained: [], why: new Map(),
  };
  assert.equal(ours.length, inputs.length, 'a line for every input');
  for (let at = 0; at < inputs.length; at += BATCH) {
    const nodes = await readNode(server, inputs.slice(at, at + BATCH));
    nodes.forEach((node, i) => judge(sum, inputs[at + i], ours[at + i], node));
  }
  return sum;
}

function judge(sum, { text, isDamaged }, ours, node) {
  const shown = `${JSON.stringify(text)}\n  ours ${JSON.stringify(ours)}`;
  if (ours.end === 'SPLIT') sum.splits.push(shown);
  else if (!isDamaged && isError(ours.end)) sum.refused.push(shown);
  const found = compare(ours, node);
  if (found) {
    const row = explained.find((e) => e.taker === found.taker && e.codes.includes(found.code)
      && e.when({ ...found, text }));
    const list = found.taker === 'we' ? sum.unexplained : sum.different;
    if (row) sum.why.set(row, (sum.why.get(row) ?? 0) + 1);
    else list.push(`${found.what}: ${shown}\n  node ${JSON.stringify(node)}`);
  }
  const same = ours.requests.filter((a, i) => a.done && node.requests[i]?.done);
  sum.both += same.length;
  sum.bodies += same.filter((a) => a.bytes > 0).length;
  sum.pipelined += same.length > 1;
  sum.stricter += isError(ours.end) && node.end === 'OK';
}

const few = (list) => list.slice(0, 5).join('\n');

test('generated requests: the same as Node', async (t) => {
  const sum = await compareAll([...generate(seed, count)]);
  t.diagnostic(`${count} streams, seed ${seed}: ${sum.both} requests taken by both, `
    + `${sum.bodies} with a body, ${sum.pipelined} streams of several; `
    + `${sum.stricter} streams that only we refuse`);
  sum.why.forEach((n, { taker, why }) => {
    t.diagnostic(`${n} that only ${taker === 'we' ? 'we take' : 'Node takes'}: ${why}`);
  });
  await t.test('no disagreement about methods, targets, bodies and ends', () => {
    assert.equal(sum.different.length, 0, few(sum.different));
  });
  await t.test('what we take and Node refuses is explained', () => {
    assert.equal(sum.unexplained.length, 0, `${sum.unexplained.length}:\n${few(sum.unexplained)}`);
  });
  await t.test('what was not damaged is taken', () => {
    assert.equal(sum.refused.length, 0, few(sum.refused));
  });
  await t.test('pieces of 1 and 7 bytes give the same as the whole', () => {
    assert.equal(sum.splits.length, 0, few(sum.splits));
  });
  await t.test('the comparison is not empty', () => {
    assert.ok(sum.both > count / 2 && sum.bodies > count / 5 && sum.pipelined > count / 10);
  });
});
