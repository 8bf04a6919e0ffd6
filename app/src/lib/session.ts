// Who we are here: somebody with an account (the cookie says so), or a guest, whom a token kept
// from an earlier room makes the same person again. And what this server offers.
import { codeOf, WireError } from '~/wire/errors';

import { api, setBearer } from './api';
import { forget, keep, recall } from './storage';
import { Store, useStore } from './store';

export interface Account {
  id: string;
  name: string;
  email: string;
  avatarUrl: string | null;
  admin?: boolean;
}

export type Session =
  { state: 'unknown' } | { state: 'guest'; name: string } | { state: 'account'; user: Account };

export interface About {
  name: string;
  version: string;
  authMode: 'open' | 'optional' | 'required';
  signup: boolean;
  meshLimit: number;
  maxFileBytes: number;
  resumableUploads: boolean;
  filesUrl: string | null; // an origin of their own; null: this page's
}

/** As REST tells of people. */
export interface WireUser {
  id: string;
  name: string;
  email?: string;
  avatarUrl: string | null;
  role?: string;
  guest: boolean;
}

export const session = new Store<Session>({ state: 'unknown' });
export const useSession = (): Session => useStore(session, (now) => now);

const asGuest = (): Session => ({ state: 'guest', name: recall('name', '') });

export function sessionOf(user: WireUser): Session {
  if (user.guest) return { state: 'guest', name: user.name };
  const { id, name, email = '', avatarUrl } = user;
  return { state: 'account', user: { id, name, email, avatarUrl, admin: user.role === 'admin' } };
}

/** After a change of the account, whose answer tells it anew. */
export const takeUser = (user: WireUser): void => session.set(sessionOf(user));

/** A guest's name, for the next door. */
export function setGuestName(name: string): void {
  keep('name', name);
  if (session.get().state === 'guest') session.set(asGuest());
}

// ---- asking who we are

const firstRetryMs = 2000;
const lastRetryMs = 30_000;
let asking: Promise<void> | null = null;
let retryMs = firstRetryMs;

async function findOut(): Promise<void> {
  try {
    const { user } = await api.get<{ user: WireUser }>('/api/auth/me', { anonymous: true });
    takeUser(user);
    retryMs = firstRetryMs;
  } catch (error) {
    if (error instanceof WireError && error.status === 401) session.set(asGuest());
    else if (session.get().state === 'unknown') askLater(error);
  }
}

function askLater(error: unknown): void {
  const wished = error instanceof WireError ? error.retryAfterMs : 0;
  setTimeout(() => void refreshSession(), Math.max(wished, retryMs));
  retryMs = Math.min(2 * retryMs, lastRetryMs);
}

/** Never fails: without an answer, who we are stays unknown, and it is asked again. */
export function refreshSession(): Promise<void> {
  asking ??= findOut().finally(() => {
    asking = null;
  });
  return asking;
}

setBearer({
  find: async () => {
    const token = recall<string | null>('guestToken', null);
    if (token && session.get().state === 'unknown') await refreshSession();
    return session.get().state === 'guest' ? token : null;
  },
  drop: () => forget('guestToken'),
});

// ---- coming and going

type Welcome = { user: WireUser };

export async function logIn(email: string, password: string): Promise<void> {
  const login = { email, password };
  takeUser((await api.post<Welcome>('/api/auth/login', login, { anonymous: true })).user);
}

export async function signUp(name: string, email: string, password: string): Promise<void> {
  const wish = { name, email, password };
  takeUser((await api.post<Welcome>('/api/auth/signup', wish, { anonymous: true })).user);
}

export async function logOut(): Promise<void> {
  try {
    await api.post('/api/auth/logout', undefined, { anonymous: true });
  } catch (error) {
    if (codeOf(error) !== 'UNAUTHORIZED') throw error;
  }
  session.set(asGuest());
}

// ---- the server

let asked: Promise<About> | null = null;
let files: string | null = null;

/** What this server offers; asked once. */
export function about(): Promise<About> {
  asked ??= api.get<About>('/api/about', { anonymous: true }).then(
    (told) => {
      files = told.filesUrl;
      return told;
    },
    (error: unknown) => {
      asked = null;
      throw error;
    },
  );
  return asked;
}

/** Where files are, if not here; known to whoever was told about(). */
export const filesUrl = (): string | null => files;
