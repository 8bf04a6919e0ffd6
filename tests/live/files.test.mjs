// Files by HTTP: asked for, brought, read; what is refused; what becomes of uploads that break off,
// of a server that is killed in the middle; and how little memory all this takes.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import tus from 'tus-js-client';

import { bring, call, MIB, noise, offer, openRoom, readSlowly, sign, upload } from './files.mjs';
import { expectRest, has, isDate, issue, JWT_SECRET, refusal, rest, socket, start } from './flow.mjs';
import { all, eventually, get, restartable, Wire } from './stoa.mjs';

const FLAGS = ['--rate-create', '10000', '--files-uploads', '1000'];
const isSlow = /debug|tsan/.test(process.env.STOA ?? 'debug'); // sanitizers

const tokens = {
  ada: issue({ userId: 'u1', username: 'Ada' }),
  bob: issue({ userId: 'u2', username: 'Bob' }),
};
const sha = (bytes) => createHash('sha256').update(bytes).digest('hex');
const codeOf = ({ body }) => JSON.parse(body).error.code;

/** All files below the data folder's `files`, by name, but for its folders. */
const contents = async (folder) => (await readdir(path.join(folder, 'files'), {
  recursive: true, withFileTypes: true,
})).filter((entry) => entry.isFile()).map(({ name }) => name);

const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9'
  + 'awAAAABJRU5ErkJggg==', 'base64');

