// Thousands of texts, written at random, damaged at random, or every short one there is, go through
// our JSON reader (tests/tools/json_check.c) and through JSON.parse. Both must accept the same texts
// and read the same values. We refuse more than JSON.parse, by rules that each refusal must prove.
//
// JSON_CHECK names the program, SEED and N repeat or widen a run.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const program = process.env.JSON_CHECK
  ?? join(dirname(process.env.STOA ?? 'build/debug/stoa'), 'tests/tools/json_check');
const seed = Number(process.env.SEED ?? 20261121);
const count = Number(process.env.N ?? (process.env.SOAK ? 2_000_000 : 40_000));
const BATCH = 20_000;

const MAX_DEPTH = 32;
const MAX_MEMBERS = 256;
const MAX_NUMBER_BYTES = 512;

// ---- chance

let state = seed >>> 0;
const chance = () => {
  state = (state + 0x6d2b79f5) >>> 0;
  let x = Math.imul(state ^ (state >>> 15), state | 1);
  x = (x + Math.imul(x ^ (x >>> 7), x | 61)) ^ x;
  return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
};
const below = (n) => Math.floor(chance() * n);
const pick = (list) => list[below(list.length)];
const often = (p) => chance() < p;
const repeat = (n, make) => Array.from({ length: n }, make);

// ---- texts written at random

const space = () => (often(0.8) ? '' : repeat(1 + below(3), () => pick([' ', '\n', '\t', '\r'])).join(''));

const numbers = [
  '0', '-0', '0.0', '-0.0e-5', '1e0', '1E+2', '9007199254740993', '9223372036854775807',
  '-9223372036854775808', '9223372036854775808', '18446744073709551616', '1e22', '1e23', '8.5e-7',
  '5e-324', '2.4703282292062327e-324', '2.4703282292062328e-324', '1.7976931348623157e308',
  '1.7976931348623158e308', '1.7976931348623159e308', '1e308', '1e309', '-1e400', '1e-400',
  '2.2250738585072011e-308', '0.30000000000000004', '4503599627370496.5', '1.00000000000000011102230246251565',
  '1.00000000000000011102230246251566', '100000000000000000000000000000000000000', '0e99999999999999999999',
  '1e-99999999999999999999', '1e99999999999999999999', `0.${'3'.repeat(500)}`, '7'.repeat(308), '7'.repeat(309),
  '3'.repeat(513), `0.${'3'.repeat(511)}`, `0.${'0'.repeat(400)}1e400`, `1${'0'.repeat(300)}e-300`,
];
const digits = (n) => repeat(n, () => below(10)).join('');
const number = () => {
  if (often(0.2)) return pick(numbers);
  const whole = often(0.3) ? '0' : `${1 + below(9)}${digits(below(often(0.1) ? 25 : 5))}`;
  const fraction = often(0.5) ? '' : `.${digits(1 + below(often(0.1) ? 25 : 5))}`;
  const exponent = often(0.8) ? '' : `${pick(['e', 'E'])}${pick(['', '+', '-'])}${digits(1 + below(3))}`;
  return `${often(0.3) ? '-' : ''}${whole}${fraction}${exponent}`;
};

