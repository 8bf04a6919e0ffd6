// Brings a file to the server: asks for an address, then sends the bytes there. Small files go in
// one piece; larger ones in parts (tus 1.0), so that what has arrived need not be sent again after
// a lost connection or a pause: the server is asked how much it has, and the rest follows. Where
// files are kept by an S3 service, the address leads there, and all go in one piece. An upload that
// nobody goes on with is cancelled there: one person may have only a few of them under way.
import { api } from '~/lib/api';
import { WireError } from '~/wire/errors';
import { safeName, typeOf } from './names';
import { abortReason, sendByXhr, type Send, type Sent } from './send';

export const WHOLE_MAX_BYTES = 4 * 1024 * 1024; // more than that comes in parts
const PART_BYTES = 8 * 1024 * 1024; // proxies often take no more than that at a time
const TRIES = 8; // in a row, without a byte of progress
const WAIT_MAX_MS = 15_000;

export interface Uploaded {
  fileUrl: string;
  name: string;
  size: number;
  type: string;
}

/** An address for one upload. */
export interface Offer {
  uploadUrl: string;
  method: 'PUT' | 'PATCH';
  headers: Record<string, string>;
  fileUrl: string;
  expiresAt?: string; // ISO 8601
}

export interface OfferOptions {
  roomId?: string | undefined;
  use?: 'shared' | 'board' | 'avatar';
  signal?: AbortSignal | undefined;
}

export interface BringOptions {
  onProgress?: ((fraction: number) => void) | undefined;
  signal?: AbortSignal | undefined;
  send?: Send; // tests send otherwise
  wait?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

export const isInParts = (file: { size: number }): boolean => file.size > WHOLE_MAX_BYTES;

// ---- the address

/** Folders can be dropped, and look like files until they are read. */
async function mustBeReadable(file: File): Promise<void> {
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch {
    throw new WireError('UNREADABLE', 'This file cannot be read.');
  }
}

export async function offerUpload(file: File, options: OfferOptions): Promise<Offer> {
  await mustBeReadable(file);
  options.signal?.throwIfAborted();
  return api.post<Offer>('/api/upload-url', {
    ...(options.roomId !== undefined && { roomId: options.roomId }),
    ...(options.use && { use: options.use }),
    name: safeName(file.name),
    size: file.size,
    type: typeOf(file),
    resumable: isInParts(file),
  });
}

/** Whether the address leads to the server itself: an S3 service is not told. */
const isOurs = ({ uploadUrl }: Offer) => /\/api\/files\/[0-9a-f]{32}\?/.test(uploadUrl);

/** Removes what came of an upload, and that it counts. Goes on when the page is left. */
export function cancelUpload(offer: Offer): void {
  if (!isOurs(offer)) return;
  const headers = { 'Tus-Resumable': '1.0.0' };
  fetch(offer.uploadUrl, { method: 'DELETE', headers, keepalive: true }).catch(() => undefined);
}

// ---- what goes wrong

function wordsOf(text: string): { code?: string; message?: string } {
  try {
    const { error } = JSON.parse(text) as { error?: { code?: string; message?: string } };
    return error ?? {};
  } catch {
    return {}; // a proxy's page, or the XML of a service
  }
}

function errorOf({ status, text, header }: Sent): WireError {
  const { code, message } = wordsOf(text);
  const usual = status === 413 ? 'TOO_BIG' : 'UPLOAD_FAILED';
  const seconds = Number(header('Retry-After'));
  return new WireError(code ?? usual, message ?? 'The file could not be uploaded.', {
    status,
    retryAfterMs: seconds > 0 ? seconds * 1000 : 0,
  });
}

/** Whether it may go well when tried anew. 409: the server has another idea of what is there. */
function isPassing(error: unknown): error is WireError {
  if (!(error instanceof WireError)) return false;
  const { status } = error;
  if (status === 0) return error.code === 'OFFLINE' || error.code === 'TIMEOUT';
  return [408, 409, 425, 429].includes(status) || (status >= 500 && status !== 507);
}

/** Whether another address is needed: this one expired, or what came by it was removed. */
export const isGone = (error: unknown): boolean =>
  error instanceof WireError && [403, 404, 410].includes(error.status);

/** Ends early when the browser is back online. */
export const waitAWhile = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      globalThis.removeEventListener?.('online', go);
      signal?.removeEventListener('abort', stop);
    };
    const go = () => {
      end();
      resolve();
    };
    const stop = () => {
      end();
      reject(signal && abortReason(signal));
    };
    const timer = setTimeout(go, ms);
    if (signal?.aborted) return stop();
    globalThis.addEventListener?.('online', go);
    signal?.addEventListener('abort', stop);
  });