test('files', { concurrency: 6 }, async (t) => {
  const server = await start(t, { flags: FLAGS });
  const roomId = await openRoom(server);

  await all(t, {
    'a file comes and can be read': async () => {
      const bytes = noise(100_000);
      const offered = await offer(server, { roomId, name: 'Über uns.pdf', size: bytes.length,
        type: 'application/pdf' });
      has(offered, { method: 'PUT', headers: { 'Content-Type': 'application/pdf' },
        fileId: /^[0-9a-f]{32}$/, expiresAt: (text) => {
          const ms = Date.parse(text) - Date.now();
          return ms > 590_000 && ms <= 600_000;
        } });
      assert.deepEqual(Object.keys(offered).sort(),
        ['expiresAt', 'fileId', 'fileUrl', 'headers', 'method', 'uploadUrl']);
      assert.equal((await call(offered.fileUrl)).status, 404, 'before it is there');
      const answer = await bring(offered, bytes);
      assert.equal(answer.status, 201);
      assert.deepEqual(JSON.parse(answer.body), { fileUrl: offered.fileUrl, fileId: offered.fileId,
        name: 'Über uns.pdf', size: 100_000, type: 'application/pdf' });
      const read = await call(offered.fileUrl);
      assert.equal(read.status, 200);
      assert.equal(sha(read.body), sha(bytes));
      assert.equal(read.headers['content-disposition'],
        "attachment; filename=\"_ber uns.pdf\"; filename*=UTF-8''%C3%9Cber%20uns.pdf");
    },
    'with fetch, as a page does it': async () => {
      const text = 'Grüße';
      const { uploadUrl, method, headers, fileUrl } = await offer(server,
        { roomId, name: 'a.txt', size: Buffer.byteLength(text), type: 'text/plain' });
      const put = await fetch(uploadUrl, { method, headers, body: text });
      assert.equal(put.status, 201);
      assert.equal(await (await fetch(fileUrl)).text(), text);
    },
    'fifty mebibytes': async () => {
      const bytes = noise(50 * MIB);
      const { fileUrl } = await upload(server, bytes, { roomId, name: 'film.mp4', type: 'video/mp4' });
      const read = await call(fileUrl);
      assert.equal(read.body.length, bytes.length);
      assert.equal(sha(read.body), sha(bytes));
    },
    'one byte more than a file may have': async () => {
      const answer = await rest(server, 'POST', '/api/upload-url',
        { body: { roomId, name: 'a', size: 50 * MIB + 1 } });
      assert.equal(answer.status, 413);
      has(answer.json, { error: refusal('TOO_BIG') });
    },
    'a client that waits to be asked for its body': async () => {
      const offered = await offer(server, { roomId, name: 'a', size: 5, type: 'text/plain' });
      const request = http.request(offered.uploadUrl, { method: 'PUT', agent: false,
        headers: { ...offered.headers, 'content-length': 5, expect: '100-continue' } });
      request.flushHeaders();
      await once(request, 'continue');
      request.end('hello');
      assert.equal((await once(request, 'response'))[0].statusCode, 201);
      const refused = http.request(offered.uploadUrl, { method: 'PUT', agent: false,
        headers: { ...offered.headers, 'content-length': 5, expect: '100-continue' } });
      refused.on('continue', () => assert.fail('nobody wants it'));
      refused.flushHeaders();
      assert.equal((await once(refused, 'response'))[0].statusCode, 409);
      refused.destroy();
    },
    'what the address does not permit': async () => {
      const bytes = Buffer.from('hello');
      const body = { roomId, name: 'a.txt', size: 5, type: 'text/plain' };
      const offered = await offer(server, body);
      const other = await offer(server, body);
      const url = new URL(offered.uploadUrl);
      const with_ = (change) => {
        const changed = new URL(url);
        change(changed);
        return { ...offered, uploadUrl: changed.href };
      };
      const cases = [
        ['fewer bytes', offered, bytes.subarray(1), {}, 400],
        ['more bytes', offered, Buffer.from('hello!'), {}, 413],
        ['another type', offered, bytes, { headers: { 'Content-Type': 'text/html' } }, 415],
        ['no type', { ...offered, headers: {} }, bytes, {}, 415],
        ['POST', offered, bytes, { method: 'POST' }, 405],
        ['PATCH', offered, bytes, { method: 'PATCH' }, 403],
        ['GET', offered, bytes, { method: 'GET' }, 405],
        ['cancelling another', { ...with_((to) => { to.pathname = new URL(other.uploadUrl).pathname; }), method: 'DELETE' }, bytes, {}, 403],
        ['another id', with_((to) => { to.pathname = new URL(other.uploadUrl).pathname; }), bytes, {}, 403],
        ['another size', with_((to) => to.searchParams.set('size', '4')), bytes.subarray(1), {}, 403],
        ['another user', with_((to) => to.searchParams.set('user', 'u1')), bytes, {}, 403],
        ['a later end', with_((to) => to.searchParams.set('expires', '9999999999')), bytes, {}, 403],
        ['no signature', with_((to) => to.searchParams.delete('signature')), bytes, {}, 403],
        ['a signature of the same length', with_((to) => to.searchParams.set('signature', '0'.repeat(64))), bytes, {}, 403],
        ['something more', with_((to) => to.searchParams.set('x', 'y')), bytes, {}, 403],
        ['nothing', with_((to) => { to.search = ''; }), bytes, {}, 403],
      ];
      for (const [what, to, part, change, status] of cases)
        assert.equal((await bring(to, part, change)).status, status, what);
      assert.equal((await bring(offered, bytes)).status, 201, 'it is still good');
      const again = await bring(offered, bytes);
      assert.deepEqual([again.status, codeOf(again)], [409, 'CONFLICT'], 'and not twice');
      assert.equal((await bring(other, bytes)).status, 201);
    },
    'what somebody signs who knows the secret': async () => {
      const { fileId, uploadUrl } = await offer(server,
        { roomId, name: 'a', size: 5, type: 'text/plain' }, { token: tokens.ada });
      const now = Math.floor(Date.now() / 1000);
      const what = { method: 'PUT', id: fileId, size: 5, type: 'text/plain', user: 'u1',
        expires: Number(new URL(uploadUrl).searchParams.get('expires')) };
      const at = (query) => ({ uploadUrl: `${server.url}/api/files/${fileId}?${query}`, method: 'PUT',
        headers: { 'Content-Type': 'text/plain' } });
      assert.equal(new URL(uploadUrl).search.slice(1), sign(what), 'is what the server signs');
      const expired = await bring(at(sign({ ...what, expires: now - 1 })), Buffer.from('hello'));
      assert.equal(expired.status, 403);
      assert.match(`${expired.body}`, /expired/);
      assert.equal((await bring(at(sign(what, 'another secret, of thirty-two bytes')), Buffer.from('hello'))).status, 403);
      assert.equal((await bring(at(sign({ ...what, size: 6 })), Buffer.from('hello!'))).status, 404, 'the row says 5');
      assert.equal((await bring(at(sign(what)), Buffer.from('hello'))).status, 201);
    },
    'ranges': async () => {
      const bytes = noise(1000);
      const { fileUrl } = await upload(server, bytes, { roomId, name: 'r', type: 'text/plain' });
      const { headers: { etag } } = await call(fileUrl);
      assert.match(etag, /^"[0-9a-f]{32}"$/);
      const part = (first, last) => [206, `bytes ${first}-${last}/1000`, bytes.subarray(first, last + 1)];
      const whole = [200, undefined, bytes];
      const none = [416, 'bytes */1000'];
      const rows = [
        ['bytes=0-0', part(0, 0)], ['bytes=0-499', part(0, 499)], ['bytes=500-999', part(500, 999)],
        ['bytes=500-', part(500, 999)], ['bytes=-1', part(999, 999)], ['bytes=-1000', part(0, 999)],
        ['bytes=-5000', part(0, 999)], ['bytes=999-100000', part(999, 999)],
        ['bytes=1000-', none], ['bytes=1000-2000', none], ['bytes=-0', none],
        ['bytes=2-1', whole], ['bytes=0-1,3-4', whole], ['bytes=0-1, 3-4', whole],
        ['bytes=', whole], ['bytes=-', whole], ['bytes=a-b', whole], ['bytes=1', whole],
        ['items=0-1', whole], ['bytes 0-1', whole], ['', whole],
        ['bytes=0-1', part(0, 1), { 'If-Range': etag }],
        ['bytes=0-1', whole, { 'If-Range': '"other"' }],
        ['bytes=0-1', whole, { 'If-Range': `W/${etag}` }],
        ['bytes=0-1', whole, { 'If-Range': new Date().toUTCString() }],
        ['bytes=5000-', whole, { 'If-Range': '"other"' }],
        [undefined, [304, undefined, Buffer.alloc(0)], { 'If-None-Match': etag }],
        ['bytes=0-1', [304, undefined, Buffer.alloc(0)], { 'If-None-Match': `"x", ${etag}` }],
        [undefined, whole, { 'If-None-Match': '"x"' }],
      ];
      for (const [range, [status, contentRange, body], headers = {}] of rows) {
        const what = `${range} ${JSON.stringify(headers)}`;
        const answer = await call(fileUrl, { headers: { ...(range !== undefined && { Range: range }), ...headers } });
        assert.equal(answer.status, status, what);
        assert.equal(answer.headers['content-range'], contentRange, what);
        if (body) assert.ok(answer.body.equals(body), what);
        if (body && status !== 304) assert.equal(answer.headers['content-length'], `${body.length}`, what);
      }
      const head = await call(fileUrl, { method: 'HEAD', headers: { Range: 'bytes=0-1' } });
      assert.deepEqual([head.status, head.headers['content-length'], head.body.length], [200, '1000', 0]);
    },
    'HTTP/1.0, and several requests on one connection': async () => {
      const bytes = noise(300_000);
      const { fileUrl } = await upload(server, bytes, { roomId, name: 'a', type: 'text/plain' });
      const where = new URL(fileUrl).pathname;
      const old = await Wire.open(server.port);
      old.send(`GET ${where} HTTP/1.0\r\n\r\n`);
      const answer = await old.response();
      assert.ok(answer.body.equals(bytes));
      assert.equal(answer.headers.connection, 'close');
      assert.equal(await old.closed(), 'end');
      const wire = await Wire.open(server.port);
      const request = `GET ${where} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
      wire.send(`${request}HEAD ${request.slice(4)}${request}GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      assert.ok((await wire.response()).body.equals(bytes));
      assert.equal((await wire.response({ head: true })).headers['content-length'], '300000');
      assert.ok((await wire.response()).body.equals(bytes));
      assert.equal((await wire.response()).status, 200);
      wire.close();
    },
    'what a browser could run comes as an attachment': async () => {
      const rows = [
        ['page.html', 'text/html', '<!DOCTYPE html><script>alert(1)</script>', false],
        ['image.svg', 'image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', false],
        ['x.xml', 'text/xml', '<?xml version="1.0"?><a/>', false],
        ['a.pdf', 'application/pdf', '%PDF-1.7 ...', false],
        ['a.js', 'text/javascript', 'alert(1)', false],
        ['cat.png', 'image/png', '<html><script>alert(1)</script>', false],
        ['page.html', 'text/html', PNG, 'image/png'],
        ['a.jpg', 'image/jpeg', Buffer.from('ffd8ffe000104a464946', 'hex'), 'image/jpeg'],
        ['a.gif', 'image/gif', 'GIF89a....', 'image/gif'],
        ['a.webp', 'image/webp', Buffer.from('524946462400000057454250565038204c', 'hex'), 'image/webp'],
        ['a.mp4', 'video/mp4', Buffer.from('0000001866747970' + '6d703432' + '00000000' + '69736f6d6d703432', 'hex'), 'video/mp4'],
        ['a.webm', 'video/webm', Buffer.from('1a45dfa39f4286810142f7810142f2810442f381084282847765626d', 'hex'), 'video/webm'],
        ['a.ogg', 'audio/ogg', Buffer.from('4f67675300020000', 'hex'), 'application/ogg'],
      ];
      for (const [name, type, content, shown] of rows) {
        const { fileUrl } = await upload(server, Buffer.from(content), { roomId, name, type });
        const { headers } = await call(fileUrl);
        assert.equal(headers['content-type'], shown || 'application/octet-stream', name);
        assert.match(headers['content-disposition'], shown ? /^inline; / : /^attachment; /, name);
        assert.equal(headers['x-content-type-options'], 'nosniff');
        assert.equal(headers['content-security-policy'], "sandbox; default-src 'none'");
        assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
        assert.equal(headers['cache-control'], 'private, max-age=31536000, immutable');
      }
    },
    'four at once, by two rooms': async () => {
      const many = await Promise.all(Array.from({ length: 4 }, async (_, i) => {
        const bytes = noise(2 * MIB + i);
        const { fileUrl } = await upload(server, bytes, { roomId, name: `${i}`, type: 'text/plain' });
        return [fileUrl, sha(bytes)];
      }));
      for (const [fileUrl, hash] of many) assert.equal(sha((await call(fileUrl)).body), hash);
    },
    'clients that go in the middle': async () => {
      const offered = await offer(server, { roomId, name: 'gone', size: 10 * MIB, type: 'text/plain' });
      for (const sent of [0, 1, 200_000, 3 * MIB, 10 * MIB - 1]) {
        const request = http.request(offered.uploadUrl, { method: 'PUT', agent: false,
          headers: { ...offered.headers, 'content-length': 10 * MIB } });
        request.on('error', () => {});
        request.write(Buffer.alloc(sent, 'x'));
        await sleep(30);
        request.destroy();
      }
      await eventually(async () => !(await contents(server.folder)).includes(offered.fileId), 'nothing to be left');
      assert.equal((await call(offered.fileUrl)).status, 404);
      const bytes = noise(10 * MIB);
      await eventually(async () => { // the last of them may have come only now
        const { status } = await bring(offered, bytes);
        assert.ok(status === 201 || status === 409, `${status}`);
        return status === 201;
      }, 'its place');
      const request = http.request(offered.fileUrl, { agent: false });
      request.end();
      const [response] = await once(request, 'response');
      await once(response, 'readable');
      request.destroy();
    },
    'in parts, by a client of tus that is interrupted': async () => {
      const bytes = noise(5 * MIB);
      const offered = await offer(server, { roomId, name: 'parts', size: bytes.length,
        type: 'text/plain', resumable: true });
      has(offered, { method: 'PATCH', headers: { 'Tus-Resumable': '1.0.0',
        'Content-Type': 'application/offset+octet-stream' },
      expiresAt: (text) => Date.parse(text) - Date.now() > 23 * 3_600_000 });
      const send = (stopAt) => new Promise((resolve, reject) => {
        const client = new tus.Upload(bytes, { uploadUrl: offered.uploadUrl, chunkSize: 700_000,
          retryDelays: stopAt === Infinity ? [100, 300, 1000, 3000] : null, onError: reject, onSuccess: () => resolve('done'),
          onProgress: (sent) => {
            if (sent > stopAt) client.abort().then(() => resolve('stopped'));
          } });
        client.start();
      });
      assert.equal(await send(2 * MIB), 'stopped');
      const head = await call(offered.uploadUrl, { method: 'HEAD', headers: { 'Tus-Resumable': '1.0.0' } });
      assert.equal(head.status, 200);
      const offset = Number(head.headers['upload-offset']);
      assert.ok(offset > MIB && offset < bytes.length, `${offset}`);
      assert.equal(await send(Infinity), 'done');
      assert.equal(sha((await call(offered.fileUrl)).body), sha(bytes));
      const late = await call(offered.uploadUrl, { method: 'DELETE', headers: { 'Tus-Resumable': '1.0.0' } });
      assert.deepEqual([late.status, codeOf(late)], [409, 'CONFLICT'], 'what is complete stays');
      assert.equal((await call(offered.fileUrl)).status, 200);
    },
    'languages speak of files that are there': async () => {
      const ben = await socket(t, server, 'Ben', { auth: { token: tokens.bob } });
      assert.equal((await ben.ask('joinRoom', { roomId })).ok, true);
      const offered = await offer(server, { roomId, name: 'notes.txt', size: 5, type: 'text/plain' },
        { token: tokens.bob });
      const early = await ben.ask('file:uploadMeta', { roomId, fileUrl: offered.fileUrl, name: 'x', size: 1 });
      has(early, { ok: false, error: refusal('NOT_FOUND') });
      assert.equal((await bring(offered, Buffer.from('hello'))).status, 201);
      const said = await ben.ask('file:uploadMeta', { roomId, fileUrl: offered.fileUrl, name: 'x', size: 1 });
      has(said, { ok: true, fileMeta: { fileUrl: offered.fileUrl, name: 'notes.txt', size: 5, type: 'text/plain' } });
      const anns = await upload(server, Buffer.from('hello'), { roomId, name: 'a', type: 'text/plain' }, { token: tokens.ada });
      has(await ben.ask('file:uploadMeta', { roomId, fileUrl: anns.fileUrl, name: 'a', size: 5 }),
        { ok: false, error: refusal('NOT_FOUND') });
      has(await ben.ask('file:uploadMeta', { roomId, fileUrl: 'https://x.example/files/a', name: 'a', size: 5 }), { ok: true });

      const saved = await ben.ask('whiteboard:save', { roomId, dataUrl: `data:image/png;base64,${PNG.toString('base64')}` });
      has(saved, { ok: true, snapshotId: /./, createdAt: isDate });
      const ann = await socket(t, server, 'Ann', { auth: { token: tokens.ada } });
      assert.equal((await ann.ask('joinRoom', { roomId })).ok, true);
      const { roomState } = await ann.hear('joined');
      const { dataUrl } = roomState.whiteboard.snapshot;
      assert.match(dataUrl, /^\/files\/[0-9a-f]{32}\/board\.png$/);
      const picture = await call(`${server.url}${dataUrl}`);
      assert.ok(picture.body.equals(PNG));
      assert.equal(picture.headers['content-type'], 'image/png');
      for (const bad of ['data:image/png;base64,AAAA', 'data:text/html,<script>', 'data:image/svg+xml;base64,PHN2Zz4='])
        has(await ben.ask('whiteboard:save', { roomId, dataUrl: bad }), { ok: false, error: refusal('BAD_FIELD') });
      has(await ben.ask('whiteboard:save', { roomId }), { ok: true });
    },
    'no way leads out of the folder': async () => {
      const { fileId } = await upload(server, Buffer.from('x'), { roomId, name: 'x', type: 'text/plain' });
      const paths = traversals(fileId);
      assert.ok(paths.length >= 200, `${paths.length}`);
      for (const where of paths) {
        assert.equal((await get(server.port, where)).status, 404, where);
      }
    },
  });
});

