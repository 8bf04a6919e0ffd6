// Thousands of generated and damaged packets go through proto/sio and proto/eio (by
// tests/tools/sio_check.c) and through the parsers of npm's socket.io 4.8. What we take, npm takes
// and reads as the same; what npm takes and we refuse is explained below, row by row.
//
// SIO_CHECK names the program, SEED and N repeat or widen a run.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { decodePayload } from 'engine.io-parser';
import { Decoder } from 'socket.io-parser';

const program = process.env.SIO_CHECK
  ?? join(dirname(process.env.STOA ?? 'build/debug/stoa'), 'tests/tools/sio_check');
const seed = Number(process.env.SEED ?? 20260331);
const count = Number(process.env.N ?? (process.env.SOAK ? 600_000 : 40_000));

const EVENT = 2, BINARY_EVENT = 5;
const LISTS = [2, 3, 5, 6];
const HEAD = /^\d(\d+-)?(\/[^,]*(,|$))?/;

// Packets that npm takes and we do not. The first row that fits counts.
const stricter = [
  {
    why: 'an empty text, or white space for a type, which npm reads as 0',
    codes: ['PROTOCOL'],
    when: ({ text }) => !/^[0-6]/.test(text),
  },
  {
    why: 'attachments that are counted otherwise than in plain digits',
    codes: ['PROTOCOL'],
    when: ({ text }) => /^[56]/.test(text) && !/^[56]\d+-/.test(text),
  },
  {
    why: 'white space before an id or the JSON, which npm reads as a digit',
    codes: ['PROTOCOL'],
    when: ({ text }) => /^\d*\s/.test(text.replace(HEAD, '')),
  },
  {
    why: 'an event or ack without a list',
    codes: ['PROTOCOL'],
    when: ({ text, npm }) => LISTS.includes(Number(text[0])) && npm.data === undefined,
  },
  {
    why: 'an id above 2^53 - 1, which npm rounds',
    codes: ['PROTOCOL'],
    when: ({ npm }) => npm.id > Number.MAX_SAFE_INTEGER,
  },
  {
    why: 'the event name __proto__',
    codes: ['PROTOCOL'],
    when: ({ npm }) => npm.type === EVENT && npm.data[0] === '__proto__',
  },
  {
    why: 'a double key',
    codes: ['BAD_JSON'],
    when: ({ shape }) => shape.doubleKey,
  },
  {
    why: 'a number beyond the range of double',
    codes: ['BAD_JSON'],
    when: ({ shape }) => shape.hugeNumber,
  },
  {
    why: 'more than 32 levels',
    codes: ['TOO_DEEP'],
    when: ({ shape }) => shape.depth > 32,
  },
  {
    why: 'more than 256 members',
    codes: ['TOO_MANY'],
    when: ({ shape }) => shape.members > 256,
  },
  {
    why: 'placeholders that do not name each attachment once and nothing more',
    codes: ['PROTOCOL'],
    when: ({ npm, json }) => npm.attachments > 0 && !areExact(JSON.parse(json), npm.attachments),
  },
];

function jsonOf(text) {
  return text.replace(HEAD, '').replace(/^\d*/, '');
}

// What JSON.parse does not tell of a text that it took.
function shapeOf(json) {
  const shape = { depth: 0, members: 0, doubleKey: false, hugeNumber: false };
  const open = [];
  const tokens = json.match(/"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s"{}[\]:,]+/g) ?? [];
  tokens.forEach((token, i) => {
    if (token === '{' || token === '[') shape.depth = Math.max(shape.depth, open.push(new Set()));
    else if (token === '}' || token === ']') open.pop();
    else if (token[0] === '"') {
      const string = JSON.parse(token);
      if (tokens[i + 1] === ':') seeKey(shape, open.at(-1), string.toWellFormed());
    } else if (/^[-\d]/.test(token) && (!Number.isFinite(Number(token)) || token.length > 512)) {
      shape.hugeNumber = true;
    }
  });
  return shape;
}

function seeKey(shape, keys, key) {
  if (keys.has(key)) shape.doubleKey = true;
  keys.add(key);
  shape.members = Math.max(shape.members, keys.size);
}

