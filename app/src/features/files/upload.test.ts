// Uploads against a server that cuts lines, fails, and says wrong things.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type TestContext } from 'node:test';
import { codeOf, WireError } from '~/wire/errors';
import type { Send } from './send';
import {
  bringFile,
  cancelUpload,
  isGone,
  uploadFile,
  waitAWhile,
  type BringOptions,
  type Offer,
} from './upload';
import { Uploads, type UploadWays } from './uploads';

const MIB = 1024 * 1024;

/** As sendByXhr, by node's own HTTP. */
const sendByNode: Send = async ({ method, url, headers, body, signal, onSent }) => {
  const bytes = body ? Buffer.from(await body.arrayBuffer()) : Buffer.alloc(0);
  return new Promise((resolve, reject) => {
    const length = method === 'HEAD' ? {} : { 'content-length': bytes.length };
    const request = http.request(url, {
      method,
      headers: { ...headers, ...length },
      agent: false,
      ...(signal && { signal }),
    });
    request.on('error', (error) =>
      reject(error.name === 'AbortError' ? error : new WireError('OFFLINE', '')),
    );
    request.on('response', async (response) => {
      let text = '';
      for await (const piece of response) text += piece;
      const header = (name: string) => (response.headers[name.toLowerCase()] as string) ?? null;
      resolve({ status: response.statusCode ?? 0, text, header });
    });
    request.end(bytes, () => onSent?.(bytes.length));
  });
};

type Misbehave = (request: IncomingMessage, response: ServerResponse, n: number) => boolean;

