// Reports on their way to the server: one after the other, in order; kept while the line is lost,
// and over a reload of the page.
import type { ReportKind } from '~/wire/types';
import type { Clock } from '~/lib/clock';
import { retryAfter } from './patience';

/** Of so many only the newest are kept. */
export const QUEUE_MAX = 200;

export interface QueueNeeds {
  send(kind: ReportKind): Promise<unknown>;
  /** How many of the kind the server has counted; it says so whenever the line is back. */
  counted(kind: ReportKind): number | null;
  keep(kinds: readonly ReportKind[]): void;
  clock: Clock;
}

export class ReportQueue {
  #needs: QueueNeeds;
  #kinds: ReportKind[];
  #up = false;
  #sending: symbol | null = null;
  #before: number | null = null; // what was counted when the first was sent, if it is unanswered
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
    if (up === this.#up) return; // or a wait that the server asks for would be cut short
    this.#up = up;
    this.#wake();
    if (!up)
      this.#sending = null; // whatever was under way is sent again, if it is not counted
    else if (this.#isCounted()) this.#shift();
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
    const tooMany = this.#kinds.length - QUEUE_MAX;
    if (tooMany > 0) {
      this.#kinds.splice(0, tooMany);
      this.#before = null; // the first is another one now
    }
    this.#needs.keep(this.#kinds);
  }

  #wake(): void {
    this.#sleep?.();
    this.#sleep = null;
  }

  /** Whether the first, whose answer was lost, has arrived all the same. */
  #isCounted(): boolean {
    const kind = this.#kinds[0];
    if (!kind || this.#before === null || this.#sending || this.#ended) return false;
    return (this.#needs.counted(kind) ?? 0) > this.#before;
  }

  #shift(): void {
    this.#before = null;
    this.#kinds.shift();
    this.#kept();
  }

  #pump(): void {
    const kind = this.#kinds[0];
    if (!this.#up || this.#ended || this.#sending || this.#sleep || !kind) return;
    const sending = Symbol(kind);
    this.#sending = sending;
    this.#before ??= this.#needs.counted(kind); // of the first try, as each may have arrived
    this.#needs.send(kind).then(
      () => this.#sent(sending, null),
      (error: unknown) => this.#sent(sending, retryAfter(error)),
    );
  }

  #sent(sending: symbol, waitMs: number | null): void {
    if (this.#sending !== sending) return;
    this.#sending = null;
    if (waitMs === null) this.#shift(); // after close(), too: it must not be said again
    if (this.#ended) return;
    if (waitMs !== null) {
      this.#sleep = this.#needs.clock.after(waitMs, () => {
        this.#sleep = null;
        this.#pump();
      });
    }
    this.#pump();
  }
}
