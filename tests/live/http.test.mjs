// HTTP/1.1 as a server has to speak it, over real sockets: framing, methods, files, refusals.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import test from 'node:test';
import zlib from 'node:zlib';

import { all, ask, errorCode, get, run, serve, Wire } from './stoa.mjs';

const asset = (name) => readFile(new URL(`../../build/gen/static/${name}`, import.meta.url));
const page = await asset('index.html');
const robots = await asset('robots.txt');

const HOST = 'Host: localhost\r\n';
const HEALTH = `GET /healthz HTTP/1.1\r\n${HOST}\r\n`;

test('requests and answers', { concurrency: 8 }, async (t) => {
  const s = await serve(t);

  await all(t, {
    'a connection serves one request after another': async () => {
      const wire = await Wire.open(s.port);
      for (const [where, status] of [['/healthz', 200], ['/nowhere', 404], ['/', 200],
        ['/healthz', 200]]) {
        const answer = await wire.request(`GET ${where} HTTP/1.1\r\n${HOST}\r\n`);
        assert.equal(answer.status, status, where);
        assert.equal(answer.headers.connection, undefined);
      }
      assert.equal(wire.rest.length, 0);
      assert.equal(wire.over, null);
      wire.close();
    },

    'node\'s own agent keeps its connection': async () => {
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
      const ports = new Set();
      for (let i = 0; i < 5; i++) {
        await new Promise((resolve, reject) => {
          http.get({ port: s.port, path: '/', agent }, (answer) => {
            ports.add(answer.socket.localPort);
            answer.resume().on('end', resolve);
          }).on('error', reject);
        });
      }
      agent.destroy();
      assert.equal(ports.size, 1);
    },

    '100 requests in one segment are answered in their order': async () => {
      const wire = await Wire.open(s.port);
      const three = ['/healthz', '/robots.txt', '/no'];
      const paths = Array.from({ length: 100 }, (_, i) => three[i % 3]);
      wire.send(paths.map((where) => `GET ${where} HTTP/1.1\r\n${HOST}\r\n`).join(''));
      for (const where of paths) {
        const { status, body } = await wire.response();
        assert.equal(status, where === '/no' ? 404 : 200);
        if (where === '/robots.txt') assert.deepEqual(body, robots);
        if (where === '/healthz') assert.equal(`${body}`, '{"status":"ok"}');
      }
      wire.close();
    },

    'requests split at every byte are the same requests': async () => {
      const text = `\r\nGET /robots.txt HTTP/1.1\r\n${HOST}\r\n` +
        `HEAD / HTTP/1.1\r\n${HOST}X: y\r\n\r\n`;
      const wires = await Promise.all(Array.from(text.slice(1), () => Wire.open(s.port)));
      wires.forEach((wire, i) => wire.send(text.slice(0, i + 1)));
      await get(s.port, '/healthz'); // by now the server has read the first halves
      wires.forEach((wire, i) => wire.send(text.slice(i + 1)));
      for (const wire of wires) {
        assert.deepEqual((await wire.response()).body, robots);
        assert.equal((await wire.response({ head: true })).headers['content-length'],
          `${page.length}`);
        wire.close();
      }
    },

    'HEAD gives the head of GET': async () => {
      for (const where of ['/', '/docs.css', '/healthz', '/readyz', '/nowhere']) {
        const full = await get(s.port, where);
        const head = await get(s.port, where, {}, 'HEAD');
        for (const { headers } of [full, head]) delete headers.date;
        assert.deepEqual(head.headers, full.headers, where);
        assert.equal(head.status, full.status);
      }
      const wire = await Wire.open(s.port); // and no body: the next answer follows at once
      wire.send(`HEAD /nowhere HTTP/1.1\r\n${HOST}\r\nHEAD / HTTP/1.1\r\n${HOST}\r\n${HEALTH}`);
      assert.equal((await wire.response({ head: true })).status, 404);
      assert.equal((await wire.response({ head: true })).status, 200);
      assert.equal(`${(await wire.response()).body}`, '{"status":"ok"}');
      wire.close();
    },

    'what is not there is 404, however it is written': async () => {
      const paths = ['/nowhere', '/healthz/x', '/HEALTHZ', '//healthz', '/./healthz',
        '/a/../healthz', '/%2e%2e/healthz', '/..%2fhealthz', '/index.html%00', '/%', '/%zz',
        '/index.html/', '/index.htm', '/../../../../etc/passwd', '/%2e%2e%2fetc/passwd',
        '/..%5c..%5cetc', '/.git/config', '/%c0%ae%c0%ae/', '/%ff', '/docs.css%20',
        '/robots.txt.'];
      for (const where of paths) {
        const answer = await get(s.port, where);
        assert.equal(answer.status, 404, where);
        assert.equal(errorCode(answer), 'NOT_FOUND');
      }
      for (const where of ['/healthz?', '/healthz?a=b', '/%68ealthz', '/?x=//y', '/index.html'])
        assert.equal((await get(s.port, where)).status, 200, where);
    },

    'a method that is not taken is 405, with those that are': async () => {
      const wire = await Wire.open(s.port);
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'get']) {
        for (const where of ['/healthz', '/metrics', '/ws/echo', '/', '/robots.txt']) {
          const answer = await wire.request(`${method} ${where} HTTP/1.1\r\n${HOST}\r\n`);
          assert.equal(answer.status, 405, `${method} ${where}`);
          assert.equal(answer.headers.allow, 'GET, HEAD, OPTIONS');
          assert.equal(errorCode(answer), 'METHOD_NOT_ALLOWED');
        }
        const answer = await wire.request(`${method} /nowhere HTTP/1.1\r\n${HOST}\r\n`);
        assert.equal(answer.status, 404);
      }
      wire.close();
    },

    'OPTIONS says what an address takes': async () => {
      for (const where of ['/healthz', '/ws/echo', '/', '/docs.css']) {
        const answer = await get(s.port, where, {}, 'OPTIONS');
        assert.equal(answer.status, 204, where);
        assert.equal(answer.headers.allow, 'GET, HEAD, OPTIONS');
        assert.equal(answer.headers['access-control-allow-origin'], undefined);
      }
      assert.equal((await get(s.port, '/nowhere', {}, 'OPTIONS')).status, 404);
      const star = await get(s.port, '*', {}, 'OPTIONS');
      assert.equal(star.status, 204);
      assert.match(star.headers.allow, /\bGET\b.*\bPOST\b/);
    },

    'every answer is dated and says what browsers must not do': async () => {
      for (const where of ['/', '/docs.css', '/healthz', '/nowhere', '/ws/echo', '/metrics']) {
        const before = Date.now();
        const { headers } = await get(s.port, where);
        assert.match(headers.date, /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/);
        const date = Date.parse(headers.date); // whole seconds, of the last one at least
        assert.ok(date > before - 3000 && date <= Date.now(), headers.date);
        assert.equal(headers['x-content-type-options'], 'nosniff');
        assert.equal(headers['referrer-policy'], 'same-origin');
        assert.equal(headers['strict-transport-security'], undefined);
      }
      const { headers } = await ask(s.port, 'GARBAGE\r\n\r\n');
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.ok(headers.date);
    },

    'the page has a strict policy, and keeps it': async () => {
      const { headers, body } = await get(s.port, '/');
      const policy = Object.fromEntries(headers['content-security-policy'].split('; ')
        .map((part) => [part.split(' ')[0], part.slice(part.indexOf(' ') + 1)]));
      for (const part of ['default', 'script', 'style', 'font', 'manifest', 'worker'])
        assert.equal(policy[`${part}-src`], "'self'", part);
      assert.equal(policy['require-trusted-types-for'], "'script'");
      assert.equal(policy['trusted-types'], "'none'");
      assert.equal(policy['object-src'], "'none'");
      assert.equal(policy['frame-ancestors'], "'self'");
      assert.doesNotMatch(headers['content-security-policy'], /unsafe|\*|http/);
      assert.match(headers['permissions-policy'], /geolocation=\(\)/);
      assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
      assert.doesNotMatch(`${body}`, /<style|style=|<script(?![^>]*src=)|\son[a-z]+=|javascript:/i);
      for (const [, link] of `${body}`.matchAll(/(?:href|src)="([^"#]*)"/g))
        assert.equal((await get(s.port, link)).status, 200, link);
      assert.deepEqual(body, page);
    },

    'every address of the app is its page, and nothing else is': async () => {
      const start = await get(s.port, '/index.html');
      const kept = ['etag', 'content-type', 'content-security-policy', 'cache-control', 'vary',
        'permissions-policy', 'cross-origin-opener-policy', 'content-length'];
      for (const where of ['/room/A7x9K2', '/room.html?room=A7x9K2', '/r/A7x9K2', '/login', '/signup',
        '/account', '/dashboard', '/sessions', '/sessions/s1', '/new']) {
        for (const method of ['GET', 'HEAD']) {
          const { status, headers, body } = await ask(s.port,
            `${method} ${where} HTTP/1.1\r\n${HOST}\r\n`, { head: method === 'HEAD' });
          assert.equal(status, 200, where);
          for (const name of kept) assert.equal(headers[name], start.headers[name], `${where}: ${name}`);
          assert.deepEqual(body, method === 'HEAD' ? Buffer.alloc(0) : start.body);
        }
        assert.equal((await get(s.port, where, { 'If-None-Match': start.headers.etag })).status, 304);
      }
      for (const where of ['/room', '/room/a/b', '/r/', '/login/', '/nowhere', '/sessions/a/b']) {
        const answer = await get(s.port, where);
        assert.equal(answer.status, 404, where);
        assert.equal(errorCode(answer), 'NOT_FOUND');
      }
    },

    'a browser is shown by the page what is not there, a program is told': async () => {
      const Accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
      const start = await get(s.port, '/');
      for (const where of ['/nowhere', '/room/a/b', '/assets/gone.js']) {
        const { status, headers, body } = await get(s.port, where, { Accept });
        assert.equal(status, 404, where);
        assert.deepEqual(body, start.body);
        assert.equal(headers['content-security-policy'], start.headers['content-security-policy']);
        assert.equal(headers.etag, undefined);
        assert.match(headers.vary, /Accept,/);
        assert.equal(errorCode(await get(s.port, where, { Accept: '*/*' })), 'NOT_FOUND');
      }
      for (const where of ['/api/nowhere', '/api/rooms/nowhere', '/rooms/nowhere', '/rooms/a/b',
        '/sfu/nowhere', '/files/a/b', '/admin/users']) {
        const answer = await get(s.port, where, { Accept });
        assert.equal(answer.status, 404, where);
        assert.ok(errorCode(answer), where);
      }
      const list = await get(s.port, '/rooms', { Accept });
      assert.equal(list.status, 200);
      assert.match(list.headers['content-type'], /json/);
    },

    'an answer may be kept only as its ETag says': async () => {
      const { headers } = await get(s.port, '/');
      assert.match(headers.etag, /^"[0-9a-f]+"$/);
      assert.equal(headers['cache-control'], 'no-cache');
      const table = [
        [headers.etag, 304], [`W/${headers.etag}`, 304], [`"x", ${headers.etag}, "y"`, 304],
        ['*', 304], ['"x"', 200], ['', 200], [headers.etag.slice(1), 200],
        [headers.etag.replace('"', '"0'), 200],
      ];
      for (const [tag, status] of table) {
        const answer = await get(s.port, '/', { 'If-None-Match': tag });
        assert.equal(answer.status, status, tag);
        assert.equal(answer.headers.etag, headers.etag);
        assert.equal(answer.headers['content-length'],
          status === 304 ? undefined : `${page.length}`);
        assert.match(answer.headers.vary, /Accept-Encoding/);
      }
      const packed = await get(s.port, '/', { 'Accept-Encoding': 'br' });
      assert.notEqual(packed.headers.etag, headers.etag);
      const fresh = { 'Accept-Encoding': 'br', 'If-None-Match': packed.headers.etag };
      assert.equal((await get(s.port, '/', fresh)).status, 304);
      assert.equal((await get(s.port, '/', { ...fresh, 'Accept-Encoding': 'gzip' })).status, 200);
    },

    'a range is that part of the file': async () => {
      const n = page.length;
      const { etag } = (await get(s.port, '/')).headers;
      const table = [ // Range, first and last byte; false: outside; undefined: all of it
        ['bytes=0-0', [0, 0]], ['bytes=0-99', [0, 99]], ['bytes=100-', [100, n - 1]],
        ['bytes=-1', [n - 1, n - 1]], [`bytes=-${n + 1}`, [0, n - 1]],
        [`bytes=${n - 1}-${n * 2}`, [n - 1, n - 1]], ['bytes=5-99999999999999999999', [5, n - 1]],
        [`bytes=${n}-`, false], [`bytes=${n + 5}-${n + 9}`, false], ['bytes=-0', false],
        ['bytes=99999999999999999999-', false],
        ['bytes=5-2'], ['bytes=0-1,5-6'], ['items=0-1'], ['bytes='], ['bytes=-'], ['bytes=a-b'],
      ];
      for (const [range, part] of table) {
        const answer = await get(s.port, '/', { Range: range, 'Accept-Encoding': 'gzip' });
        assert.equal(answer.status, part ? 206 : part === false ? 416 : 200, range);
        if (part) {
          assert.deepEqual(answer.body, page.subarray(part[0], part[1] + 1));
          assert.equal(answer.headers['content-range'], `bytes ${part[0]}-${part[1]}/${n}`);
          assert.equal(answer.headers['content-encoding'], undefined);
          assert.equal(answer.headers.etag, etag);
        } else if (part === false) {
          assert.equal(answer.headers['content-range'], `bytes */${n}`);
          assert.equal(errorCode(answer), 'BAD_RANGE');
        }
      }
      const conditions = [[etag, 206], ['"x"', 200], [`W/${etag}`, 200],
        ['Sat, 21 Nov 2026 10:40:45 GMT', 200]];
      for (const [condition, status] of conditions) {
        const { headers } = await get(s.port, '/', { Range: 'bytes=0-9', 'If-Range': condition });
        assert.equal(headers['content-length'], status === 206 ? '10' : `${n}`, condition);
      }
    },

    'the coding is the one that the client likes best': async () => {
      const table = [
        [undefined, null], ['', null], ['gzip', 'gzip'], ['br', 'br'], ['gzip, br', 'br'],
        ['br;q=0.5, gzip;q=1', 'gzip'], ['gzip;q=0.8, br;q=0.9', 'br'], ['br;q=0, gzip', 'gzip'],
        ['br;q=0', null], ['gzip;q=0, br;q=0', null], ['*', 'br'], ['br;q=0, *', 'gzip'],
        ['*;q=0', null], ['identity', null], ['identity;q=1, gzip;q=0.1', null],
        ['deflate, zstd', null], ['GZIP', 'gzip'], ['x-gzip', null], ['brr, gzi', null],
        ['gzip;q=0.001', 'gzip'], ['gzip, deflate, br, zstd', 'br'],
      ];
      const open = { br: zlib.brotliDecompressSync, gzip: zlib.gunzipSync, null: (bytes) => bytes };
      for (const [accepts, coding] of table) {
        const { headers, body } = await get(s.port, '/', { 'Accept-Encoding': accepts });
        assert.equal(headers['content-encoding'] ?? null, coding, accepts);
        assert.deepEqual(open[coding](body), page);
        assert.match(headers.vary, /Accept-Encoding/);
      }
    },

    'HTTP/1.0 is served, and kept only when asked': async () => {
      const old = await Wire.open(s.port);
      const answer = await old.request('GET / HTTP/1.0\r\n\r\n');
      assert.deepEqual(answer.body, page);
      assert.equal(answer.headers.connection, 'close');
      assert.equal(await old.closed(), 'end');
      const kept = await Wire.open(s.port);
      for (let i = 0; i < 2; i++) {
        const { headers } = await kept.request(
          'GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
        assert.equal(headers.connection, 'keep-alive');
      }
      kept.close();
    },

    'Connection: close is the last request': async () => {
      for (const value of ['close', 'Close', 'keep-alive, close', 'x ,close,']) {
        const wire = await Wire.open(s.port);
        wire.send(`GET /healthz HTTP/1.1\r\n${HOST}Connection: ${value}\r\n\r\n${HEALTH}`);
        const { status, headers } = await wire.response();
        assert.equal(status, 200);
        assert.equal(headers.connection, 'close', value);
        assert.equal(await wire.closed(), 'end');
        assert.equal(wire.rest.length, 0);
        wire.close();
      }
    },

    'a client that has said all is answered, then hung up on': async () => {
      for (const n of [3, 6000]) { // as many as fill every buffer
        const wire = await Wire.open({ port: s.port, allowHalfOpen: true });
        wire.socket.end(`GET / HTTP/1.1\r\n${HOST}\r\n`.repeat(n));
        for (let i = 0; i < n; i++) assert.equal((await wire.response()).status, 200);
        assert.equal(await wire.closed(), 'end');
        wire.close();
      }
    },

    'absolute form': async () => {
      for (const target of ['http://localhost/robots.txt', 'HTTPS://[::1]:80/robots.txt?x']) {
        const { body } = await ask(s.port, `GET ${target} HTTP/1.1\r\nHost: other.example\r\n\r\n`);
        assert.deepEqual(body, robots, target);
      }
      const { body } = await ask(s.port, `GET http://localhost HTTP/1.1\r\n${HOST}\r\n`);
      assert.deepEqual(body, page);
    },

    'who expects 100 gets a final answer where no body is taken': async () => {
      const expects = 'Expect: 100-continue\r\nContent-Length: 5\r\n\r\n';
      for (const [first, status] of [['POST /healthz', 405], ['GET /healthz', 413],
        ['POST /nowhere', 404]]) {
        const wire = await Wire.open(s.port);
        const answer = await wire.request(`${first} HTTP/1.1\r\n${HOST}${expects}`);
        assert.equal(answer.status, status, first);
        assert.equal(answer.headers.connection, 'close');
        assert.equal(await wire.closed(), 'end');
      }
      const { status } = await ask(s.port,
        `GET /healthz HTTP/1.1\r\n${HOST}Expect: 200-ok\r\n\r\n`);
      assert.equal(status, 417);
    },

    'a body where none is taken ends the connection, and is no request': async () => {
      const inner = HEALTH;
      const sized = `Content-Length: ${inner.length}\r\n\r\n${inner}`;
      const chunked = `Transfer-Encoding: chunked\r\n\r\n${inner.length.toString(16)}\r\n${
        inner}\r\n0\r\n\r\n`;
      for (const body of [sized, chunked]) {
        for (const [first, status] of [['GET /healthz', 413], ['GET /', 200], ['POST /', 405],
          ['DELETE /nowhere', 404]]) {
          const wire = await Wire.open(s.port);
          const answer = await wire.request(`${first} HTTP/1.1\r\n${HOST}${body}`);
          assert.equal(answer.status, status, first);
          assert.equal(answer.headers.connection, 'close');
          assert.equal(await wire.closed(), 'end');
          assert.equal(wire.rest.length, 0, 'nothing follows');
          wire.close();
        }
      }
      const wire = await Wire.open(s.port); // an empty one is none
      for (const none of ['Content-Length: 0\r\n\r\n',
        'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n'])
        assert.equal((await wire.request(`GET /healthz HTTP/1.1\r\n${HOST}${none}`)).status, 200);
      wire.close();
    },

    'a HEAD that is refused has no body': async () => {
      const wire = await Wire.open(s.port);
      wire.send(`HEAD /healthz HTTP/1.1\r\n${HOST}Content-Length: 1\r\n\r\n`);
      assert.equal((await wire.response({ head: true })).status, 413);
      await wire.closed();
      assert.equal(wire.rest.length, 0);
    },
  });
});

// Each is what two servers in a row could read differently; the second request must never be read.
const SMUGGLERS = {
  'length and chunks': 'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n',
  'chunks and length': 'Transfer-Encoding: chunked\r\nContent-Length: 3\r\n',
  'two lengths': 'Content-Length: 3\r\nContent-Length: 4\r\n',
  'two equal lengths': 'Content-Length: 3\r\nContent-Length: 3\r\n',
  'a list of lengths': 'Content-Length: 3, 3\r\n',
  'a signed length': 'Content-Length: +3\r\n',
  'a negative length': 'Content-Length: -3\r\n',
  'a hexadecimal length': 'Content-Length: 0x3\r\n',
  'a length with a blank': 'Content-Length: 3 3\r\n',
  'a length beyond 64 bits': 'Content-Length: 18446744073709551617\r\n',
  'an empty length': 'Content-Length:\r\n',
  'a length in other digits': 'Content-Length: \xb3\r\n',
  'another coding': 'Transfer-Encoding: gzip\r\n',
  'identity': 'Transfer-Encoding: identity\r\n',
  'a coding before chunked': 'Transfer-Encoding: gzip, chunked\r\n',
  'a coding behind chunked': 'Transfer-Encoding: chunked, gzip\r\n',
  'chunked twice': 'Transfer-Encoding: chunked, chunked\r\n',
  'chunked in two lines': 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n',
  'chunked with a parameter': 'Transfer-Encoding: chunked;x=y\r\n',
  'chunked in quotes': 'Transfer-Encoding: "chunked"\r\n',
  'a vertical tab before chunked': 'Transfer-Encoding: \x0bchunked\r\n',
  'a blank before the colon': 'Transfer-Encoding : chunked\r\n',
  'a tab before the colon': 'Content-Length\t: 3\r\n',
  'a blank before the name': ' Transfer-Encoding: chunked\r\n',
  'a folded line': 'X: y\r\n Transfer-Encoding: chunked\r\n',
  'a bare LF': 'X: y\nTransfer-Encoding: chunked\r\n',
  'a bare CR': 'X: y\rTransfer-Encoding: chunked\r\n',
  'a NUL': 'X: a\0b\r\n',
  'a control character': 'X: a\x01b\r\n',
  'DEL': 'X: a\x7fb\r\n',
  'a name with a control character': 'Content\x01-Length: 3\r\n',
  'a line without a colon': 'Content-Length 3\r\n',
  'an empty name': ': 3\r\n',
  'a second Host': 'Host: other\r\n',
};

const BROKEN = { // whole heads
  'no Host': 'GET / HTTP/1.1\r\n\r\n',
  'an empty Host': 'GET / HTTP/1.1\r\nHost:\r\n\r\n',
  'a Host with a path': 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n',
  'a Host with a name': 'GET / HTTP/1.1\r\nHost: a@b\r\n\r\n',
  'HTTP/0.9': 'GET /\r\n\r\n',
  'no version': `GET / \r\n${HOST}\r\n`,
  'two blanks': `GET  / HTTP/1.1\r\n${HOST}\r\n`,
  'a tab': `GET\t/ HTTP/1.1\r\n${HOST}\r\n`,
  'a blank behind the version': `GET / HTTP/1.1 \r\n${HOST}\r\n`,
  'a lower-case version': `GET / http/1.1\r\n${HOST}\r\n`,
  'a blank in the target': `GET /a b HTTP/1.1\r\n${HOST}\r\n`,
  'a relative target': `GET index.html HTTP/1.1\r\n${HOST}\r\n`,
  'another scheme': `GET ftp://localhost/ HTTP/1.1\r\n${HOST}\r\n`,
  'CONNECT': `CONNECT localhost:80 HTTP/1.1\r\n${HOST}\r\n`,
  'a star for GET': `GET * HTTP/1.1\r\n${HOST}\r\n`,
  'two empty lines first': `\r\n\r\n${HEALTH}`,
  'a blank first': ` ${HEALTH}`,
  'TLS': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  'a NUL in the target': `GET /\0 HTTP/1.1\r\n${HOST}\r\n`,
  'chunks in HTTP/1.0': 'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
};

const VERSIONS = {
  'HTTP/2.0': `GET / HTTP/2.0\r\n${HOST}\r\n`,
  'HTTP/1.2': `GET / HTTP/1.2\r\n${HOST}\r\n`,
  'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
};

test('what two parsers could read differently is refused', { concurrency: 8 }, async (t) => {
  const s = await serve(t);

  const refused = async (bytes, status, code) => {
    const wire = await Wire.open(s.port);
    wire.send(Buffer.from(bytes, 'latin1'));
    const answer = await wire.response();
    assert.equal(answer.status, status);
    assert.equal(errorCode(answer), code);
    assert.equal(answer.headers.connection, 'close');
    await wire.closed();
    assert.equal(wire.rest.length, 0, 'no second answer');
    wire.close();
  };
  for (const method of ['GET', 'POST'])
    await all(t, Object.fromEntries(Object.entries(SMUGGLERS).map(([name, lines]) => [
      `${method} with ${name}`,
      () => refused(`${method} / HTTP/1.1\r\n${HOST}${lines}\r\n0\r\n\r\n${HEALTH}`, 400,
        'BAD_REQUEST'),
    ])));
  await all(t, Object.fromEntries(Object.entries(BROKEN).map(([name, bytes]) => [
    name, () => refused(bytes + HEALTH, 400, 'BAD_REQUEST')])));
  await all(t, Object.fromEntries(Object.entries(VERSIONS).map(([name, bytes]) => [
    name, () => refused(bytes + HEALTH, 505, 'BAD_VERSION')])));
  assert.equal((await get(s.port, '/healthz')).status, 200);
});

test('limits hold to the byte', { concurrency: 4 }, async (t) => {
  const standard = await serve(t);
  const small = await serve(t, ['--limits-request-line-bytes', '256', '--limits-header-bytes',
    '1024', '--limits-header-count', '10']);

  const line = (n) => `GET /healthz?${'x'.repeat(n - 'GET /healthz? HTTP/1.1'.length)} HTTP/1.1`;
  const headers = (n) => `${HOST}X: ${'y'.repeat(n - HOST.length - 'X: \r\n'.length)}\r\n`;
  const counted = (n) => HOST + 'X:y\r\n'.repeat(n - 1);
  const table = [
    ['the request line', 414, 'URI_TOO_LONG', (n) => `${line(n)}\r\n${HOST}\r\n`, 256, 65536],
    ['the headers', 431, 'HEADERS_TOO_BIG',
      (n) => `GET /healthz HTTP/1.1\r\n${headers(n)}\r\n`, 1024, 16384],
    ['the number of headers', 431, 'HEADERS_TOO_BIG',
      (n) => `GET /healthz HTTP/1.1\r\n${counted(n)}\r\n`, 10, 100],
  ];
  const cases = table.map(([name, status, code, text, smallest, usual]) => [name, async () => {
    for (const [server, limit] of [[small, smallest], [standard, usual]]) {
      const wire = await Wire.open(server.port);
      for (const n of [limit - 1, limit])
        assert.equal((await wire.request(text(n))).status, 200, `${n} of ${limit}`);
      const answer = await wire.request(text(limit + 1) + HEALTH);
      assert.equal(answer.status, status, `${limit + 1} of ${limit}`);
      assert.equal(errorCode(answer), code);
      assert.equal(await wire.closed(), 'end');
      assert.equal(wire.rest.length, 0);
    }
  }]);
  await all(t, Object.fromEntries(cases));
  await all(t, {
    'an upgrade has the same limits': async () => {
      for (const [n, status] of [[10, 101], [11, 431]]) {
        const wire = await Wire.open(small.port);
        const more = Array.from({ length: n - 5 }, (_, i) => [`X-${i}`, 'y']);
        assert.equal((await wire.upgrade({ headers: Object.fromEntries(more) })).status, status);
        wire.close();
      }
    },
    'a head that never ends is refused at the limit': async () => {
      const wire = await Wire.open(standard.port);
      wire.send('GET / HTTP/1.1\r\n');
      for (let i = 0; i < 64 && !wire.over; i++) wire.send(`X-${i}: ${'z'.repeat(1000)}\r\n`);
      assert.equal((await wire.response()).status, 431);
      wire.close();
    },
  });
});

test('deadlines', { concurrency: 8 }, async (t) => {
  const s = await serve(t, ['--limits-header-deadline', '300ms', '--limits-keep-alive', '600ms']);
  const patient = await serve(t, ['--limits-header-deadline', '3s', '--limits-keep-alive', '4s']);

  await all(t, {
    'a silent connection is hung up on': async () => {
      const began = performance.now(); // the server's clock begins while one connects
      const wire = await Wire.open(s.port);
      await wire.closed();
      assert.ok(performance.now() - began > 250);
      assert.equal(wire.received, 0);
    },
    'half a head is answered with 408': async () => {
      const wire = await Wire.open(s.port);
      const answer = await wire.request('GET / HTT');
      assert.equal(answer.status, 408);
      assert.equal(errorCode(answer), 'TIMEOUT');
      assert.equal(await wire.closed(), 'end');
    },
    'a head byte by byte has no more time than one at once': async () => {
      const began = performance.now();
      const wire = await Wire.open(s.port);
      const text = `GET / HTTP/1.1\r\n${HOST}X: ${'y'.repeat(6000)}`; // a minute's
      let n = 0;
      const trickle = setInterval(() => wire.send(text[n++]), 10);
      assert.equal((await wire.response()).status, 408);
      clearInterval(trickle);
      assert.ok(performance.now() - began > 250);
      assert.ok(n < text.length, 'before its end');
      wire.close();
    },
    'the second head has a deadline of its own': async () => {
      const wire = await Wire.open(patient.port);
      await wire.request(HEALTH);
      wire.send('GET');
      assert.equal((await wire.response()).status, 408);
    },
    'a connection without requests is hung up on quietly': async () => {
      const wire = await Wire.open(patient.port);
      const began = performance.now();
      await wire.request(HEALTH);
      const { received } = wire;
      await wire.closed();
      assert.ok(performance.now() - began > 3900); // of 4 s
      assert.equal(wire.received, received);
      assert.equal(wire.over, 'end');
    },
    'a connection in use stays': async () => {
      const wire = await Wire.open(patient.port);
      for (let i = 0; i < 12; i++) { // longer than it may be idle
        assert.equal((await wire.request(HEALTH)).status, 200);
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
      wire.close();
    },
    'a client that reads slowly gets all it asked for': async () => {
      const wire = await Wire.open(patient.port);
      const n = 5000;
      wire.socket.pause();
      wire.send(`GET / HTTP/1.1\r\n${HOST}\r\n`.repeat(n));
      await new Promise((resolve) => setTimeout(resolve, 5000)); // more than keep-alive
      wire.socket.resume();
      for (let i = 0; i < n; i++) assert.deepEqual((await wire.response()).body, page);
      wire.close();
    },
  });
});

test('the name of the server', { concurrency: 4 }, async (t) => {
  const named = await serve(t, ['--public-url', 'https://stoa.example']);
  const ported = await serve(t, ['--public-url', 'http://stoa.example:8080']);
  const unnamed = await serve(t);
  const status = async (s, host, first = 'GET /healthz HTTP/1.1') =>
    (await ask(s.port, `${first}\r\n${host === null ? '' : `Host: ${host}\r\n`}\r\n`)).status;

  await all(t, {
    'other names are misdirected': async () => {
      const table = [['stoa.example', 200], ['STOA.Example', 200], ['evil.example', 421],
        ['stoa.example.evil.example', 421], ['xstoa.example', 421], ['stoa.example:8080', 421],
        ['stoa', 421], ['93.184.216.34.evil.example', 421]];
      for (const [host, want] of table) assert.equal(await status(named, host), want, host);
      assert.equal(await status(ported, 'stoa.example:8080'), 200);
      assert.equal(await status(ported, 'stoa.example'), 421);
      const answer = await get(named.port, '/', { Host: 'evil.example' });
      assert.equal(errorCode(answer), 'MISDIRECTED');
    },
    'the target\'s host outranks the header': async () => {
      const first = 'GET http://evil.example/healthz HTTP/1.1';
      assert.equal(await status(named, 'stoa.example', first), 421);
      assert.equal(await status(named, 'evil.example', 'GET http://stoa.example/ HTTP/1.1'), 200);
    },
    'the machine itself may call by address': async () => {
      for (const host of ['localhost', `localhost:${named.port}`, '127.0.0.1', '[::1]:99'])
        assert.equal(await status(named, host), 200, host);
    },
    'an upgrade is refused as well': async () => {
      const wire = await Wire.open(named.port);
      assert.equal((await wire.upgrade({ host: 'evil.example' })).status, 421);
      wire.close();
    },
    'without a public address any name will do': async () => {
      assert.equal(await status(unnamed, 'evil.example'), 200);
    },
  });
});

test('curl, the second client', { concurrency: 4 }, async (t) => {
  const s = await serve(t);
  const url = (where) => `http://127.0.0.1:${s.port}${where}`;
  const curl = async (...args) => {
    const result = await run(['curl', '--http1.1', '-sS', '--max-time', '30', ...args]);
    assert.equal(result.status, 0, result.stderr);
    return result;
  };

  await all(t, {
    'a page': async () => {
      assert.deepEqual((await curl(url('/'))).body, page);
    },
    'several on one connection': async () => {
      const { body, stderr } = await curl('-v', url('/robots.txt'), url('/robots.txt'));
      assert.deepEqual(body, Buffer.concat([robots, robots]));
      assert.match(stderr, /Re-using existing connection/);
    },
    '--head': async () => {
      const { stdout } = await curl('--head', url('/'));
      assert.match(stdout, /^HTTP\/1\.1 200 OK\r\n/);
      assert.match(stdout, new RegExp(`^content-length: ${page.length}\r$`, 'mi'));
    },
    '--range': async () => {
      assert.deepEqual((await curl('--range', '10-19', url('/'))).body, page.subarray(10, 20));
      assert.deepEqual((await curl('--range', '-7', url('/'))).body, page.subarray(-7));
    },
    '--continue-at': async () => {
      assert.deepEqual((await curl('-C', '100', url('/'))).body, page.subarray(100));
    },
    '--compressed': async () => {
      const { body } = await curl('--compressed', url('/'));
      assert.deepEqual(body, page);
      const { stdout } = await curl('--compressed', '--head', url('/'));
      assert.match(stdout, /^content-encoding: (br|gzip)\r$/mi);
    },
    '--etag-compare': async () => {
      const { stdout } = await curl('-o', '/dev/null', '-w', '%header{etag}', url('/'));
      const args = ['-H', `If-None-Match: ${stdout}`, '-w', '%{http_code} %{size_download}'];
      assert.equal((await curl(...args, url('/'))).stdout, '304 0');
    },
    'a POST is refused without waiting': async () => {
      const args = ['-X', 'POST', '-H', 'Expect: 100-continue', '--expect100-timeout', '60',
        '-d', 'x'.repeat(2000)];
      const { stdout } = await curl(...args, '-w', '%{http_code} %{size_upload}', '-o', '/dev/null',
        url('/healthz'));
      assert.equal(stdout, '405 0');
    },
    'HTTP/1.0': async () => {
      assert.deepEqual((await curl('--http1.0', url('/'))).body, page);
    },
  });
});
