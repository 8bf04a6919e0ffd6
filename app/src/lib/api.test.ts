import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { WireError } from '~/wire/errors';

import { addressOf, api, setBearer } from './api';

interface Call {
  url: string;
  init: RequestInit;
}
let calls: Call[] = [];
let answers: (Response | Error)[] = [];
let token: string | null = null;

globalThis.fetch = (url, init = {}) => {
  calls.push({ url: String(url), init: { ...init, headers: { ...init.headers } } });
  const answer = answers.shift() ?? new Response(null, { status: 204 });
  return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
};
setBearer({ find: () => Promise.resolve(token), drop: () => (token = null) });

const said = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers });
const headerOf = (call: Call | undefined) => call?.init.headers as Record<string, string>;
const failure = (promise: Promise<unknown>): Promise<WireError> =>
  promise.then(
    () => assert.fail('it should have failed'),
    (error: unknown) => {
      assert.ok(error instanceof WireError);
      return error;
    },
  );

beforeEach(() => {
  calls = [];
  answers = [];
  token = null;
});

test('addresses', () => {
  assert.equal(addressOf('/api/rooms'), '/api/rooms');
  assert.equal(
    addressOf('/api/rooms', { q: 'a b&c', page: 2, no: undefined }),
    '/api/rooms?q=a+b%26c&page=2',
  );
});

test('what is asked and answered', async () => {
  answers = [said(201, { id: 'r' })];
  assert.deepEqual(await api.post('/api/rooms', { title: 'x' }), { id: 'r' });
  assert.equal(calls[0]?.init.body, '{"title":"x"}');
  assert.equal(headerOf(calls[0])['Content-Type'], 'application/json');
  assert.equal(headerOf(calls[0])['Authorization'], undefined);
  assert.equal(await api.delete('/api/rooms/r'), undefined);
});

test('what the server says went wrong', async () => {
  const body = { error: { code: 'RATE_LIMITED', message: 'Too many requests; wait a moment.' } };
  answers = [said(429, body, { 'Retry-After': '3' }), new Response('<h1>', { status: 502 })];
  const limited = await failure(api.get('/api/rooms'));
  assert.deepEqual(
    [limited.code, limited.status, limited.retryAfterMs],
    ['RATE_LIMITED', 429, 3000],
  );
  assert.equal((await failure(api.get('/api/rooms'))).code, 'INTERNAL');
});

test('nobody answers', async () => {
  answers = [new TypeError('fetch failed'), new DOMException('late', 'TimeoutError')];
  assert.equal((await failure(api.get('/api/rooms'))).code, 'OFFLINE');
  assert.equal((await failure(api.get('/api/rooms'))).code, 'TIMEOUT');
  answers = [new DOMException('gone', 'AbortError')];
  assert.equal((await failure(api.get('/', { signal: AbortSignal.abort() }))).code, 'ABORTED');
  answers = [new Response('<h1>', { status: 200 })];
  assert.equal((await failure(api.get('/api/rooms'))).code, 'UNEXPECTED');
});

test('a guest shows a token, until it is not taken any more', async () => {
  token = 'old';
  answers = [said(401, { error: { code: 'UNAUTHORIZED', message: '' } }), said(200, { rooms: [] })];
  assert.deepEqual(await api.get('/api/rooms'), { rooms: [] });
  assert.equal(headerOf(calls[0])['Authorization'], 'Bearer old');
  assert.equal(headerOf(calls[1])['Authorization'], undefined);
  assert.equal(token, null);
});

test('anonymous asks show none', async () => {
  token = 'old';
  await api.get('/api/auth/me', { anonymous: true });
  assert.equal(headerOf(calls[0])['Authorization'], undefined);
});