/** Addresses that must lead nowhere. */
const traversals = (id) => {
  const ups = ['../', '..%2f', '..%2F', '%2e%2e/', '%2e%2e%2f', '%2E%2E%2F', '..\\', '..%5c', '..%5C',
    '%2e%2e%5c', '....//', '..;/', '.%2e/', '%2e./', '..%00/', '..%c0%af', '%c0%ae%c0%ae/', '..%252f',
    '%252e%252e%252f', '..%ef%bc%8f', '.../', '..//', './', '//'];
  const ends = ['secret', 'stoa.db', 'etc/passwd', 'files/tmp', `files/${id.slice(0, 2)}/${id}`];
  const paths = [];
  for (const up of ups) {
    for (const end of ends) {
      paths.push(`/files/${up}${end}`, `/files/${up.repeat(5)}${end}`);
      if (!/^\.{0,2};?$/.test(up.replace(/[/\\]/g, '')) && !up.includes('/')) paths.push(`/files/${id.slice(0, 30)}${up}${end}`);
    }
  }
  for (const odd of ['', '/', `/${id.slice(1)}/x`, `/${id}`, `/${id}/`, `/${id}/x/y`, `/${id}/../x`,
    `/${id}/..`, `/${id}/.`, `/${id}%2fx`, `/${id}%00/x`, `/${id.toUpperCase()}A/x`, `/${id}x/x`, `/tmp/${id}`, `/${id.slice(0, 2)}/${id}`, `/${'0'.repeat(32)}/x`, `/${'a'.repeat(4000)}/x`,
    `/${id}/${'%2e'.repeat(2)}`, `/*/x`, `/%7e/x`, `/${id}/%0a`, `/${id}/a%00b`])
    paths.push(`/files${odd}`);
  return paths;
};

