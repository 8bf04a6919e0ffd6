// Files at a service that speaks S3: the signatures are those that AWS' own presigner makes, and
// what they permit is brought there, and fetched, by anybody, past this server.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

import { bring, call, noise, offer, openRoom } from './files.mjs';
import { expectRest, has, issue, refusal, rest, socket, start } from './flow.mjs';
import { BUCKET, KEY, REGION, Service } from './s3.mjs';
import { eventually, program, run } from './stoa.mjs';

const tool = path.join(path.dirname(program), 'tests/tools/s3_presign');
const command = tool.includes('/tsan/') ? ['setarch', '-R', tool] : [tool];

const CREDENTIALS = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
const OURS = ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date', 'X-Amz-Expires', 'X-Amz-SignedHeaders', 'X-Amz-Signature'];

const client = (options) => new S3Client({ region: 'us-east-1', credentials: CREDENTIALS,
  requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED', ...options });

const get = (input) => new GetObjectCommand({ Bucket: 'examplebucket', ...input });
const put = (input) => new PutObjectCommand({ Bucket: 'examplebucket', ...input });

/** What is signed: client, command, options of the presigner, headers that are signed. */
const cases = {
  'a download': [{}, get({ Key: 'test.txt' })],
  'for a minute': [{}, get({ Key: 'test.txt' }), { expiresIn: 60 }],
  'for a week': [{}, get({ Key: 'test.txt' }), { expiresIn: 604_800 }],
  'in another region': [{ region: 'eu-central-1' }, get({ Key: 'test.txt' })],
  'with the bucket in the path': [{ forcePathStyle: true }, get({ Key: 'test.txt' })],
  'at another service': [{ endpoint: 'http://127.0.0.1:9000', forcePathStyle: true }, get({ Key: 'a' })],
  'at another service, the bucket before the host': [{ endpoint: 'https://s3.example.org' }, get({ Key: 'a' })],
  'a name with folders': [{}, get({ Key: 'a/b/c.txt' })],
  'a name with spaces and more': [{}, get({ Key: "a b+c=d&e~f(g)'h!*.txt" })],
  'a name in other letters': [{}, get({ Key: 'Grüße/日本語/🦊.txt' })],
  'a name with %': [{}, get({ Key: '100%25.txt' })],
  'as an attachment': [{}, get({ Key: 'a', ResponseContentDisposition:
    "attachment; filename=\"_ber uns.pdf\"; filename*=UTF-8''%C3%9Cber%20uns.pdf", ResponseContentType: 'application/octet-stream' })],
  'inline': [{}, get({ Key: 'a', ResponseContentDisposition: 'inline; filename="a.png"', ResponseContentType: 'image/png' })],
  'an upload': [{}, put({ Key: 'a' })],
  'an upload of a type': [{}, put({ Key: 'a', ContentType: 'image/png' }), { signableHeaders: new Set(['content-type']) },
    { 'content-type': 'image/png' }],
  'an upload of a type and a size': [{}, put({ Key: 'a', ContentType: 'video/mp4; codecs="avc1, mp4a"', ContentLength: 52_428_800 }),
    { signableHeaders: new Set(['content-type', 'content-length', 'host']) },
    { 'content-type': 'video/mp4; codecs="avc1, mp4a"', 'content-length': '52428800' }],
  'a question': [{}, new HeadObjectCommand({ Bucket: 'examplebucket', Key: 'a' })],
  'a removal': [{}, new DeleteObjectCommand({ Bucket: 'examplebucket', Key: 'a' })],
};

const METHODS = { GetObjectCommand: 'GET', PutObjectCommand: 'PUT', HeadObjectCommand: 'HEAD', DeleteObjectCommand: 'DELETE' };

test('signatures are those of AWS\' own presigner', async (t) => {
  const times = [new Date('2013-05-24T00:00:00Z'), new Date('2026-11-21T10:40:45Z')];
  for (const [what, [options, asked, how = {}, headers = {}]] of Object.entries(cases)) {
    await t.test(what, async () => {
      for (const signingDate of times) {
        const url = new URL(await getSignedUrl(client(options), asked, { signingDate, ...how }));
        const more = [...url.searchParams].filter(([name]) => !OURS.includes(name)).map(([name, value]) => `q:${name}=${value}`);
        const signed = Object.entries(headers).map(([name, value]) => `h:${name}=${value}`);
        const { status, stdout, stderr } = await run([...command, METHODS[asked.constructor.name], url.origin,
          decodeURIComponent(url.pathname), options.region ?? 'us-east-1', CREDENTIALS.accessKeyId,
          CREDENTIALS.secretAccessKey, `${how.expiresIn ?? 900}`, `${signingDate.getTime()}`, ...more, ...signed]);
        assert.equal(status, 0, stderr);
        const ours = new URL(stdout.trim());
        assert.equal(ours.origin + ours.pathname, url.origin + url.pathname);
        assert.deepEqual([...ours.searchParams].sort(), [...url.searchParams].sort());
        assert.match(ours.searchParams.get('X-Amz-SignedHeaders'), new RegExp(`^${[...Object.keys(headers), 'host'].sort().join(';')}$`));
      }
    });
  }
});

const tokens = {
  ada: issue({ userId: 'u1', username: 'Ada' }),
  bob: issue({ userId: 'u2', username: 'Bob' }),
};

const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9'
  + 'awAAAABJRU5ErkJggg==', 'base64');

test('files at a service', async (t) => {
  const service = await Service.start(t);
  const server = await start(t, { flags: ['--rate-create', '10000', '--s3-endpoint', service.endpoint,
    '--s3-region', REGION, '--s3-bucket', BUCKET, '--s3-access-key', KEY.accessKeyId],
  env: { S3_SECRET_ACCESS_KEY: KEY.secretAccessKey } });
  const roomId = await openRoom(server);

  await t.test('a file goes there and comes back', async () => {
    const bytes = noise(300_000);
    const offered = await offer(server, { roomId, name: 'Über uns.pdf', size: bytes.length, type: 'application/pdf' });
    has(offered, { method: 'PUT', headers: { 'Content-Type': 'application/pdf' } });
    assert.ok(offered.uploadUrl.startsWith(`${service.endpoint}/${BUCKET}/${offered.fileId}?`));
    assert.ok(offered.fileUrl.startsWith(`${server.url}/files/${offered.fileId}/`));
    assert.equal((await call(offered.fileUrl)).status, 404, 'before it is there');
    assert.equal((await bring(offered, bytes)).status, 200);
    const sent = await call(offered.fileUrl);
    assert.equal(sent.status, 302);
    assert.match(sent.headers['cache-control'], /^private, max-age=\d+$/);
    const read = await call(sent.headers.location);
    assert.equal(read.status, 200);
    assert.ok(read.body.equals(bytes));
    assert.equal(read.headers['content-type'], 'application/octet-stream');
    assert.equal(read.headers['content-disposition'],
      "attachment; filename=\"_ber uns.pdf\"; filename*=UTF-8''%C3%9Cber%20uns.pdf");
    const part = await call(sent.headers.location, { headers: { Range: 'bytes=10-19' } });
    assert.ok(part.body.equals(bytes.subarray(10, 20)));
    assert.deepEqual((await call(offered.fileUrl, { method: 'HEAD' })).status, 302);
    assert.deepEqual(service.faults, []);
  });
  await t.test('a picture is shown', async () => {
    const offered = await offer(server, { roomId, name: 'a.png', size: PNG.length, type: 'image/png' });
    assert.equal((await bring(offered, PNG)).status, 200);
    const { headers } = await call((await call(offered.fileUrl)).headers.location);
    assert.equal(headers['content-type'], 'image/png');
    assert.equal(headers['content-disposition'], 'inline; filename="a.png"');
  });
  await t.test('nothing else is let in', async () => {
    const offered = await offer(server, { roomId, name: 'a', size: 5, type: 'text/plain' });
    for (const [bytes, other] of [[Buffer.from('hell')], [Buffer.from('hello!')],
      [Buffer.from('hello'), { headers: { 'Content-Type': 'text/html' } }], [Buffer.from('hello'), { method: 'POST' }]])
      assert.equal((await bring(offered, bytes, other)).status, 403);
    const elsewhere = { ...offered, uploadUrl: offered.uploadUrl.replace(offered.fileId, 'a'.repeat(32)) };
    assert.equal((await bring(elsewhere, Buffer.from('hello'))).status, 403);
    assert.equal(service.faults.length, 5);
    service.faults = [];
    assert.equal((await call(offered.fileUrl)).status, 404, 'what is not there is not shown');
  });
  await t.test('it is shared when it is there', async () => {
    const ben = await socket(t, server, 'Ben', { auth: { token: tokens.bob } });
    assert.equal((await ben.ask('joinRoom', { roomId })).ok, true);
    const offered = await offer(server, { roomId, name: 'a.txt', size: 5, type: 'text/plain' }, { token: tokens.bob });
    const share = () => ben.ask('file:uploadMeta', { roomId, fileUrl: offered.fileUrl, name: 'x', size: 1 });
    has(await share(), { ok: false, error: refusal('NOT_FOUND') });
    assert.equal((await bring(offered, Buffer.from('hello'))).status, 200);
    has(await share(), { ok: true, fileMeta: { name: 'a.txt', size: 5 } });
    const asked = service.requests.filter((request) => request.startsWith('HEAD')).length;
    has(await share(), { ok: true });
    assert.equal((await call(offered.fileUrl)).status, 302);
    assert.equal(service.requests.filter((request) => request.startsWith('HEAD')).length, asked, 'it is asked once');
    const saved = await ben.ask('whiteboard:save', { roomId, dataUrl: `data:image/png;base64,${PNG.toString('base64')}` });
    has(saved, { ok: true });
    assert.deepEqual(service.faults, []);
  });
  await t.test('pages may show them, and upload there', async () => {
    const { headers } = await rest(server, 'GET', '/');
    const origin = service.endpoint;
    for (const directive of ['img-src', 'media-src', 'connect-src'])
      assert.match(headers['content-security-policy'], new RegExp(`${directive} [^;]*${origin}`));
  });
  await t.test('a room\'s files go with it', async () => {
    const { id } = await expectRest(201, server, 'POST', '/api/rooms', { body: {}, token: tokens.ada });
    const offered = await offer(server, { roomId: id, name: 'a', size: 5, type: 'text/plain' }, { token: tokens.ada });
    assert.equal((await bring(offered, Buffer.from('hello'))).status, 200);
    assert.equal((await call(offered.fileUrl)).status, 302);
    await expectRest(204, server, 'DELETE', `/api/rooms/${id}`, { token: tokens.ada });
    await eventually(async () => (await call(offered.fileUrl)).status === 404, 'it to be gone');
  });
  await t.test('a service that does not answer', async () => {
    const offered = await offer(server, { roomId, name: 'a', size: 5, type: 'text/plain' });
    assert.equal((await bring(offered, Buffer.from('hello'))).status, 200);
    service.doorman.closeAllConnections();
    service.doorman.close();
    const answer = await call(offered.fileUrl);
    assert.equal(answer.status, 500);
  });
});
