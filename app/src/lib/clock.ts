// Time, so that tests can turn it.
export interface Clock {
  now(): number;
  /** Calls `what` after `ms`, unless the function that is returned is called before. */
  after(ms: number, what: () => void): () => void;
}

export const realClock: Clock = {
  now: () => Date.now(),
  after(ms, what) {
    const timer = setTimeout(what, ms);
    return () => clearTimeout(timer);
  },
};

/** Calls `what` again and again, each time `ms` after it was done. */
export const every = (clock: Clock, ms: number, what: () => unknown): (() => void) => {
  let stopped = false;
  let cancel = () => {};
  const again = () => {
    cancel = clock.after(ms, async () => {
      await what();
      if (!stopped) again();
    });
  };
  again();
  return () => {
    stopped = true;
    cancel();
  };
};
