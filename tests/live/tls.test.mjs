// TLS: versions, certificates and their reload, plain clients on a port that has TLS.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import https from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import WebSocket from 'ws';

import { all, ask, errorCode, eventually, frame, get, OP, run, serve, stoa, Wire, within } from
  './stoa.mjs';

const HEALTH = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';

const certify = async (folder, serial, { key = 'key.pem', cert = 'cert.pem' } = {}) => {
  const made = await run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
    'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost',
    '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-set_serial', `${serial}`,
    '-keyout', path.join(folder, key), '-out', path.join(folder, cert)]);
  assert.equal(made.status, 0, made.stderr);
};

const files = async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'stoa-tls-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
};

const serial = async (s) => {
  const wire = await Wire.open(s.port, {});
  const { serialNumber } = wire.socket.getPeerCertificate();
  wire.close();
  return parseInt(serialNumber, 16);
};

const fetchPage = (s, where, options = {}) => new Promise((resolve, reject) => {
  https.get({ port: s.port, host: '127.0.0.1', path: where, agent: false,
    rejectUnauthorized: false, ...options }, (answer) => {
    const parts = [];
    answer.on('data', (part) => parts.push(part)).on('end', () =>
      resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) }));
  }).on('error', reject);
});

/** What is said about certificates behind that line of the log. */
const isAbout = (s, from) => s.log.slice(from).find((line) => line.source === 'tls');