/** Counts what fails in a row, and waits longer each time. */
class Patience {
  #tries = 0;
  readonly #options: BringOptions;

  constructor(options: BringOptions) {
    this.#options = options;
  }

  reset(): void {
    this.#tries = 0;
  }

  /** Throws the error if there is no hope. */
  async afterError(error: unknown): Promise<void> {
    const { signal, wait = waitAWhile } = this.#options;
    if (signal?.aborted) throw abortReason(signal);
    if (!isPassing(error) || ++this.#tries >= TRIES) throw error;
    const growing = Math.min(250 * 2 ** this.#tries, WAIT_MAX_MS) * (0.75 + Math.random() / 2);
    await wait(Math.max(growing, error.retryAfterMs), signal);
  }
}

// ---- the bytes

/** The last of two tries may find the file complete: then it was the answer that got lost. */
async function bringWhole(file: File, offer: Offer, options: BringOptions): Promise<void> {
  const { send = sendByXhr, onProgress, signal } = options;
  const patience = new Patience(options);
  for (let isFirst = true; ; isFirst = false) {
    try {
      const answer = await send({
        method: 'PUT',
        url: offer.uploadUrl,
        headers: offer.headers,
        body: file,
        signal,
        onSent: (bytes) => onProgress?.(Math.min(1, bytes / Math.max(1, file.size))),
      });
      if (answer.status < 300 || (answer.status === 409 && !isFirst)) return;
      throw errorOf(answer);
    } catch (error) {
      await patience.afterError(error);
    }
  }
}

const offsetOf = ({ header }: Sent, size: number): number | null => {
  const text = header('Upload-Offset') ?? '';
  const offset = /^\d+$/.test(text) ? Number(text) : NaN;
  return offset <= size ? offset : null;
};

/** A file that comes in parts. */
class Parts {
  readonly #file: File;
  readonly #offer: Offer;
  readonly #options: BringOptions;
  readonly #send: Send;

  constructor(file: File, offer: Offer, options: BringOptions) {
    this.#file = file;
    this.#offer = offer;
    this.#options = options;
    this.#send = options.send ?? sendByXhr;
  }

  /** How much is there; `at` null: the server is asked. */
  async bring(at: number | null): Promise<void> {
    const patience = new Patience(this.#options);
    let most = 0;
    while (at !== this.#file.size) {
      try {
        at = at === null ? await this.#ask() : await this.#bringPart(at);
        if (at === null) throw new WireError('UPLOAD_FAILED', 'Odd answer.', { status: 502 });
        if (at > most) patience.reset();
        most = Math.max(most, at);
        this.#progress(at);
      } catch (error) {
        await patience.afterError(error);
        at = null;
      }
    }
  }

  #progress(bytes: number): void {
    this.#options.onProgress?.(Math.min(1, bytes / this.#file.size));
  }

  async #ask(): Promise<number | null> {
    const answer = await this.#send({
      method: 'HEAD',
      url: this.#offer.uploadUrl,
      headers: { 'Tus-Resumable': '1.0.0' },
      body: null,
      signal: this.#options.signal,
    });
    if (answer.status >= 300) throw errorOf(answer);
    return offsetOf(answer, this.#file.size);
  }

  async #bringPart(at: number): Promise<number | null> {
    const answer = await this.#send({
      method: 'PATCH',
      url: this.#offer.uploadUrl,
      headers: { ...this.#offer.headers, 'Upload-Offset': `${at}` },
      body: this.#file.slice(at, at + PART_BYTES),
      signal: this.#options.signal,
      onSent: (bytes) => this.#progress(at + bytes),
    });
    if (answer.status >= 300) throw errorOf(answer);
    const now = offsetOf(answer, this.#file.size);
    return now !== null && now > at ? now : null;
  }
}

/** Begins, or goes on with what was interrupted. */
export async function bringFile(
  file: File,
  offer: Offer,
  options: BringOptions & { isBegun?: boolean },
): Promise<Uploaded> {
  if (offer.method === 'PATCH')
    await new Parts(file, offer, options).bring(options.isBegun ? null : 0);
  else await bringWhole(file, offer, options);
  options.onProgress?.(1);
  return { fileUrl: offer.fileUrl, name: safeName(file.name), size: file.size, type: typeOf(file) };
}

/** The whole way of a file that is uploaded at once, and not paused. */
export async function uploadFile(
  file: File,
  options: OfferOptions & BringOptions,
): Promise<Uploaded> {
  const offer = await offerUpload(file, options);
  try {
    return await bringFile(file, offer, options);
  } catch (error) {
    if (isGone(error)) return bringFile(file, await offerUpload(file, options), options);
    cancelUpload(offer);
    throw error;
  }
}
