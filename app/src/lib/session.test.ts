import assert from 'node:assert/strict';
import { test } from 'node:test';

import { api } from './api';
import { logOut, refreshSession, session, sessionOf } from './session';
import { keep, recall } from './storage';

const ada = {
  id: 'u_1',
  name: 'Ada',
  email: 'ada@example.org',
  avatarUrl: null,
  role: 'admin',
  guest: false,
};

let isLoggedIn = false;
const asked: string[] = [];
globalThis.fetch = (url, init = {}) => {
  const { Authorization: by = '' } = init.headers as Record<string, string>;
  asked.push(`${String(url)} ${by}`.trim());
  if (url === '/api/auth/logout') return Promise.resolve(new Response(null, { status: 204 }));
  const body = isLoggedIn ? { user: ada } : { error: { code: 'UNAUTHORIZED', message: '' } };
  return Promise.resolve(new Response(JSON.stringify(body), { status: isLoggedIn ? 200 : 401 }));
};

test('who we are', () => {
  const account = {
    id: 'u_1',
    name: 'Ada',
    email: 'ada@example.org',
    avatarUrl: null,
    admin: true,
  };
  assert.deepEqual(sessionOf(ada), { state: 'account', user: account });
  assert.deepEqual(sessionOf({ ...ada, guest: true }), { state: 'guest', name: 'Ada' });
});

test('a guest is known by a token, somebody with an account is not', async () => {
  keep('guestToken', 'token');
  keep('name', 'Grace');
  await api.get('/api/rooms').catch(() => undefined);
  assert.deepEqual(session.get(), { state: 'guest', name: 'Grace' });
  assert.deepEqual(asked, ['/api/auth/me', '/api/rooms Bearer token', '/api/rooms']);
  assert.equal(recall('guestToken', null), null); // it was refused

  asked.length = 0;
  isLoggedIn = true;
  keep('guestToken', 'token');
  await refreshSession();
  await api.get('/api/rooms');
  assert.deepEqual(asked, ['/api/auth/me', '/api/rooms']);
});

test('whoever logs out is a guest again', async () => {
  await logOut();
  assert.deepEqual(session.get(), { state: 'guest', name: 'Grace' });
});