/** Takes one file as the server does; `misbehave` may answer instead. */
async function serve(t: TestContext, size: number, misbehave: Misbehave = () => false) {
  let kept = Buffer.alloc(0);
  const asked: string[] = [];
  const answer = (response: ServerResponse, status: number, at = kept.length) =>
    response.writeHead(status, { 'Upload-Offset': at, 'Tus-Resumable': '1.0.0' }).end();
  const server = http.createServer(async (request, response) => {
    asked.push(`${request.method} ${request.headers['upload-offset'] ?? ''}`.trim());
    if (misbehave(request, response, asked.length)) return;
    if (request.method === 'HEAD') return void answer(response, 200);
    const isPart = request.method === 'PATCH';
    if (isPart && Number(request.headers['upload-offset']) !== kept.length)
      return void answer(response, 409);
    if (!isPart) kept = Buffer.alloc(0);
    try {
      for await (const piece of request) kept = Buffer.concat([kept, piece as Buffer]);
    } catch {
      return; // cut: what came stays
    }
    answer(response, isPart ? 204 : 201);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const bytes = randomBytes(size);
  const file = new File([bytes], 'film.mp4', { type: 'video/mp4' });
  const sha = (b: Buffer) => createHash('sha256').update(b).digest('hex');
  const offer = (method: Offer['method']): Offer => ({
    uploadUrl: `http://127.0.0.1:${port}/up?signed`,
    method,
    headers: { 'Content-Type': 'application/offset+octet-stream' },
    fileUrl: 'https://stoa.example/files/x/film.mp4',
  });
  const isWhole = () => sha(kept) === sha(bytes);
  return {
    file,
    offer,
    asked,
    isWhole,
    kept: () => kept.length,
    keep: (n: number) => (kept = bytes.subarray(0, n)),
  };
}

const fast = (more: BringOptions = {}): BringOptions => ({
  send: sendByNode,
  wait: async (_, signal) => signal?.throwIfAborted(),
  ...more,
});

/** Reads so much of a body, then breaks the line. */
const cutAfter = (request: IncomingMessage, bytes: number) => {
  let seen = 0;
  request.on('data', (piece: Buffer) => {
    seen += piece.length;
    if (seen >= bytes) request.socket.destroy();
  });
};

test('in parts', async (t) => {
  const { file, offer, asked, isWhole } = await serve(t, 20 * MIB);
  const fractions: number[] = [];
  const result = await bringFile(
    file,
    offer('PATCH'),
    fast({ onProgress: (f) => fractions.push(f) }),
  );
  assert.ok(isWhole());
  assert.deepEqual(asked, ['PATCH 0', `PATCH ${8 * MIB}`, `PATCH ${16 * MIB}`]);
  assert.deepEqual(result, {
    fileUrl: 'https://stoa.example/files/x/film.mp4',
    name: 'film.mp4',
    size: 20 * MIB,
    type: 'video/mp4',
  });
  assert.deepEqual(
    fractions,
    [...fractions].sort((a, b) => a - b),
  );
  assert.equal(fractions.at(-1), 1);
});

test('a cut line: goes on from what has arrived', async (t) => {
  const server = await serve(t, 9 * MIB, (request, _, n) => {
    if (n === 1 || n === 3) cutAfter(request, MIB);
    return false;
  });
  await bringFile(server.file, server.offer('PATCH'), fast());
  assert.ok(server.isWhole());
  assert.deepEqual(
    server.asked.map((a) => a.split(' ')[0]),
    ['PATCH', 'HEAD', 'PATCH', 'HEAD', 'PATCH', 'PATCH'].slice(0, server.asked.length),
  );
  assert.ok(server.asked.length >= 5);
});

test('server errors, and a HEAD that fails, too', async (t) => {
  const server = await serve(t, 5 * MIB, (request, response, n) => {
    if (n > 4) return false;
    request.resume();
    request.on('end', () => response.writeHead([500, 503, 502, 429][n - 1] ?? 500).end('<html>'));
    return true;
  });
  await bringFile(server.file, server.offer('PATCH'), fast());
  assert.ok(server.isWhole());
});

test('wrong offsets', async (t) => {
  for (const wrong of ['999999999999', '-5', 'many', '', '0']) {
    const server = await serve(t, 5 * MIB, (request, response, n) => {
      if (n !== 1) return false;
      request.resume();
      request.on('end', () => response.writeHead(204, { 'Upload-Offset': wrong }).end());
      return true;
    });
    await bringFile(server.file, server.offer('PATCH'), fast());
    assert.ok(server.isWhole(), wrong);
    assert.equal(server.asked[1], 'HEAD', wrong);
  }
});

test('another idea of what is there', async (t) => {
  const server = await serve(t, 5 * MIB);
  server.keep(2 * MIB);
  await bringFile(server.file, server.offer('PATCH'), fast());
  assert.ok(server.isWhole());
  assert.deepEqual(server.asked, ['PATCH 0', 'HEAD', `PATCH ${2 * MIB}`]);
});

test('a server that never gets on is given up', async (t) => {
  const server = await serve(t, 5 * MIB, (request, response) => {
    request.resume();
    request.on('end', () =>
      response.writeHead(request.method === 'HEAD' ? 200 : 204, { 'Upload-Offset': 0 }).end(),
    );
    return true;
  });
  await assert.rejects(bringFile(server.file, server.offer('PATCH'), fast()), WireError);
  assert.ok(server.asked.length < 40, `${server.asked.length}`);
});

test('errors that stay are told at once, in their words', async (t) => {
  const rows: [number, string, string][] = [
    [413, '{"error":{"code":"TOO_BIG","message":"x"}}', 'TOO_BIG'],
    [507, '{"error":{"code":"QUOTA","message":"x"}}', 'QUOTA'],
    [413, '<html>proxy</html>', 'TOO_BIG'],
    [403, '<Error/>', 'UPLOAD_FAILED'],
    [404, '', 'UPLOAD_FAILED'],
  ];
  for (const [status, text, code] of rows) {
    for (const method of ['PATCH', 'PUT'] as const) {
      const server = await serve(t, 5 * MIB, (request, response) => {
        request.resume();
        request.on('end', () => response.writeHead(status).end(text));
        return true;
      });
      const error = await bringFile(server.file, server.offer(method), fast()).catch(
        (e: unknown) => e,
      );
      assert.equal(codeOf(error), code);
      assert.equal(isGone(error), status === 403 || status === 404);
      assert.equal(server.asked.length, 1);
    }
  }
});

test('in one piece: again after a cut; an answer that was lost', async (t) => {
  const cut = await serve(t, MIB, (request, _, n) => {
    if (n === 1) cutAfter(request, 1000);
    return false;
  });
  await bringFile(cut.file, cut.offer('PUT'), fast());
  assert.ok(cut.isWhole());
  const lost = await serve(t, 10, (request, response, n) => {
    request.resume();
    request.on('end', () => (n === 1 ? request.socket.destroy() : response.writeHead(409).end()));
    return true;
  });
  await bringFile(lost.file, lost.offer('PUT'), fast());
  assert.deepEqual(lost.asked, ['PUT', 'PUT']);
  const empty = await serve(t, 0);
  await bringFile(empty.file, empty.offer('PUT'), fast());
  assert.ok(empty.isWhole());
});

test('cancelled, and gone on with later', async (t) => {
  const controller = new AbortController();
  const server = await serve(t, 9 * MIB, (_, __, n) => {
    if (n === 2) controller.abort();
    return false;
  });
  const first = bringFile(server.file, server.offer('PATCH'), fast({ signal: controller.signal }));
  await assert.rejects(first, { name: 'AbortError' });
  await bringFile(server.file, server.offer('PATCH'), { ...fast(), isBegun: true });
  assert.ok(server.isWhole());
  assert.ok(server.asked.includes('HEAD'));
  assert.equal(server.asked.filter((a) => a === 'PATCH 0').length, 1, 'nothing was sent twice');
});

test('waiting ends when one is told to stop', async () => {
  const controller = new AbortController();
  const waiting = waitAWhile(60_000, controller.signal);
  controller.abort();
  await assert.rejects(waiting, { name: 'AbortError' });
  await waitAWhile(1);
});

// ---- cancelling

const asUrl = (origin: string, id = '0123456789abcdef0123456789abcdef') =>
  `${origin}/api/files/${id}?signature=x`;

/** What is fetched while the test runs; answers come from `answer`. */
function watchFetch(t: TestContext, answer: (url: string) => Response = () => new Response(null)) {
  const asked: { url: string; init: RequestInit }[] = [];
  t.mock.method(globalThis, 'fetch', async (url: string, init: RequestInit = {}) => {
    asked.push({ url, init });
    return answer(url);
  });
  return asked;
}

test('cancelled: the server is told, even when the page is being left', (t) => {
  const asked = watchFetch(t);
  for (const method of ['PATCH', 'PUT'] as const)
    cancelUpload({ ...anOffer, method, uploadUrl: asUrl('https://stoa.example') });
  cancelUpload({ ...anOffer, uploadUrl: 'https://s3.example/bucket/0123?X-Amz-Signature=x' });
  const init = { method: 'DELETE', headers: { 'Tus-Resumable': '1.0.0' }, keepalive: true };
  const url = asUrl('https://stoa.example');
  assert.deepEqual(asked, [
    { url, init },
    { url, init },
  ]);
});

test('cancelled: nobody waits for it, nor hears that it failed', async (t) => {
  t.mock.method(globalThis, 'fetch', () => Promise.reject(new TypeError('offline')));
  cancelUpload({ ...anOffer, uploadUrl: asUrl('https://stoa.example') });
  await turn();
});

test('an upload at once that fails is cancelled; one that expired is not', async (t) => {
  for (const [status, methods] of [
    [507, ['POST', 'DELETE']],
    [404, ['POST', 'POST']],
  ] as const) {
    const uploadUrl = asUrl('https://stoa.example');
    const asked = watchFetch(t, () => Response.json({ ...anOffer, uploadUrl }));
    const send: Send = async () => ({ status, text: '', header: () => null });
    await assert.rejects(uploadFile(file('a'), { send }), { status });
    assert.deepEqual(
      asked.map(({ init }) => init.method),
      methods,
    );
  }
});

// ---- the queue

const file = (name: string, size = 10) => new File([new Uint8Array(size)], name);
const anOffer: Offer = { uploadUrl: '', method: 'PUT', headers: {}, fileUrl: '/files/1' };
const turn = () => new Promise((resolve) => setTimeout(resolve));

/** Uploads that end when told to. */
function held(share: UploadWays['share'] = async () => {}) {
  const running = new Map<string, { end: (error?: unknown) => void; isBegun: boolean }>();
  let offers = 0;
  const dropped: string[] = [];
  const uploads = new Uploads({
    share,
    drop: ({ uploadUrl }) => dropped.push(uploadUrl),
    take: () => undefined,
    offer: async ({ name }) => (offers++, { ...anOffer, uploadUrl: name }),
    bring: ({ name, size, type }, _, { signal, isBegun = false }) =>
      new Promise((resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason));
        const end = (error?: unknown) => {
          running.delete(name);
          if (error) reject(error);
          else resolve({ fileUrl: anOffer.fileUrl, name, size, type });
        };
        running.set(name, { end, isBegun });
      }),
  });
  const states = () => uploads.view.get().map((u) => `${u.file.name} ${u.state}`);
  const idOf = (name: string) => uploads.view.get().find((u) => u.file.name === name)?.id ?? '';
  return { uploads, running, states, idOf, dropped, offers: () => offers };
}

