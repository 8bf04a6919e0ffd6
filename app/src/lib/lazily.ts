// Parts of the app that are loaded when they are shown. The server may be away just then, and a
// part that failed to load would take the whole page with it: so it is asked for again and again.
import { lazy, type ComponentType, type LazyExoticComponent } from 'react';

const TRIES = 40;
const FIRST_MS = 250;
const MOST_MS = 4000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What `load` gives, once it does. */
export async function persistently<T>(load: () => Promise<T>, wait = pause): Promise<T> {
  for (let n = 1; ; n++) {
    try {
      return await load();
    } catch (error) {
      if (n >= TRIES) throw error;
      await wait(Math.min(FIRST_MS * 2 ** n, MOST_MS));
    }
  }
}

/** A component of a file of its own. */
export const lazily = <P extends object>(
  load: () => Promise<ComponentType<P>>,
): LazyExoticComponent<ComponentType<P>> =>
  lazy(async () => ({ default: await persistently(load) }));
