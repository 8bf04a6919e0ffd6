// Keeps what is said by somebody whose seat is not known yet, or for whom one is not ready yet.
import type { Clock } from '~/lib/clock';
import type { SignalKind } from './peer';

const KEPT_MS = 10_000;
const MOST = 64; // of one
const SENDERS = 32;

interface Kept {
  kind: SignalKind;
  what: unknown;
  at: number;
}

export class Inbox {
  #clock: Clock;
  #kept = new Map<string, Kept[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  put(from: string, kind: SignalKind, what: unknown): void {
    const at = this.#clock.now();
    const kept = (this.#kept.get(from) ?? []).filter((one) => at - one.at < KEPT_MS);
    kept.push({ kind, what, at });
    if (kept.length > MOST) kept.shift();
    this.#kept.delete(from); // so that the map is ordered by who said something last
    this.#kept.set(from, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > SENDERS && oldest !== undefined) this.#kept.delete(oldest);
  }

  empty(from: string, take: (kind: SignalKind, what: unknown) => void): void {
    const kept = this.#kept.get(from) ?? [];
    this.#kept.delete(from);
    const now = this.#clock.now();
    for (const { kind, what, at } of kept) if (now - at < KEPT_MS) take(kind, what);
  }
}
