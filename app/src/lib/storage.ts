// What the browser keeps for us, as JSON under `stoa.`. Where it keeps nothing (a private window,
// no space, forbidden) it is forgotten with the page, and nobody is bothered.
import { useCallback } from 'react';

import { Store, useStore } from './store';

const prefix = 'stoa.';
const stores = new Map<string, Store<unknown>>();

const read = (key: string): unknown => {
  try {
    const text = localStorage.getItem(prefix + key);
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
};

const write = (key: string, value: unknown) => {
  try {
    if (value === undefined) localStorage.removeItem(prefix + key);
    else localStorage.setItem(prefix + key, JSON.stringify(value));
  } catch {
    // it stays in `stores`
  }
};

const storeOf = (key: string): Store<unknown> => {
  const known = stores.get(key);
  if (known) return known;
  const store = new Store(read(key));
  stores.set(key, store);
  return store;
};

export const recall = <T>(key: string, fallback: T): T => (storeOf(key).get() ?? fallback) as T;

export function keep(key: string, value: unknown): void {
  write(key, value);
  storeOf(key).set(value);
}

export const forget = (key: string): void => keep(key, undefined);

/** Like useState, but kept; the same everywhere on the page and in other tabs. */
export function usePersistent<T>(key: string, fallback: T): [T, (value: T) => void] {
  const value = useStore(storeOf(key), (kept) => (kept ?? fallback) as T);
  const set = useCallback((next: T) => keep(key, next), [key]);
  return [value, set];
}

globalThis.addEventListener?.('storage', (event: StorageEvent) => {
  if (event.key?.startsWith(prefix)) {
    const key = event.key.slice(prefix.length);
    stores.get(key)?.set(read(key));
  }
});