test('files: quotas', async (t) => {
  const server = await start(t, { flags: ['--rate-create', '10000', '--files-user-quota', '1000',
    '--files-room-quota', '2000', '--files-total-quota', '2500'] });
  const roomId = await openRoom(server);
  const other = await openRoom(server);
  const ask = async (size, token, room = roomId) => {
    const answer = await rest(server, 'POST', '/api/upload-url', { body: { roomId: room, name: 'a', size }, token });
    if (answer.status === 507) has(answer.json, { error: refusal('QUOTA') });
    return answer.status;
  };
  const { ada, bob } = tokens;
  const cy = issue({ userId: 'u3', username: 'Cy' });
  assert.equal(await ask(999, ada), 200, 'a person: n - 1');
  assert.equal(await ask(2, ada), 507, 'n + 1');
  assert.equal(await ask(1, ada), 200, 'n');
  assert.equal(await ask(999, bob), 200, 'a room');
  assert.equal(await ask(2, cy), 507, 'n + 1');
  assert.equal(await ask(1, cy), 200, 'n');
  assert.equal(await ask(501, cy, other), 507, 'all: n + 1');
  assert.equal(await ask(500, cy, other), 200, 'n');
});

test('files: under TLS', async (t) => {
  const server = await start(t, { flags: FLAGS, secure: true });
  const roomId = await openRoom(server);
  const bytes = noise(5 * MIB + 1);
  const [one, two] = await Promise.all([1, 2].map((n) =>
    upload(server, bytes, { roomId, name: `${n}`, type: 'text/plain' })));
  assert.match(one.uploadUrl, /^https:/);
  for (const { fileUrl } of [one, two]) assert.equal(sha((await call(fileUrl)).body), sha(bytes));
});

