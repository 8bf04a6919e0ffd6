// Reports on their way to the server: one after the other, in order; kept while the line is lost,
// and over a reload of the page. Each has an id: one whose answer was lost may be sent again.
import { newId } from '~/lib/ids';
import type { Report, ReportKind } from '~/wire/types';
import type { Clock } from '~/lib/clock';
import { retryAfter } from './patience';

/** Of so many only the newest are kept. */
export const QUEUE_MAX = 200;

export interface QueueNeeds {
  send(report: Report): Promise<unknown>;
  keep(reports: readonly Report[]): void;
  clock: Clock;
}

export class ReportQueue {
  #needs: QueueNeeds;
  #reports: Report[];
  #up = false;
  #sending: symbol | null = null;
  #sleep: (() => void) | null = null;
  #ended = false;

  constructor(needs: QueueNeeds, kept: readonly Report[] = []) {
    this.#needs = needs;
    this.#reports = kept.slice(-QUEUE_MAX);
  }

  get reports(): readonly Report[] {
    return this.#reports;
  }

  push(kinds: readonly ReportKind[]): void {
    if (this.#ended || kinds.length === 0) return;
    this.#reports.push(...kinds.map((kind) => ({ id: newId(), kind })));
    this.#kept();
    this.#pump();
  }

  line(up: boolean): void {
    if (up === this.#up) return; // or a wait that the server asks for would be cut short
    this.#up = up;
    this.#wake();
    if (!up) this.#sending = null; // whatever was under way is sent again
    this.#pump();
  }

  /** The interview is over: nothing more is said. */
  end(): void {
    this.#ended = true;
    this.#reports = [];
    this.#wake();
    this.#kept();
  }

  close(): void {
    this.#ended = true;
    this.#wake();
  }

  #kept(): void {
    this.#reports = this.#reports.slice(-QUEUE_MAX);
    this.#needs.keep(this.#reports);
  }

  #wake(): void {
    this.#sleep?.();
    this.#sleep = null;
  }

  #pump(): void {
    const report = this.#reports[0];
    if (!this.#up || this.#ended || this.#sending || this.#sleep || !report) return;
    const sending = Symbol(report.kind);
    this.#sending = sending;
    this.#needs.send(report).then(
      () => this.#sent(sending, report, null),
      (error: unknown) => this.#sent(sending, report, retryAfter(error)),
    );
  }

  #sent(sending: symbol, report: Report, waitMs: number | null): void {
    if (this.#sending !== sending) return;
    this.#sending = null;
    if (waitMs === null) {
      this.#reports = this.#reports.filter((other) => other !== report);
      this.#kept(); // after close(), too: it need not be said again
    }
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
