// REST, on the origin of the page. An account travels in its cookie; a guest has a token, which
// lib/session.ts supplies. Whatever goes wrong is a WireError.
import { WireError } from '~/wire/errors';

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Ask {
  query?: Query | undefined;
  signal?: AbortSignal | undefined;
  anonymous?: boolean; // no guest's token: the cookie alone says who asks
}

export interface Bearer {
  find: () => Promise<string | null>;
  drop: () => void; // the server does not take it any more
}

const timeoutMs = 15_000;
let bearer: Bearer = { find: () => Promise.resolve(null), drop: () => undefined };

export function setBearer(next: Bearer): void {
  bearer = next;
}

/** For what is sent in other ways than by api: the header that says who asks. */
export async function credentials(): Promise<Record<string, string>> {
  const token = await bearer.find();
  return token ? { Authorization: `Bearer ${token}` } : {};
}

export function addressOf(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) search.set(name, String(value));
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

const retryAfterMs = (response: Response) => {
  const text = response.headers.get('Retry-After');
  const seconds = Number(text ?? 0);
  return Number.isFinite(seconds)
    ? seconds * 1000
    : Math.max(0, Date.parse(text ?? '') - Date.now());
};

/** What the server says went wrong. */
export async function refusalOf(response: Response): Promise<WireError> {
  const body = (await response.json().catch(() => null)) as {
    error?: { code?: unknown; message?: unknown };
  } | null;
  const { code, message } = body?.error ?? {};
  return new WireError(
    typeof code === 'string' ? code : response.status >= 500 ? 'INTERNAL' : 'UNEXPECTED',
    typeof message === 'string' ? message : '',
    { status: response.status, retryAfterMs: retryAfterMs(response) },
  );
}

/** Why nobody answered. ABORTED is the caller's own wish. */
export function silenceOf(error: unknown, signal?: AbortSignal): WireError {
  if (signal?.aborted) return new WireError('ABORTED', '');
  const isLate = error instanceof DOMException && error.name === 'TimeoutError';
  return new WireError(isLate ? 'TIMEOUT' : 'OFFLINE', '');
}

async function fetched(url: string, init: RequestInit, signal?: AbortSignal): Promise<Response> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    return await fetch(url, {
      ...init,
      credentials: 'same-origin',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
  } catch (error) {
    throw silenceOf(error, signal);
  }
}

async function answerOf<T>(response: Response, signal?: AbortSignal): Promise<T> {
  if (!response.ok) throw await refusalOf(response);
  if (response.status === 204) return undefined as T;
  try {
    return (await response.json()) as T;
  } catch (error) {
    if (error instanceof SyntaxError) throw new WireError('UNEXPECTED', '');
    throw silenceOf(error, signal);
  }
}

async function ask<T>(method: string, path: string, body: unknown, o: Ask = {}): Promise<T> {
  const headers: Record<string, string> = o.anonymous ? {} : await credentials();
  const url = addressOf(path, o.query);
  const init: RequestInit = { method, headers };
  if (body !== undefined) {
    headers['Content-Type'] = 'application/json';
    init.body = JSON.stringify(body);
  }
  const response = await fetched(url, init, o.signal);
  if (response.status !== 401 || !headers['Authorization']) return answerOf<T>(response, o.signal);
  bearer.drop();
  delete headers['Authorization'];
  return answerOf<T>(await fetched(url, init, o.signal), o.signal);
}

export const api = {
  get: <T>(path: string, options?: Ask) => ask<T>('GET', path, undefined, options),
  post: <T>(path: string, body?: unknown, options?: Ask) => ask<T>('POST', path, body, options),
  put: <T>(path: string, body?: unknown, options?: Ask) => ask<T>('PUT', path, body, options),
  patch: <T>(path: string, body?: unknown, options?: Ask) => ask<T>('PATCH', path, body, options),
  delete: <T = void>(path: string, body?: unknown, options?: Ask) =>
    ask<T>('DELETE', path, body, options),
};