test('three at once, and shared when they are there', async () => {
  const shared: string[] = [];
  const { uploads, running, states } = held(async ({ name }) => shared.push(name));
  uploads.add(
    ['a', 'b', 'c', 'd'].map((name) => file(name)),
    'files',
  );
  await turn();
  assert.deepEqual(states(), ['a running', 'b running', 'c running', 'd waiting']);
  running.get('b')?.end();
  await turn();
  assert.deepEqual(states(), ['a running', 'c running', 'd running']);
  assert.deepEqual(shared, ['b']);
});

test('paused, gone on with, failed, tried again, cancelled', async () => {
  const { uploads, running, states, idOf, offers } = held();
  uploads.add([file('a', 5 * MIB)], 'files');
  await turn();
  uploads.pause(idOf('a'));
  await turn();
  assert.deepEqual(states(), ['a paused']);
  uploads.resume(idOf('a'));
  await turn();
  assert.equal(running.get('a')?.isBegun, true);
  assert.equal(offers(), 1, 'by the same address');
  running.get('a')?.end(new WireError('OFFLINE', ''));
  await turn();
  assert.deepEqual(states(), ['a failed']);
  uploads.resume(idOf('a'));
  await turn();
  running.get('a')?.end(new WireError('FORBIDDEN', 'expired', { status: 403 }));
  await turn();
  assert.equal(offers(), 2, 'an address that expired is replaced');
  assert.deepEqual(states(), ['a running']);
  uploads.cancel(idOf('a'));
  await turn();
  assert.deepEqual(states(), []);
});

