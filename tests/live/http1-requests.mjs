// Streams of HTTP requests for tests/live/http1-vs-node.test.mjs: well-formed ones, and the same
// damaged in the ways in which requests are smuggled. Everything follows from the seed. Strings
// stand for bytes (latin1).
function mulberry(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

class Random {
  constructor(seed) { this.next = mulberry(seed); }
  below(n) { return Math.floor(this.next() * n); }
  chance(p) { return this.next() < p; }
  of(list) { return list[this.below(list.length)]; }
  times(max, make) { return Array.from({ length: this.below(max + 1) }, make); }
}

// ---- well-formed

const methods = ['GET', 'GET', 'POST', 'POST', 'POST', 'PUT', 'HEAD', 'DELETE', 'OPTIONS', 'PATCH'];
const targets = [
  '/', '/a', '/a/b?c=d', '/?', '//x', '/%41', 'http://b/c', 'https://b:81', '/a;b=c', '/{|}~',
  '/a?b?c', 'HTTP://B?q',
];
const hosts = ['a', 'localhost:5050', '[::1]:80', '127.0.0.1'];
const plain = [
  'Accept: */*', 'X-A:', 'X-B: \t a b \t', 'Cookie: a=b; c="d"', 'User-Agent: x/1 (y)',
  'Expect: 100-continue', 'TE: trailers', 'X-Long: ' + 'v'.repeat(300), 'X-Bytes: \xe9\xff',
];
const connections = [
  'keep-alive', 'close', 'Keep-Alive', 'CLOSE', 'upgrade', 'a, close', 'close,a', ', ,keep-alive',
  'x', 'keep-alive, Upgrade', 'close, keep-alive',
];
const contents = [
  'hello', 'a', '0\r\n\r\n', 'GET /smuggled HTTP/1.1\r\nHost: z\r\n\r\n', '\r\n', 'x'.repeat(70),
  '\0\x01\xff', '5\r\nhello\r\n0\r\n\r\n',
];
const extensions = [';a', ';a=b', ';a="b;c"', ';a;b=c', ';'.padEnd(40, 'e')];
const trailers = ['A: b\r\n', 'Content-Length: 3\r\n', 'X:\r\nY: z\r\n'];

function anyCase(r, s) {
  if (r.chance(0.7)) return s;
  return [...s].map((c) => (r.chance(0.5) ? c.toUpperCase() : c.toLowerCase())).join('');
}

function chunk(r, content) {
  const digits = r.chance(0.1) ? 1 + r.below(16) : 1;
  const size = anyCase(r, content.length.toString(16)).padStart(digits, '0');
  return `${size}${r.chance(0.15) ? r.of(extensions) : ''}\r\n${content}\r\n`;
}

function chunked(r) {
  const last = `${r.chance(0.1) ? '000' : '0'}${r.chance(0.1) ? r.of(extensions) : ''}\r\n`;
  const trailer = r.chance(0.2) ? r.of(trailers) : '';
  return `${r.times(3, () => chunk(r, r.of(contents))).join('')}${last}${trailer}\r\n`;
}

function request(r) {
  const version = r.chance(0.12) ? '1.0' : '1.1';
  const fields = [`${anyCase(r, 'Host')}: ${r.of(hosts)}`, ...r.times(3, () => r.of(plain))];
  let body = '';
  if (r.chance(0.4)) fields.push(`${anyCase(r, 'Connection')}: ${r.of(connections)}`);
  if (r.chance(0.05)) fields.push('Upgrade: h2c');
  if (r.chance(0.35)) {
    body = r.of(contents);
    const length = `${r.of(['', ' ', '  '])}${body.length}${r.of(['', ' '])}`;
    fields.push(`${anyCase(r, 'Content-Length')}:${length}`);
  } else if (version === '1.1' && r.chance(0.5)) {
    body = chunked(r);
    fields.push(`${anyCase(r, 'Transfer-Encoding')}: ${anyCase(r, 'chunked')}`);
  }
  fields.sort(() => r.next() - 0.5);
  const line = `${r.of(methods)} ${r.of(targets)} HTTP/${version}`;
  return `${r.chance(0.03) ? '\r\n' : ''}${line}\r\n${fields.join('\r\n')}\r\n\r\n${body}`;
}

// ---- damaged

const bits = [
  '\r', '\n', '\r\n', '\r\n\r\n', '\0', ' ', '\t', ',', ';', ':', '0', '1', '5', 'a', '-', '+',
  '\x0b', '\x7f', '\xa0', '"', '#', '0x', '\r\n ', 'chunked', ' HTTP/1.1', 'X: y\r\n',
  'Host: b\r\n',
];
const lines = [
  'Content-Length: 0', 'Content-Length: 5', 'Content-Length: +5', 'Content-Length: 5,5',
  'Content-Length: 0005', 'Content-Length: 0x5', 'Content-Length:', 'Content-Length : 5',
  'Content-Length:\t5', 'Content-Length: 18446744073709551616', 'Content_Length: 5',
  'Content-Length: 99999999999999999999', 'Transfer-Encoding: chunked',
  'Transfer-Encoding: Chunked', 'Transfer-Encoding: identity', 'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: chunked, gzip', 'Transfer-Encoding: xchunked',
  'Transfer-Encoding: chunked;a=b', 'Transfer-Encoding:\x0bchunked',
  'Transfer-Encoding : chunked', ' Transfer-Encoding: chunked', 'Transfer-Encoding:',
  'Transfer-Encoding: chunked\t', 'X: y\r\n Transfer-Encoding: chunked',
  'Transfer-Encoding: chunked, chunked', 'Connection: close', 'Connection: Content-Length',
  'Connection: Transfer-Encoding', 'Proxy-Connection: keep-alive', 'Host: b', 'Expect: 200',
  'Upgrade: x',
];
const ends = ['\n', '\r', '\r\r\n', '\n\r', '\r\n\r\n', '', ' \r\n', '\r\n ', '\r\n\t'];
const colons = [' :', '\t:', '', '::', ':\r\n ', ':\x0c'];
const otherMethods = ['get ', 'GET  ', 'FOO ', 'CONNECT ', 'G@T ', 'TRACE ', 'M-SEARCH ', 'PRI '];
const versions = [
  'HTTP/1.0', 'HTTP/0.9', 'HTTP/1.2', 'HTTP/2.0', 'http/1.1', 'HTTP/1.1 ', 'HTTP/11', '',
];
const otherExtensions = [
  ';', '; a', ';a b', ' ;a', ';a=', ';=b', ';;', ';"', ';a="', ' ', 'g', ';\x01', ';\xe9', ';a=b;',
];

const otherNumbers = (n) => [
  `${Number(n) + 1}`, `0${n}`, `+${n}`, `-${n}`, `${n} `, `${n}0`, `0x${n}`, '', `${n},${n}`,
];

function replaceOne(r, s, pattern, make) {
  const found = [...s.matchAll(pattern)];
  if (found.length === 0) return s;
  const m = r.of(found);
  return s.slice(0, m.index) + make(m[0]) + s.slice(m.index + m[0].length);
}

// `cut` characters at a random place give way to `text`.
function splice(r, s, cut, text) {
  const at = r.below(s.length + 1);
  return s.slice(0, at) + text + s.slice(at + cut);
}

// A line more among the headers of one of the requests.
function addLine(r, s) {
  return replaceOne(r, s, /\r\n(?=[A-Za-z-]+:)/g, () => `\r\n${r.of(lines)}\r\n`);
}

const damages = [
  (r, s) => splice(r, s, 0, r.of(bits)),
  (r, s) => splice(r, s, 1 + r.below(3), ''),
  (r, s) => splice(r, s, 1, String.fromCharCode(r.below(256))),
  addLine,
  addLine,
  (r, s) => replaceOne(r, s, /\r\n/g, () => r.of(ends)),
  (r, s) => replaceOne(r, s, /\d+/g, (n) => r.of(otherNumbers(n))),
  (r, s) => replaceOne(r, s, /:/g, () => r.of(colons)),
  (r, s) => replaceOne(r, s, /[A-Z]+ (?=[/h])/g, () => r.of(otherMethods)),
  (r, s) => replaceOne(r, s, /HTTP\/\d\.\d/g, () => r.of(versions)),
  (r, s) => replaceOne(r, s, /\r\n[0-9a-f]+(?=\r\n)/gi, (n) => n + r.of(otherExtensions)),
];

// `count` streams of one to three requests, with up to three damages each.
export function* generate(seed, count) {
  const r = new Random(seed);
  for (let i = 0; i < count; i++) {
    let text = Array.from({ length: 1 + r.below(3) }, () => request(r)).join('');
    const n = r.of([0, 1, 1, 1, 2, 3]);
    for (let k = 0; k < n && text.length > 0; k++) text = r.of(damages)(r, text);
    yield { text, isDamaged: n > 0 };
  }
}
