// A world for tests: time that stands still, messages on their way, operations under way. What
// happens next is drawn by lot from a seed, so every order is tried sooner or later, and each can
// be had again.
import type { Clock } from '~/lib/clock';

export const lot = (seed: number) => {
  let state = seed >>> 0;
  return (below: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
};

interface Timer {
  at: number;
  what: () => void;
}

export class World implements Clock {
  draw: (below: number) => number;
  #now = 1_700_000_000_000;
  #timers = new Set<Timer>();
  #lanes = new Map<string, (() => void)[]>();

  constructor(seed: number) {
    this.draw = lot(seed);
  }

  now = (): number => this.#now;

  after = (ms: number, what: () => void): (() => void) => {
    const timer = { at: this.#now + ms, what };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  /** What is put into one lane happens in that order. */
  put(lane: string, what: () => void): void {
    const queue = this.#lanes.get(lane) ?? [];
    queue.push(what);
    this.#lanes.set(lane, queue);
  }

  /** An operation that takes a while. */
  soon(lane: string): Promise<void> {
    return new Promise((resolve) => this.put(lane, resolve));
  }

  /** One thing that is under way happens; false if there was none. */
  async step(): Promise<boolean> {
    const lanes = [...this.#lanes].filter(([, queue]) => queue.length > 0);
    const [, queue] = lanes[lanes.length ? this.draw(lanes.length) : 0] ?? [];
    queue?.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
    return queue !== undefined;
  }

  async calm(): Promise<void> {
    for (let n = 0; await this.step(); n++) if (n > 20_000) throw new Error('it never ends');
  }

  /** Lets time pass; all that is under way is done before each timer. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await this.calm();
      const next = [...this.#timers].sort((a, b) => a.at - b.at)[0];
      if (!next || next.at > end) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.what();
    }
    this.#now = end;
    await this.calm();
  }

  get timers(): number {
    return this.#timers.size;
  }
}