test('files: so many at once', async (t) => {
  const server = await start(t, { flags: ['--rate-create', '10000'] });
  const roomId = await openRoom(server);
  const body = { roomId, name: 'a', size: 5, type: 'text/plain' };
  const offers = [];
  for (let i = 0; i < 4; i++) offers.push(await offer(server, body, { token: tokens.ada }));
  const fifth = await rest(server, 'POST', '/api/upload-url', { body, token: tokens.ada });
  assert.equal(fifth.status, 429);
  await offer(server, body, { token: tokens.bob });
  assert.deepEqual(await Promise.all(offers.map(async (one) => (await bring(one, Buffer.from('hello'))).status)),
    [201, 201, 201, 201]);
  await offer(server, body, { token: tokens.ada });
});

test('files: cancelled', async (t) => {
  const server = await start(t, { flags: ['--rate-create', '10000', '--files-user-quota', '8MiB'] });
  const roomId = await openRoom(server);
  const { ada: token } = tokens;
  const body = { roomId, name: 'a', size: 2 * MIB, type: 'text/plain', resumable: true };
  const offers = [];
  for (let i = 0; i < 4; i++) offers.push(await offer(server, body, { token }));
  const fifth = () => rest(server, 'POST', '/api/upload-url', { body, token });
  assert.equal((await fifth()).status, 429, 'four are under way');
  const client = new tus.Upload(noise(2 * MIB), { uploadUrl: offers[0].uploadUrl, chunkSize: 300_000,
    retryDelays: null });
  await new Promise((resolve, reject) => {
    client.options.onError = reject;
    client.options.onSuccess = () => reject(new Error('it was to be cancelled'));
    client.options.onChunkComplete = (_, sent) => sent > MIB && resolve(client.abort(true));
    client.start();
  });
  const drafts = await contents(server.folder);
  assert.deepEqual(drafts.filter((name) => name.startsWith(offers[0].fileId)), [], 'it is gone at once');
  assert.equal((await call(offers[0].uploadUrl, { method: 'HEAD' })).status, 404);
  assert.equal((await bring(offers[0], noise(1))).status, 404);
  const next = await fifth();
  assert.equal(next.status, 200, 'there is place, and as many bytes of the quota');
  assert.equal((await fifth()).status, 429, 'for one');
  const ended = await call(offers[1].uploadUrl, { method: 'DELETE' });
  assert.deepEqual([ended.status, ended.headers['tus-resumable'], `${ended.body}`], [204, '1.0.0', '']);
  assert.equal((await call(offers[1].uploadUrl, { method: 'DELETE' })).status, 404, 'once');
  const whole = await offer(server, { ...body, size: 5, resumable: false }, { token });
  assert.equal((await call(whole.uploadUrl, { method: 'DELETE' })).status, 204, 'of one piece, too');
  assert.equal((await bring(whole, noise(5))).status, 404);
  const bytes = noise(2 * MIB);
  assert.equal((await bring(next.json, bytes)).status, 204);
  assert.equal(sha((await call(next.json.fileUrl)).body), sha(bytes));
});

