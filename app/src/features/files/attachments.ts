// What others attach or share is any JSON whatever: this takes what can be shown, and drops the
// rest.
import { safeName } from './names';

/** A file as the page shows it. */
export interface SharedLike {
  url: string;
  name: string; // such as may be shown and saved by
  size?: number;
  type?: string;
}

/** The last part of the address, as people would write it. */
function nameIn(url: string): string {
  const last = url.split(/[?#]/)[0]?.split('/').pop() ?? '';
  try {
    return decodeURIComponent(last) || url;
  } catch {
    return last;
  }
}

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.trim() !== '';

const isSize = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;

/** null: there is no address in it, so nothing to show. */
export function attachmentOf(raw: unknown): SharedLike | null {
  if (isText(raw)) return { url: raw, name: safeName(nameIn(raw)) };
  if (typeof raw !== 'object' || raw === null) return null;
  const { url: first, fileUrl, name, size, type } = raw as Record<string, unknown>;
  const url = first ?? fileUrl;
  if (!isText(url)) return null;
  return {
    url,
    name: safeName(isText(name) ? name : nameIn(url)),
    ...(isSize(size) && { size }),
    ...(isText(type) && { type }),
  };
}

/** Those of a message that can be shown. */
export const attachmentsOf = (raw: unknown): SharedLike[] =>
  Array.isArray(raw) ? raw.map(attachmentOf).filter((file) => file !== null) : [];

/** A file of the Files panel: who shared it, and when, where that is known. */
export interface SharedEntry {
  key: string;
  file: SharedLike;
  userName: string;
  timestamp: number | null;
}

const LAST_MOMENT = 8.64e15; // that dates can tell

export function sharedOf(raw: unknown): SharedEntry | null {
  const file = attachmentOf(raw);
  if (!file || typeof raw === 'string') return null;
  const { id, userName, timestamp } = raw as Record<string, unknown>;
  const isMoment = isSize(timestamp) && timestamp <= LAST_MOMENT;
  return {
    key: isText(id) ? id : file.url,
    file,
    userName: isText(userName) ? userName : '',
    timestamp: isMoment ? timestamp : null,
  };
}