function areExact(value, n) {
  const nums = [];
  const walk = (v) => {
    if (v === null || typeof v !== 'object') return true;
    if (v._placeholder !== true) return Object.values(v).every(walk);
    nums.push(v.num);
    return Object.keys(v).length === 2;
  };
  return walk(value) && nums.length === n && Array.from({ length: n }, (_, k) => k).every((k) => nums.includes(k));
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

const names = ['message', 'chat:message', 'a', '', 'connects', 'Connect', 'toString', 'caf\u00e9', '\ud83d\ude00', '2', '/a,'];
const reserved = ['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener', '__proto__'];
const keys = ['a', 'b', 'text', 'num', '_placeholder', '__proto__', 'constructor', '', '\u00e9', '\\u0061', 'n\\u0075m', 'length'];
const strings = ['"x"', '""', '"\\n\\"\\\\"', '"\\u0041"', '"\\ud83d\\ude00"', '"\u00e9\u20ac"', '"[,]"', '"-"', '"\\/"', '"_placeholder"', '"__proto__"'];
const scalars = ['true', 'false', 'null', '0', '-0', '1', '-1.5', '1e3', '1E-400', '12345678901234567890', '0.1e+1', '1700000000000'];
const nsps = ['', '', '', '/,', '/rooms,', '/a?b=c,', '/a/b,', '/caf\u00e9,', '/1,', '/[,'];
const counts = ['0', '1', '2', '10', '11', '01', '00', '-1', '1.0', '1e0', '0x1', '+1', ' 1', '1 ', '', '1.5', '999999999999', 'NaN', 'Infinity', '1e400'];
const ids = ['', '', '', '0', '7', '12', '007', '4294967296', '9007199254740991', '9007199254740992', '18446744073709551616', '-1', '1.5', '1e3', ' ', '1 2', '\u0661', '\ufeff', '9'.repeat(400)];

const placeholder = (num) => `{"_placeholder":true,"num":${num}}`;
const space = (r) => (r.chance(0.93) ? '' : r.of([' ', '\n', '\t\r ', '  ']));

function list(r, items) {
  return '[' + space(r) + items.join(`${space(r)},${space(r)}`) + space(r) + ']';
}

const nested = (depth) => '['.repeat(depth) + ']'.repeat(depth);

function key(r) {
  return r.chance(0.7) ? `k${r.below(1000)}` : r.of(keys);
}

function value(r, depth) {
  if (depth === 0 || r.chance(0.5)) return r.of(r.chance(0.5) ? strings : scalars);
  if (r.chance(0.5)) return list(r, r.times(3, () => value(r, depth - 1)));
  if (r.chance(0.06)) return placeholder(r.of([0, 1, -1, 0.5, '"0"']));
  return '{' + r.times(3, () => `${space(r)}"${key(r)}"${space(r)}:${space(r)}${value(r, depth - 1)}`).join(',') + '}';
}

function name(r) {
  if (r.chance(0.05)) return r.of(scalars);
  const text = JSON.stringify(r.of(r.chance(0.95) ? names : reserved));
  return r.chance(0.93) ? text : text.replace(/[a-z]/, (c) => `\\u00${c.charCodeAt(0).toString(16)}`);
}

// A list with a placeholder for each of n attachments, in any order and depth, mostly.
function binaryItems(r, n) {
  const nums = Array.from({ length: n }, (_, k) => k);
  if (r.chance(0.15)) nums.sort(() => r.next() - 0.5);
  if (r.chance(0.08)) nums.push(r.of([0, n, n + 1, -1, 0.5, 1e300, 'null', '[]', '"0"']));
  if (r.chance(0.06)) nums.pop();
  return nums.map((num) => {
    let p = r.chance(0.9) ? placeholder(num) : `{"num":${num},"_placeholder":${r.of(['true', 'true', 'false', '1'])}}`;
    if (r.chance(0.05)) p = p.replace('}', `,"x":${value(r, 1)}}`);
    return r.chance(0.7) ? p : r.of([`[${p}]`, `{"a":${p}}`, `{"num":1,"a":[${p},{}],"c":true}`]);
  }).concat(r.times(2, () => value(r, 2)));
}

function packet(r) {
  const type = r.of([0, 0, 1, 2, 2, 2, 2, 3, 3, 4, 5, 5, 5, 6, 6]);
  const n = r.chance(0.9) ? 1 + r.below(3) : r.below(12);
  const count = type < BINARY_EVENT ? '' : (r.chance(0.85) ? n : r.of(counts)) + '-';
  const head = `${type}${count}${r.of(nsps)}${r.of(r.chance(0.9) ? ids.slice(0, 9) : ids)}`;
  const items = type < BINARY_EVENT ? r.times(3, () => value(r, 3)) : binaryItems(r, n);
  if (type === 1 || r.chance(0.03)) return head;
  if (type === 0 || type === 4) return head + (r.chance(0.3) ? '' : value(r, 3));
  if (r.chance(0.01)) return head + list(r, ['"deep"', nested(r.of([29, 30, 31, 32, 33]))]);
  if (r.chance(0.002)) return head + list(r, ['"wide"', `{${Array.from({ length: 255 + r.below(4) }, (_, i) => `"${i}":0`)}}`]);
  return head + list(r, type === 3 || type === 6 ? items : [name(r), ...items]);
}

const bits = ['-', ',', '/', '[', ']', '{', '}', '"', ':', '\\', ' ', '\n', '\0', '\u00a0', '\ufeff', '0', '1', '2', '5', '6', '9', '.', 'e',
  '+', 'null', '"a"', '[]', '{}', '["a"]', '1-', '0-', '\u00e9', '\ud83d\ude00', '\\ud800', '\\u', '1e999', '"a":1,', '/a,', placeholder(0), placeholder(1)];

const mutations = [
  (r, s) => { const i = r.below(s.length + 1); return s.slice(0, i) + r.of(bits) + s.slice(i); },
  (r, s) => { const i = r.below(Math.min(s.length, 6) + 1); return s.slice(0, i) + r.of(bits) + s.slice(i); },
  (r, s) => { const i = r.below(s.length); return s.slice(0, i) + s.slice(i + 1 + r.below(3)); },
  (r, s) => { const i = r.below(s.length); return s.slice(0, i) + String.fromCharCode(r.below(128)) + s.slice(i + 1); },
  (r, s) => s.slice(0, r.below(s.length + 1)),
  (r, s) => s + r.of(bits),
  (r, s) => replaceOne(r, s, /\d+/g, () => r.of(counts)),
  (r, s) => replaceOne(r, s, /"[^"]*"/g, () => r.of([...strings, '"connect"', '"num"', '"_placeholder"', '1', '{}'])),
  (r, s) => replaceOne(r, s, /true|false|null/g, () => r.of(['true', 'false', 'null', '"true"', 'True', '1'])),
  (r, s) => s.replace(/^./s, () => String(r.below(9))),
];

function replaceOne(r, s, pattern, make) {
  const found = [...s.matchAll(pattern)];
  if (found.length === 0) return s;
  const m = r.of(found);
  return s.slice(0, m.index) + make(m[0]) + s.slice(m.index + m[0].length);
}

function* generate(make, from) {
  const r = new Random(from);
  for (let i = 0; i < count; i++) {
    let s = make(r);
    const damages = r.of([0, 0, 0, 1, 1, 2]);
    for (let n = 0; n < damages && s.length > 0; n++) s = r.of(mutations)(r, s);
    yield s.toWellFormed(); // what arrives as UTF-8
  }
}

const written = ['', ' ', '0', '0/', '0/random', '0{"a":1}', '0/custom,{"token":"x"}', '1/custom', '1{}', '2', '2[]', '2["a"]',
  '2["connect"]', '2["c\\u006fnnect"]', '2["__proto__"]', '2abc["a"]', '2/a?b=c,["a"]', '29007199254740991["a"]',
  '29007199254740992["a"]', '2007["a"]', '2 ["a"]', `2["a",${placeholder(0)}]`, '3[]', '37[]', '4[]', '50-["a"]', '50-[]',
  '51-', '51-["a"]', '5["a"]', '599999999999-["a"]', '5-1-["a"]', '51.5-["a"]', '511-["a"]', '60-[]', '61-', '7',
  `51-["a",${placeholder(0)}]`, `51-["a",${placeholder(1)}]`, `51-["a",${placeholder(-1)}]`, `51-["a",${placeholder(0.5)}]`,
  `52-["a",${placeholder(0)},${placeholder(0)}]`, `52-["a",${placeholder(0)}]`, `51-["a",${placeholder(0)},${placeholder(1)}]`];

// ---- the readers

// One line of JSON for each input.
async function readOurs(what, inputs) {
  const child = spawn(program, [what], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exit = new Promise((resolve, reject) => {
    child.on('error', () => reject(new Error(`${program} cannot be run: build it first`)));
    child.on('close', resolve);
  });
  const output = [];
  child.stdout.on('data', (data) => output.push(data));
  child.stdin.on('error', () => {}); // the exit code tells
  for (const input of inputs) {
    const bytes = Buffer.from(input);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    child.stdin.write(Buffer.concat([length, bytes]));
  }
  child.stdin.end();
  assert.equal(await exit, 0, 'sio_check exits with 0');
  const lines = Buffer.concat(output).toString().trimEnd().split('\n').map((line) => JSON.parse(line));
  assert.equal(lines.length, inputs.length, 'a line for every input');
  return lines;
}

const attachment = (k) => Buffer.from([k]);

// The packet with its attachments, or what npm says against it.
function readNpm(text) {
  const decoder = new Decoder();
  const out = { attachments: 0 };
  decoder.on('decoded', (p) => { out.packet = p; });
  try {
    decoder.add(text);
    for (; !out.packet; out.attachments++) decoder.add(attachment(out.attachments));
  } catch (error) {
    return { error: error.message };
  }
  const { type, nsp, id, data } = out.packet;
  return { type, nsp, id, data, attachments: out.attachments };
}

function fill(value) {
  if (value === null || typeof value !== 'object') return value;
  if (value._placeholder === true) return attachment(value.num);
  for (const k of Object.keys(value)) value[k] = fill(value[k]);
  return value;
}

// Our packet in npm's form.
function asNpm(ours) {
  const { attachments, nsp, id } = ours;
  const type = ours.type >= BINARY_EVENT ? ours.type - BINARY_EVENT + EVENT : ours.type;
  let data = ours.data === '' ? undefined : JSON.parse(ours.data);
  if (LISTS.includes(type)) {
    const args = JSON.parse(`[${ours.args}]`);
    const named = type !== EVENT ? [] : [typeof data[0] === 'number' ? Number(ours.name) : ours.name];
    data = attachments > 0 ? fill([...named, ...args]) : [...named, ...args];
  }
  return { type, nsp, id, data, attachments };
}

// ---- comparing

const few = (rows) => rows.slice(0, 5).join('\n');
const show = (text, ours, npm) => `${JSON.stringify(text)}\n  ours ${JSON.stringify(ours)}\n  npm  ${JSON.stringify(npm)}`;

function judge(sum, text, ours) {
  const npm = readNpm(text);
  if (npm.error) {
    if (ours.error) sum.neither++;
    else sum.looser.push(show(text, ours, npm));
  } else if (ours.error) {
    const refused = { text, npm, json: jsonOf(text), get shape() { return shapeOf(this.json); } };
    const row = stricter.find((e) => e.codes.includes(ours.error) && e.when(refused));
    if (row) sum.why.set(row, sum.why.get(row) + 1);
    else sum.unexplained.push(show(text, ours, npm));
  } else {
    sum.both++;
    sum.types[ours.type]++;
    const name = npm.data?.[0]; // half a surrogate pair in it is U+FFFD for us
    if (npm.type === EVENT && typeof name === 'string') npm.data[0] = name.toWellFormed();
    if (!isDeepStrictEqual(asNpm(ours), npm)) sum.different.push(show(text, asNpm(ours), npm));
  }
}

test('packets: the same as socket.io-parser', async (t) => {
  const sum = { both: 0, neither: 0, types: Array(7).fill(0), looser: [], different: [], unexplained: [],
    why: new Map(stricter.map((row) => [row, 0])) };
  const inputs = [...written, ...generate(packet, seed)];
  const ours = await readOurs('sio', inputs);
  inputs.forEach((text, i) => judge(sum, text, ours[i]));
  t.diagnostic(`${inputs.length} packets, seed ${seed}: ${sum.both} taken by both, ${sum.neither} by neither; by type ${sum.types}`);
  sum.why.forEach((n, row) => t.diagnostic(`${n} that only npm takes: ${row.why}`));
  await t.test('type, namespace, id, name and arguments are the same', () => {
    assert.equal(sum.different.length, 0, few(sum.different));
  });
  await t.test('nothing that npm refuses is taken', () => {
    assert.equal(sum.looser.length, 0, `${sum.looser.length}:\n${few(sum.looser)}`);
  });
  await t.test('what only npm takes is explained', () => {
    assert.equal(sum.unexplained.length, 0, `${sum.unexplained.length}:\n${few(sum.unexplained)}`);
  });
  await t.test('the comparison is not empty, and every explanation is needed', () => {
    assert.ok(sum.both > count / 4 && sum.neither > count / 10 && sum.types.every((n) => n > count / 200));
    assert.deepEqual([...sum.why].filter(([, n]) => n === 0).map(([row]) => row.why), []);
  });
});

// ---- Engine.IO

const types = ['open', 'close', 'ping', 'pong', 'message', 'upgrade', 'noop'];
const SEPARATOR = '\x1e';

function binaryPacket(r) {
  const text = Buffer.from(r.times(20, () => r.below(256))).toString(r.chance(0.8) ? 'base64' : 'base64url');
  return 'b' + (r.chance(0.1) ? text.replace(/=+$/, '') : text);
}

function payload(r) {
  const packets = Array.from({ length: 1 + r.below(4) }, () => (r.chance(0.3) ? binaryPacket(r)
    : r.of(['4', '4', '4', '2', '3', '2probe', '1', '5', '6', '0', '7', '']) + r.of(['', 'hello', '\u20ac', '2["a"]', 'b', '\0', '\ud83d\ude00'])));
  return packets.join(r.chance(0.97) ? SEPARATOR : r.of(['\x1d', '', SEPARATOR + SEPARATOR]));
}

// Base64 that Node skips over and we refuse.
function isSound(base64) {
  const text = base64.replace(/={1,2}$/, '');
  const padding = base64.length - text.length;
  return /^[\w+/-]*$/.test(text) && text.length % 4 !== 1 && (padding === 0 || base64.length % 4 === 0);
}

function readNpmPayload(text) {
  const packets = decodePayload(text, 'nodebuffer').map(({ type, data }) => ({
    type: types.indexOf(type), binary: Buffer.isBuffer(data), data: Buffer.from(data ?? '').toString('hex'),
  }));
  const bad = packets.at(-1).type < 0;
  return { packets: bad ? packets.slice(0, -1) : packets, error: bad ? 'PROTOCOL' : undefined };
}

test('payloads: the same as engine.io-parser', async (t) => {
  const inputs = ['', SEPARATOR, '4a' + SEPARATOR, 'b', 'bA', 'bAQ=', ...generate(payload, seed + 1)];
  const ours = await readOurs('eio', inputs);
  const different = [];
  let packets = 0, binary = 0, refused = 0, lenient = 0;
  inputs.forEach((text, i) => {
    const npm = readNpmPayload(text);
    const { packets: read, error } = ours[i];
    const next = text.split(SEPARATOR)[read.length];
    packets += read.length;
    binary += read.filter((p) => p.binary).length;
    if (error === 'PROTOCOL' && next.startsWith('b') && !isSound(next.slice(1))) {
      lenient++;
      npm.packets.length = Math.min(npm.packets.length, read.length);
      npm.error = 'PROTOCOL';
    }
    refused += npm.error !== undefined;
    if (!isDeepStrictEqual({ packets: read, error }, npm)) different.push(show(text, ours[i], npm));
  });
  t.diagnostic(`${inputs.length} payloads, seed ${seed + 1}: ${packets} packets, ${binary} of them binary; `
    + `${refused} payloads with a bad packet, ${lenient} of them base64 that only npm takes`);
  await t.test('the same packets, and the same first bad one', () => {
    assert.equal(different.length, 0, `${different.length}:\n${few(different)}`);
  });
  await t.test('the comparison is not empty', () => {
    assert.ok(packets > count && binary > count / 5 && refused > count / 10 && lenient > count / 200);
  });
});