test('with a certificate of its own', { concurrency: 6 }, async (t) => {
  const s = await serve(t, ['--dev-tls']);
  const hasty = await serve(t, ['--dev-tls', '--limits-tls-handshake', '500ms']);
  const openssl = (...args) => run(['openssl', 's_client', '-connect', `127.0.0.1:${s.port}`,
    '-servername', 'localhost', ...args], { input: HEALTH.replace('\r\n\r\n',
    '\r\nConnection: close\r\n\r\n') });

  await all(t, {
    'openssl speaks TLS 1.2 and 1.3': async () => {
      for (const version of ['1_2', '1_3']) {
        const { stdout, stderr } = await openssl(`-tls${version}`, '-ign_eof');
        assert.match(stdout, /HTTP\/1\.1 200 OK/, stderr);
        assert.match(stdout,
          new RegExp(`TLSv${version.replace('_', '.')}, Cipher is (ECDHE|TLS)`));
        assert.match(stdout, /\{"status":"ok"\}/);
      }
    },
    'older versions and weak ciphers are refused': async () => {
      for (const args of [['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'],
        ['-tls1', '-cipher', 'ALL:@SECLEVEL=0'], ['-tls1_2', '-cipher', 'AES128-SHA'],
        ['-tls1_2', '-cipher', 'ECDHE-ECDSA-AES128-SHA']]) {
        const { status, stdout } = await openssl(...args);
        assert.notEqual(status, 0, args.join(' '));
        assert.doesNotMatch(stdout, /HTTP\/1/);
      }
    },
    'renegotiation is refused': async () => {
      const { stdout, stderr } = await run(['openssl', 's_client', '-tls1_2', '-connect',
        `127.0.0.1:${s.port}`], { input: 'R\n' });
      assert.match(stdout + stderr, /no renegotiation|handshake failure|unexpected message/i);
    },
    'HTTP/1.1 is agreed on by ALPN': async () => {
      const wire = await Wire.open(s.port, { ALPNProtocols: ['h2', 'http/1.1'] });
      assert.equal(wire.socket.alpnProtocol, 'http/1.1');
      wire.close();
      const other = await Wire.open(s.port, { ALPNProtocols: ['h2'] });
      assert.equal((await other.request(HEALTH)).status, 200);
      other.close();
    },
    'node reads the page': async () => {
      const page = await readFile(new URL('../../build/gen/static/index.html', import.meta.url));
      const { status, headers, body } = await fetchPage(s, '/');
      assert.equal(status, 200);
      assert.deepEqual(body, page);
      assert.equal(headers['strict-transport-security'], undefined,
        'a browser must not insist on a certificate that is not for ever');
    },
    'the certificate is for this machine, and trusted when one trusts it': async () => {
      const ca = await readFile(path.join(s.folder, 'dev-cert.pem'));
      const options = { ca, rejectUnauthorized: true };
      for (const host of ['localhost', '127.0.0.1'])
        assert.equal((await fetchPage(s, '/healthz', { ...options, host })).status, 200, host);
      const { mode } = await stat(path.join(s.folder, 'dev-key.pem'));
      assert.equal(mode & 0o077, 0, 'the key is its owner\'s alone');
    },
    'requests split at every byte, and 100 at once': async () => {
      const wire = await Wire.open(s.port, {});
      for (const byte of HEALTH) wire.send(byte);
      assert.equal((await wire.response()).status, 200);
      wire.send(HEALTH.repeat(100));
      for (let i = 0; i < 100; i++) assert.equal((await wire.response()).status, 200);
      wire.close();
    },
    'WebSockets echo': async () => {
      const ws = new WebSocket(`wss://127.0.0.1:${s.port}/ws/echo`, { rejectUnauthorized: false });
      await within(once(ws, 'open'), 'a WebSocket');
      for (const n of [0, 125, 65536, 1_000_000]) {
        const data = Buffer.alloc(n, 'ab');
        ws.send(data);
        const [answer] = await within(once(ws, 'message'), 'an echo');
        assert.ok(answer.equals(data));
      }
      ws.close(1000);
      assert.equal((await within(once(ws, 'close'), 'a close'))[0], 1000);
    },
    'who reads only after writing gets all': async () => {
      const wire = await Wire.open(s.port, {});
      await wire.upgrade();
      const before = wire.received;
      wire.socket.pause();
      for (let i = 0; i < 20; i++) wire.send(frame(OP.binary, Buffer.alloc(300_000)));
      wire.socket.resume();
      await eventually(() => wire.received - before === 20 * 300_010 || wire.over, 'all of it');
      assert.equal(wire.over, null);
      wire.close();
    },
    'a silent client is dropped, and so is half a handshake': async () => {
      for (const bytes of ['', '\x16', '\x16\x03\x01\x02\x00\x01']) {
        const began = performance.now();
        const wire = await Wire.open(hasty.port);
        wire.send(Buffer.from(bytes, 'latin1'));
        await wire.closed();
        assert.ok(performance.now() - began > 400);
        assert.equal(wire.received, 0);
      }
    },
    'garbage that looks like TLS is dropped': async () => {
      for (const bytes of [[0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0], [0x16, ...Array(200).fill(0xff)],
        [0x16, 3, 3, 0x40, 0x01, ...Array(300).fill(0)]]) {
        const wire = await Wire.open(hasty.port);
        wire.send(Buffer.from(bytes));
        await wire.closed();
        wire.close();
      }
      assert.equal((await fetchPage(s, '/healthz')).status, 200);
      assert.equal(hasty.child.exitCode, null);
    },
    'a plain client is sent to https': async () => {
      const table = [['/', '/'], ['/a/b?c=d', '/a/b?c=d'],
        ['/?next=http://x', '/?next=http://x'], ['http://localhost/x', '/x']];
      for (const [target, where] of table) {
        const answer = await ask(s.port, `GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
        assert.equal(answer.status, 308, target);
        assert.equal(answer.headers.location, `https://localhost${where}`);
      }
      const head = await get(s.port, '/', { Host: `127.0.0.1:${s.port}` }, 'HEAD');
      assert.equal(head.headers.location, `https://127.0.0.1:${s.port}/`);
    },
    'and gets nothing else there': async () => {
      const post = await ask(s.port, 'POST / HTTP/1.1\r\nHost: localhost\r\n\r\n');
      assert.deepEqual([post.status, errorCode(post)], [400, 'BAD_REQUEST']);
      const nameless = await ask(s.port, 'GET /x HTTP/1.0\r\n\r\n');
      assert.deepEqual([nameless.status, nameless.headers.location], [400, undefined]);
      const elsewhere = await get(s.port, '//evil.example/');
      assert.deepEqual([elsewhere.status, elsewhere.headers.location], [404, undefined]);
      for (const length of [7000, 20_000, 60_000, 65_490, 65_523]) {
        const { status, headers } =
          await ask(s.port, `GET /${'a'.repeat(length)} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
        assert.equal(status, length < 8000 ? 308 : length < 65_523 ? 400 : 414);
        assert.equal(headers.location?.length, length < 8000 ? length + 18 : undefined);
      }
      const wire = await Wire.open(s.port);
      assert.equal((await wire.upgrade()).status, 308);
      wire.close();
    },
    'health is told in plain to this machine': async () => {
      for (const where of ['/healthz', '/health', '/readyz', '/metrics'])
        assert.equal((await get(s.port, where)).status, 200, where);
    },
  });
  assert.ok((await s.metrics()).stoa_tls_handshakes_total > 5);
});

test('health in plain is for near ones only', async (t) => {
  const s = await serve(t, ['--dev-tls', '--trusted-proxies', '127.0.0.1']);
  const far = { 'X-Forwarded-For': '203.0.113.9' };
  assert.equal((await get(s.port, '/healthz', far)).status, 308);
  assert.equal((await get(s.port, '/metrics', far)).status, 308);
  assert.equal((await get(s.port, '/healthz')).status, 200);
});

test('the link to https has the public name', async (t) => {
  const s = await serve(t, ['--dev-tls', '--public-url', 'https://stoa.example:8443']);
  const ours = await get(s.port, '/x', { Host: 'stoa.example:8443' });
  assert.equal(ours.headers.location, 'https://stoa.example:8443/x');
  assert.equal((await get(s.port, '/x', { Host: 'evil.example' })).status, 421);
});

test('a certificate is reloaded under living connections', async (t) => {
  const folder = await files(t);
  const cert = path.join(folder, 'cert.pem');
  await certify(folder, 1001);
  const s = await serve(t, ['--tls-cert', cert, '--tls-key', path.join(folder, 'key.pem')]);
  assert.equal(await serial(s), 1001);
  const { headers } = await fetchPage(s, '/');
  assert.match(headers['strict-transport-security'], /^max-age=\d{7,}$/);

  const ws = new WebSocket(`wss://127.0.0.1:${s.port}/ws/echo`, { rejectUnauthorized: false });
  await within(once(ws, 'open'), 'a WebSocket');
  const isAlive = async () => {
    ws.send('still here');
    return `${(await within(once(ws, 'message'), 'an echo'))[0]}` === 'still here';
  };

  await certify(folder, 1002);
  assert.equal(await serial(s), 1001, 'not before it is told');
  s.child.kill('SIGHUP');
  await s.says('certificate reloaded');
  assert.equal(await serial(s), 1002);
  assert.ok(await isAlive());

  for (const [file, content] of [['cert.pem', 'nonsense'], ['key.pem', ''], ['cert.pem', null]]) {
    await certify(folder, 1003);
    if (content === null) await rm(path.join(folder, file));
    else await writeFile(path.join(folder, file), content);
    const before = s.log.length;
    s.child.kill('SIGHUP');
    const line = await eventually(() => isAbout(s, before), 'a word about it');
    assert.equal(line.level, 'error');
    assert.equal(line.msg, 'the old certificate stays in force');
    assert.match(line.why, new RegExp(folder));
    assert.equal(await serial(s), 1002);
  }
  await certify(folder, 1004); // of two halves that do not belong together
  await certify(folder, 1005, { key: 'other.pem' });
  const before = s.log.length;
  s.child.kill('SIGHUP');
  const { why } = await eventually(() => isAbout(s, before), 'a word about it');
  assert.match(why, /mismatch|does not belong/);
  assert.equal(await serial(s), 1002);

  await certify(folder, 1006);
  const n = s.log.length;
  s.child.kill('SIGHUP');
  await eventually(() => isAbout(s, n), 'a word about it');
  assert.equal(await serial(s), 1006);
  assert.ok(await isAlive());
  ws.close(1000);
  await within(once(ws, 'close'), 'a close');
});

test('a certificate that cannot be used is said at the start', { concurrency: 2 }, async (t) => {
  const folder = await files(t);
  const at = (name) => path.join(folder, name);
  await certify(folder, 1);
  await certify(folder, 2, { cert: 'cert2.pem', key: 'key2.pem' });
  await writeFile(at('bad.pem'), 'not a certificate\n');
  const table = {
    'a file that is not there': [['--tls-cert', at('no.pem'), '--tls-key', at('key.pem')],
      /no\.pem/],
    'a certificate that is none': [['--tls-cert', at('bad.pem'), '--tls-key', at('key.pem')],
      /certificate.*bad\.pem/],
    'a key that is none': [['--tls-cert', at('cert.pem'), '--tls-key', at('bad.pem')],
      /key.*bad\.pem/],
    'the key of another': [['--tls-cert', at('cert.pem'), '--tls-key', at('key2.pem')],
      /mismatch|does not belong/],
    'a certificate without a key': [['--tls-cert', at('cert.pem')], /tls\.key/],
    'two ways at once': [['--dev-tls', '--tls-cert', at('cert.pem'), '--tls-key', at('key.pem')],
      /dev-tls/],
  };
  await all(t, Object.fromEntries(Object.entries(table).map(([name, [flags, says]]) => [
    name, async () => {
      const { status, stderr } = await stoa(
        ['serve', '--port', '0', '--host', '127.0.0.1', '--data', at('data'), ...flags]);
      assert.equal(status, 78, stderr);
      assert.match(stderr, says);
      assert.doesNotMatch(stderr, /"ready"/);
    }])));
});

test('handshakes under way have a limit of their own', async (t) => {
  const s = await serve(t, ['--dev-tls', '--limits-tls-half-open', '3']);
  const silent = await Promise.all(Array.from({ length: 3 }, () => Wire.open(s.port)));
  const fourth = await Wire.open(s.port);
  await fourth.closed();
  silent[0].close();
  await eventually(() => fetchPage(s, '/healthz').then(() => true, () => false), 'a free place');
  for (const wire of silent) wire.close();
});
