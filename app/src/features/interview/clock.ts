// Time as an argument, so that what waits can be tested without waiting.
export interface Clock {
  now(): number;
  /** Calls `then` once after `ms`, unless the function that is returned is called before. */
  after(ms: number, then: () => void): () => void;
}

export const realClock: Clock = {
  now: () => Date.now(),
  after: (ms, then) => {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
};