test('files: where guests are not let in', async (t) => {
  const server = await start(t, { flags: ['--auth-mode', 'required'] });
  const { id } = await expectRest(201, server, 'POST', '/api/rooms', { body: {}, token: tokens.ada });
  const body = { roomId: id, name: 'a', size: 5, type: 'text/plain' };
  assert.equal((await rest(server, 'POST', '/api/upload-url', { body })).status, 401);
  const offered = await offer(server, body, { token: tokens.ada });
  assert.equal((await bring(offered, Buffer.from('hello'))).status, 201, 'the address is enough');
  assert.equal((await call(offered.fileUrl)).status, 200, 'to read, too');
});

test('files: pages of other sites', async (t) => {
  const origin = 'https://app.example';
  const server = await start(t, { flags: [...FLAGS, '--cors-origins', origin] });
  const roomId = await openRoom(server);
  const offered = await offer(server, { roomId, name: 'a', size: 5, type: 'text/plain', resumable: true },
    { headers: { origin } });
  const preflight = await call(offered.uploadUrl, { method: 'OPTIONS', headers: { origin,
    'Access-Control-Request-Method': 'PATCH', 'Access-Control-Request-Headers': 'upload-offset' } });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers['access-control-allow-methods'], 'HEAD, PUT, PATCH, DELETE, OPTIONS');
  const head = await call(offered.uploadUrl, { method: 'HEAD', headers: { origin } });
  assert.equal(head.headers['access-control-allow-origin'], origin);
  assert.match(head.headers['access-control-expose-headers'], /Upload-Offset/);
  const evil = await call(offered.uploadUrl, { method: 'HEAD', headers: { origin: 'https://evil.example' } });
  assert.equal(evil.headers['access-control-allow-origin'], undefined);
});

