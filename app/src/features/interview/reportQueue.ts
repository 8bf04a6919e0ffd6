// Reports on their way to the server: one after the other, in order; kept while the line is lost,
// and over a reload of the page.
import type { ReportKind } from '~/wire/types';
import type { Clock } from './clock';
import { retryAfter } from './patience';

/** Of so many only the newest are kept. */
export const QUEUE_MAX = 200;

export interface QueueNeeds {
  send(kind: ReportKind): Promise<unknown>;
  keep(kinds: readonly ReportKind[]): void;
  clock: Clock;
}

export class ReportQueue {
  #needs: QueueNeeds;
  #kinds: ReportKind[];
  #up = false;
  #sending: symbol | null = null;
  #sleep: (() => void) | null = null;
  #ended = false;

  constructor(needs: QueueNeeds, kept: readonly ReportKind[] = []) {
    this.#needs = needs;
    this.#kinds = kept.slice(-QUEUE_MAX);
  }

  get kinds(): readonly ReportKind[] {
    return this.#kinds;
  }

  push(kinds: readonly ReportKind[]): void {
    if (this.#ended || kinds.length === 0) return;
    this.#kinds.push(...kinds);
    this.#kept();
    this.#pump();
  }

  line(up: boolean): void {
    this.#up = up;
    this.#wake();
    if (!up) this.#sending = null; // whatever was under way is sent again
    this.#pump();
  }

  /** The interview is over: nothing more is said. */
  end(): void {
    this.#ended = true;
    this.#kinds = [];
    this.#wake();
    this.#kept();
  }

  close(): void {
    this.#ended = true;
    this.#wake();
  }

  #kept(): void {
    this.#kinds.splice(0, this.#kinds.length - QUEUE_MAX);
    this.#needs.keep(this.#kinds);
  }

  #wake(): void {
    this.#sleep?.();
    this.#sleep = null;
  }

  #pump(): void {
    const kind = this.#kinds[0];
    if (!this.#up || this.#ended || this.#sending || this.#sleep || !kind) return;
    const sending = Symbol(kind);
    this.#sending = sending;
    this.#needs.send(kind).then(
      () => this.#sent(sending, null),
      (error: unknown) => this.#sent(sending, retryAfter(error)),
    );
  }

  #sent(sending: symbol, waitMs: number | null): void {
    if (this.#sending !== sending) return;
    this.#sending = null;
    if (this.#ended) return;
    if (waitMs === null) {
      this.#kinds.shift();
      this.#kept();
    } else {
      this.#sleep = this.#needs.clock.after(waitMs, () => {
        this.#sleep = null;
        this.#pump();
      });
    }
    this.#pump();
  }
}