test('who cancels gives the place among uploads back', async () => {
  const { uploads, running, states, idOf, dropped, offers } = held();
  uploads.add(
    ['a', 'b', 'c', 'd'].map((name) => file(name, 5 * MIB)),
    'files',
  );
  uploads.cancel(idOf('a'));
  assert.deepEqual(dropped, [], 'there is no address yet');
  await turn();
  assert.deepEqual(dropped, ['a'], 'it is cancelled when there is one');
  uploads.pause(idOf('b'));
  uploads.cancel(idOf('b'));
  assert.deepEqual(dropped, ['a', 'b'], 'paused');
  running.get('c')?.end(new WireError('TOO_BIG', ''));
  await turn();
  assert.deepEqual(states(), ['c failed', 'd running']);
  uploads.cancel(idOf('c'));
  assert.deepEqual(dropped, ['a', 'b', 'c'], 'failed');
  running.get('d')?.end();
  await turn();
  assert.deepEqual([states(), dropped.length, offers()], [[], 3, 4], 'what is there stays');
});

test('paused before there is an address: it is kept', async () => {
  const { uploads, running, idOf, dropped, offers } = held();
  uploads.add([file('a', 5 * MIB)], 'files');
  uploads.pause(idOf('a'));
  await turn();
  uploads.resume(idOf('a'));
  await turn();
  assert.deepEqual([offers(), dropped], [1, []]);
  assert.equal(running.get('a')?.isBegun, true);
});

test('when the room is left, all that is under way is cancelled', async () => {
  const { uploads, running, states, dropped } = held();
  uploads.add([file('a'), file('b'), file('c')], 'chat');
  await turn();
  running.get('b')?.end();
  await turn();
  uploads.leave();
  assert.deepEqual(states(), ['b done']);
  assert.deepEqual(dropped, ['a', 'c']);
  await turn();
  assert.deepEqual(dropped, ['a', 'c']);
});

test('when it is left, what waits does not begin', async () => {
  const { uploads, states, offers } = held();
  uploads.add(
    ['a', 'b', 'c', 'd', 'e'].map((name) => file(name)),
    'files',
  );
  await turn();
  uploads.leave();
  await turn();
  assert.deepEqual([states(), offers()], [[], 3]);
});

test('what cannot be shared is not uploaded again', async () => {
  let tries = 0;
  const { uploads, running, states, idOf, offers } = held(async () => {
    if (tries++ === 0) throw new WireError('OFFLINE', '');
  });
  uploads.add([file('a')], 'files');
  await turn();
  running.get('a')?.end();
  await turn();
  assert.deepEqual(states(), ['a failed']);
  uploads.resume(idOf('a'));
  await turn();
  assert.deepEqual(states(), []);
  assert.deepEqual([tries, offers()], [2, 1]);
});

test('those of the chat wait for their message', async () => {
  const { uploads, running, states } = held(() => assert.fail('not shared'));
  uploads.add([file('a'), file('b')], 'chat');
  await turn();
  running.get('a')?.end();
  await turn();
  assert.deepEqual(states(), ['a done', 'b running']);
  uploads.forgetDone();
  assert.deepEqual(states(), ['b running']);
});