test('files: an origin of their own', async (t) => {
  const server = await start(t, { flags: ['--public-url', 'http://stoa.example', '--files-url', 'http://files.example'] });
  const roomId = await openRoom(server);
  const offered = await offer(server, { roomId, name: 'a.png', size: PNG.length, type: 'image/png' });
  assert.match(offered.uploadUrl, /^http:\/\/stoa\.example\/api\/files\//);
  assert.match(offered.fileUrl, /^http:\/\/files\.example\/files\//);
  const put = new URL(offered.uploadUrl);
  assert.equal((await bring({ ...offered, uploadUrl: `${server.url}${put.pathname}${put.search}` }, PNG)).status, 201);
  const where = new URL(offered.fileUrl).pathname;
  const there = (path, host) => get(server.port, path, { Host: host });
  const picture = await there(where, 'files.example');
  assert.ok(picture.body.equals(PNG));
  assert.equal(picture.headers['cross-origin-resource-policy'], 'cross-origin');
  const sent = await there(where, 'stoa.example');
  assert.deepEqual([sent.status, sent.headers.location], [308, offered.fileUrl]);
  for (const path of ['/', '/api/rooms', '/health', '/docs', put.pathname])
    assert.equal((await there(path, 'files.example')).status, 404, path);
  assert.equal((await there(where, 'other.example')).status, 421);
  const about = await there('/api/about', 'stoa.example');
  assert.equal(JSON.parse(about.body).filesUrl, 'http://files.example');
  const page = await there('/', 'stoa.example');
  assert.match(page.headers['content-security-policy'], /img-src 'self' data: blob: http:\/\/files\.example;/);
});

test('files: slow clients', async (t) => {
  const server = await start(t, { flags: [...FLAGS, '--limits-body-rate', '10KiB'] });
  const roomId = await openRoom(server);
  const put = async (size, piece, ms) => {
    const offered = await offer(server, { roomId, name: 'slow', size, type: 'text/plain' });
    const request = http.request(offered.uploadUrl, { method: 'PUT', agent: false,
      headers: { ...offered.headers, 'content-length': size } });
    request.on('error', () => {});
    const answered = once(request, 'response');
    let isOver = false;
    answered.then(() => { isOver = true; }, () => { isOver = true; });
    for (let sent = 0; sent < size && !isOver; sent += piece) {
      request.write(Buffer.alloc(Math.min(piece, size - sent), 'x'));
      await sleep(ms);
    }
    const [response] = await answered;
    request.destroy();
    return response.statusCode;
  };
  assert.deepEqual(await Promise.all([put(900_000, 60_000, 500), put(300_000, 100, 500)]), [201, 408]);
});

test('files: killed in the middle', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'stoa-files-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const begin = async () => {
    const server = await restartable(folder, FLAGS, { JWT_SECRET });
    server.url = `http://127.0.0.1:${server.port}`;
    return server;
  };
  const moved = (server, url) => url.replace(/^http:\/\/[^/]*/, server.url);
  const kill = async (server) => {
    server.child.kill('SIGKILL');
    await server.ended();
  };
  let server = await begin();
  const roomId = await openRoom(server);
  const bytes = noise(20 * MIB);
  const kept = await upload(server, bytes, { roomId, name: 'kept', type: 'text/plain' });
  const body = { roomId, name: 'a', size: bytes.length, type: 'text/plain' };
  const whole = await offer(server, body);
  const parts = await offer(server, { ...body, resumable: true });
  let from = 0;

  for (const fraction of [0.3, 0.6]) {
    const stopAt = Math.floor(bytes.length * fraction);
    const send = (to, first, headers) => {
      const request = http.request(moved(server, to.uploadUrl), { method: to.method, agent: false,
        headers: { ...to.headers, 'content-length': bytes.length - first, ...headers } });
      request.on('error', () => {});
      request.write(bytes.subarray(first, stopAt));
    };
    send(whole, 0);
    send(parts, from, { 'Upload-Offset': from });
    const draft = path.join(folder, 'files/tmp', `${parts.fileId}.part`);
    await eventually(async () => (await stat(draft).catch(() => ({ size: 0 }))).size > stopAt - MIB, 'the parts to come');
    await kill(server);
    server = await begin();
    const head = await call(moved(server, parts.uploadUrl), { method: 'HEAD' });
    assert.equal(head.status, 200);
    const offset = Number(head.headers['upload-offset']);
    assert.ok(offset > from && offset <= stopAt, `${from} ${offset} ${stopAt}`);
    from = offset;
    for (const one of [whole, parts]) assert.equal((await call(moved(server, one.fileUrl))).status, 404);
    assert.equal(sha((await call(moved(server, kept.fileUrl))).body), sha(bytes), 'what was there is there');
  }
  const rest_ = await call(moved(server, parts.uploadUrl), { method: 'PATCH', body: bytes.subarray(from),
    headers: { ...parts.headers, 'Upload-Offset': from, 'content-length': bytes.length - from } });
  assert.deepEqual([rest_.status, rest_.headers['upload-offset']], [204, `${bytes.length}`]);
  assert.equal((await bring({ ...whole, uploadUrl: moved(server, whole.uploadUrl) }, bytes)).status, 201);
  for (const one of [whole, parts])
    assert.equal(sha((await call(moved(server, one.fileUrl))).body), sha(bytes));
  assert.deepEqual((await contents(folder)).sort(), [kept, whole, parts].map(({ fileId }) => fileId).sort());
  server.child.kill('SIGTERM');
  const [status] = await server.ended();
  assert.equal(status, 0, server.stderr);
});