const hex = (n) => pick([(s) => s, (s) => s.toUpperCase()])(n.toString(16).padStart(4, '0'));
const pieces = [
  () => String.fromCharCode(0x20 + below(0x5f)).replace(/["\\]/g, '/'),
  () => pick(['word', 'a longer run of plain text', '0123456789abcdef', '__proto__', 'constructor']),
  () => pick(['\\"', '\\\\', '\\/', '\\b', '\\f', '\\n', '\\r', '\\t']),
  () => pick(['é', 'ж', '€', '会议', '😀', '\u007f', '\u0080', '\u2028', '\ufeff', '\uffff', '\u{10ffff}']),
  () => `\\u${hex(below(0xd800))}`,
  () => `\\u${hex(0xd800 + below(0x400))}\\u${hex(0xdc00 + below(0x400))}`,
  () => (often(0.05) ? `\\u${hex(0xd800 + below(0x800))}` : 'x'),
  () => String.fromCodePoint(pick([0x20, 0x80, 0x800, 0xe000, 0x10000]) + 0x22 + below(0x700)).replace(/["\\]/g, '/'),
];
const string = () => `"${repeat(below(often(0.1) ? 30 : 4), () => pick(pieces)()).join('')}"`;

const keys = ['a', 'b', 'c', 'key', '__proto__', '', 'é'];
const key = () => {
  if (often(0.6)) return string();
  const name = pick(keys);
  return often(0.2) && name.length === 1 ? `"\\u${hex(name.charCodeAt(0))}"` : `"${name}"`;
};

const value = (depth) => {
  if (depth <= 0 || often(0.4)) {
    return pick([number, number, string, string, () => 'true', () => 'false', () => 'null'])();
  }
  const n = often(0.02) ? 250 + below(12) : below(5);
  const member = n > 100 // otherwise most large objects would have a key twice
    ? (_, i) => `"k${i}":${below(10)}`
    : () => `${space()}${key()}${space()}:${space()}${value(depth - 1)}${space()}`;
  const element = () => `${space()}${value(n > 100 ? 0 : depth - 1)}${space()}`;
  return often(0.5) ? `{${repeat(n, member).join(',')}}` : `[${repeat(n, element).join(',')}]`;
};

const deep = () => {
  const opens = repeat(28 + below(8), () => pick(['[', '{"a":', '[1,', '{"b":2,"c":']));
  const closes = opens.map((open) => (open[0] === '[' ? ']' : '}')).reverse();
  return opens.join('') + pick(['', '1', '[]', '{}', '"x"']) + closes.join('');
};

const written = () => `${space()}${often(0.02) ? deep() : value(1 + below(6))}${space()}`;

// ---- damage

const scraps = [
  '{', '}', '[', ']', ',', ':', '"', '\\', '\\u', '\\u00', '\\ud83d', '\\ude00', '0', '-', '+', '.', 'e', 'E1',
  'true', 'null', 'nul', 'NaN', 'Infinity', "'", '/', '/**/', '//', '#', ' ', '\n', '\t', '\v', '\f', '\0',
  '\u00a0', '\ufeff', '\u2028', '{}', '[]', '""', '"a":', ',"a":1', '0x1', '1_0', '01', '\u001f', '\u007f',
  [0x80], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xff],
].map((scrap) => Buffer.from(scrap));

const put = (text, at, gone, scrap) => Buffer.concat([text.subarray(0, at), scrap, text.subarray(at + gone)]);
const damages = [
  (t) => put(t, below(t.length + 1), 0, pick(scraps)),
  (t) => put(t, below(t.length + 1), 1, pick(scraps)),
  (t) => put(t, below(t.length + 1), 1 + below(4), Buffer.alloc(0)),
  (t) => t.subarray(0, below(t.length + 1)),
  (t) => t.subarray(below(t.length + 1)),
  (t) => put(t, below(t.length + 1), 1, Buffer.from([below(256)])),
  (t) => put(t, below(t.length + 1), 0, t.subarray(below(t.length), below(t.length + 1))),
  (t) => Buffer.concat([t, pick([Buffer.from(' '), Buffer.alloc(0)]), pick(scraps)]),
  (t) => t.map((byte) => (often(1 / t.length) ? byte ^ (1 << below(8)) : byte)),
];
const damaged = (text) => {
  for (let n = 1 + below(often(0.2) ? 4 : 1); n > 0; n--) text = pick(damages)(text);
  return text;
};

function* atRandom() {
  for (let i = 0; i < count; i++) {
    const text = Buffer.from(written());
    yield often(0.5) ? text : damaged(text);
  }
}

/** Every text of up to `length` of these marks. */
function* short(marks, length, quote) {
  let row = [''];
  for (let n = 0; n <= length; n++) {
    for (const text of row) yield Buffer.from(quote + text + quote);
    row = row.flatMap((text) => marks.map((mark) => text + mark));
  }
}

// ---- the two readers

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const byNode = (bytes) => {
  let text;
  try {
    text = utf8.decode(bytes);
  } catch {
    return { refused: true };
  }
  try {
    return { text, value: JSON.parse(text) };
  } catch {
    return { refused: true };
  }
};

const byUs = (texts) => {
  const input = texts.flatMap((text) => {
    const head = Buffer.alloc(4);
    head.writeUInt32BE(text.length);
    return [head, text];
  });
  const run = spawnSync(program, { input: Buffer.concat(input), maxBuffer: 2 ** 30 });
  assert.ifError(run.error);
  assert.equal(run.status, 0, String(run.stderr));
  const answers = [];
  for (let at = 0; at < run.stdout.length;) {
    const end = at + 4 + run.stdout.readUInt32BE(at);
    answers.push(run.stdout.toString('utf8', at + 4, end));
    at = end;
  }
  assert.equal(answers.length, texts.length, 'an answer for each text');
  return answers;
};

// ---- judgement

const same = (a, b) => {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return Object.is(a, b);
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && same(a[name], b[name]));
};

/** What our stricter rules find in a text that JSON.parse accepts. */
const faults = (text) => {
  const found = new Set();
  const open = [];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"\s*:?|[-\d][-+.\deE]*|[{}[\]]/gs)) {
    if (token === '{' || token === '[') {
      open.push(new Set());
      if (open.length > MAX_DEPTH) found.add('deep');
    } else if (token === '}' || token === ']') {
      open.pop();
    } else if (token[0] === '"') {
      const isKey = token.endsWith(':');
      const name = JSON.parse(isKey ? token.slice(0, -1) : token);
      if (!isKey) continue;
      const seen = open.at(-1);
      if (seen.has(name.toWellFormed())) found.add('twice');
      seen.add(name.toWellFormed());
      if (seen.size > MAX_MEMBERS) found.add('many');
    } else if (!Number.isFinite(Number(token))) {
      found.add('range');
    } else if (token.length > MAX_NUMBER_BYTES) {
      found.add('long');
    }
  }
  return found;
};

/** As we read it: half a surrogate pair is U+FFFD. */
const wellFormed = (value) => {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key.toWellFormed(), wellFormed(one)]));
};

