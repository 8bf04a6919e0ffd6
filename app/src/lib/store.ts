// A value that changes as a whole, and those who look at it. React reads it with useStore().
import { useCallback, useRef, useSyncExternalStore } from 'react';

export class Store<T> {
  #value: T;
  #watchers = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get = (): T => this.#value;

  set(next: T): void {
    if (Object.is(next, this.#value)) return;
    this.#value = next;
    for (const watcher of [...this.#watchers]) watcher();
  }

  /** Replaces some members of an object. */
  patch(part: Partial<T>): void {
    this.set({ ...this.#value, ...part });
  }

  /** Calls `watcher` after each change, until the function that is returned is called. */
  watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };
}

/** What `select` makes of the store's value; renders again when that changes, by `same`. */
export function useStore<T, S>(
  store: Store<T>,
  select: (value: T) => S,
  same: (a: S, b: S) => boolean = Object.is,
): S {
  const last = useRef<{ value: S } | null>(null);
  const read = useCallback(() => {
    const next = select(store.get());
    if (!last.current || !same(last.current.value, next)) last.current = { value: next };
    return last.current.value;
  }, [store, select, same]);
  return useSyncExternalStore(store.watch, read, read);
}

/** Of arrays and plain objects: whether all members are the same. */
export function sameMembers<T extends object>(a: T, b: T): boolean {
  const keys = Object.keys(a) as (keyof T)[];
  return keys.length === Object.keys(b).length && keys.every((key) => Object.is(a[key], b[key]));
}
