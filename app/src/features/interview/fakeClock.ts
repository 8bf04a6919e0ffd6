// A clock for tests: it stands still until it is moved.
import type { Clock } from '~/lib/clock';

export class FakeClock implements Clock {
  #now = 1_000_000;
  #timers = new Set<{ at: number; then: () => void }>();

  now = (): number => this.#now;

  after = (ms: number, then: () => void): (() => void) => {
    const timer = { at: this.#now + ms, then };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  /** Lets what promises have to do be done, too. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await rest();
    for (let next = this.#first(end); next; next = this.#first(end)) {
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.then();
      await rest();
    }
    this.#now = end;
  }

  #first(end: number) {
    return [...this.#timers].filter((t) => t.at <= end).sort((a, b) => a.at - b.at)[0];
  }
}

const rest = async (): Promise<void> => {
  for (let n = 0; n < 10; n++) await Promise.resolve();
};
