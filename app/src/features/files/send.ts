// One HTTP exchange that carries a body, with news of how much has gone: what fetch cannot tell.
import { WireError } from '~/wire/errors';

export interface Sending {
  method: 'PUT' | 'PATCH' | 'HEAD';
  url: string;
  headers: Record<string, string>;
  body: Blob | null;
  signal?: AbortSignal | undefined;
  onSent?: ((bytes: number) => void) | undefined;
}

export interface Sent {
  status: number;
  text: string;
  header(name: string): string | null;
}

/** Fails with OFFLINE when the line breaks, TIMEOUT when it is silent, or what `signal` says. */
export type Send = (sending: Sending) => Promise<Sent>;

const SILENCE_MS = 30_000; // a dead line is given up after that, and tried anew

export const abortReason = (signal: AbortSignal): unknown =>
  signal.reason ?? new DOMException('Aborted', 'AbortError');

/** Headers that the browser sets by itself, and refuses to have set. */
const isForbidden = (name: string) => /^(content-length|host)$/i.test(name);

export const sendByXhr: Send = ({ method, url, headers, body, signal, onSent }) =>
  new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    let silence = 0;
    const end = () => {
      window.clearTimeout(silence);
      signal?.removeEventListener('abort', stop);
    };
    const fail = (error: unknown) => {
      end();
      reject(error);
    };
    const stop = () => {
      fail(signal ? abortReason(signal) : null);
      xhr.abort();
    };
    const listen = () => {
      window.clearTimeout(silence);
      silence = window.setTimeout(() => {
        fail(new WireError('TIMEOUT', 'The server did not answer.'));
        xhr.abort();
      }, SILENCE_MS);
    };
    if (signal?.aborted) return fail(abortReason(signal));
    xhr.open(method, url);
    for (const [name, value] of Object.entries(headers))
      if (!isForbidden(name)) xhr.setRequestHeader(name, value);
    xhr.upload.onprogress = (event) => {
      listen();
      onSent?.(event.loaded);
    };
    xhr.onload = () => {
      end();
      resolve({
        status: xhr.status,
        text: xhr.responseText,
        header: (name) => xhr.getResponseHeader(name),
      });
    };
    xhr.onerror = () => fail(new WireError('OFFLINE', 'The connection broke.'));
    signal?.addEventListener('abort', stop);
    listen();
    xhr.send(body);
  });