const explanations = {
  '!TOO_DEEP': ['deep'],
  '!TOO_MANY': ['many'],
  '!BAD_JSON': ['twice', 'range', 'long'],
};

/** A complaint, or nothing. Counts into `tally` how it went. */
const judge = (bytes, ours, tally) => {
  const node = byNode(bytes);
  const note = (word) => void tally.set(word, (tally.get(word) ?? 0) + 1);
  if (node.refused) return ours[0] === '!' ? note('refused') : 'we accept what JSON.parse refuses';
  const found = faults(node.text);
  if (ours[0] === '!') {
    const reasons = (explanations[ours] ?? []).filter((fault) => found.has(fault));
    reasons.forEach(note);
    return reasons.length > 0 ? undefined : `we refuse (${ours}) what JSON.parse accepts`;
  }
  if (found.size > 0) return `we accept it in spite of: ${[...found]}`;
  const halves = JSON.stringify(node.value) === JSON.stringify(wellFormed(node.value)) ? '' : 'half';
  if (halves) note(halves);
  return same(JSON.parse(ours.slice(1)), wellFormed(node.value)) ? note('accepted') : `we read ${ours.slice(1)}`;
};

const compare = (texts) => {
  const tally = new Map();
  const complaints = [];
  let batch = [];
  const flush = () => {
    byUs(batch).forEach((ours, i) => {
      const complaint = judge(batch[i], ours, tally);
      if (complaint) complaints.push(`${JSON.stringify(batch[i].toString('latin1').slice(0, 300))}: ${complaint}`);
    });
    batch = [];
  };
  for (const text of texts) {
    batch.push(text);
    if (batch.length === BATCH) flush();
  }
  flush();
  assert.equal(complaints.length, 0, `${complaints.length} disagreements, SEED=${seed}:\n${complaints.slice(0, 10).join('\n')}`);
  return tally;
};

test(`${count} texts written and damaged at random (SEED=${seed})`, (t) => {
  const tally = compare(atRandom());
  t.diagnostic([...tally].map(([word, n]) => `${word} ${n}`).join(', '));
  const enough = { accepted: count / 4, refused: count / 5, deep: 10, many: 10, twice: 10, half: 10, range: 10, long: 10 };
  for (const [word, n] of Object.entries(enough)) {
    assert.ok((tally.get(word) ?? 0) >= n, `${word} happened ${tally.get(word) ?? 0} times, not ${n}: the generator is too tame`);
  }
});

test('every text of up to 5 of the marks of objects and arrays', () => {
  compare(short(['{', '}', '[', ']', ',', ':', '"a"', '1', ' '], 5, ''));
});

test('every text of up to 5 of the marks of numbers', () => {
  compare(short(['0', '1', '-', '+', '.', 'e', 'E', ' '], 5, ''));
});

test('every string of up to 4 of the marks of strings', () => {
  compare(short(['"', '\\', 'u', '00', '41', 'd83d', '\\ude00', 'n', '\n'], 4, '"'));
});