test('files: memory', { timeout: 120_000 }, async (t) => {
  // Sanitizers keep what was freed for a while.
  const env = { ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:quarantine_size_mb=4` };
  const server = await start(t, { flags: FLAGS, env });
  const roomId = await openRoom(server);
  const bytes = noise(50 * MIB);
  await upload(server, noise(MIB), { roomId, name: 'warm', type: 'text/plain' });
  let before = await server.residentBytes();
  let most = before;
  const look = async () => { most = Math.max(most, await server.residentBytes()); };
  const offered = await offer(server, { roomId, name: 'a', size: bytes.length, type: 'text/plain' });
  const request = http.request(offered.uploadUrl, { method: 'PUT', agent: false,
    headers: { ...offered.headers, 'content-length': bytes.length } });
  const answered = once(request, 'response');
  for (let at = 0; at < bytes.length; at += MIB) {
    if (!request.write(bytes.subarray(at, at + MIB))) await once(request, 'drain');
    await look();
    await sleep(5);
  }
  request.end();
  assert.equal((await answered)[0].statusCode, 201);
  const slack = isSlow ? 24 * MIB : 6 * MIB;
  assert.ok(most - before < slack, `an upload took ${(most - before) / MIB} MiB`);
  before = await server.residentBytes();
  most = before;
  const readers = Array.from({ length: 8 }, () => readSlowly(offered.fileUrl, 2, look));
  for (const n of await Promise.all(readers)) assert.equal(n, bytes.length);
  assert.ok(most - before < slack, `eight downloads took ${(most - before) / MIB} MiB`);
});
