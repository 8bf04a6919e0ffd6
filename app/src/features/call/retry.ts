// What becomes of a connection between two browsers, and when to try again.
//
//      new -> connecting -> connected <-> retrying -> failed
//
// Lost for 4 s, or said to have failed: after 1, 2, 4, 8, 8, 8 s ICE is restarted twice, then all
// is built anew, and the same once more; then it is given up. A try counts only if the other side
// took part in it: while signals cannot travel nothing is known of the connection, and what was
// said is said again. The polite side leaves all that to the other one, and steps in later.
import type { Clock } from '~/lib/clock';
import type { PeerState } from './types';

/** offer: say what is to be said, once more. */
export type Act = 'offer' | 'restart' | 'rebuild';

export const TRIES = 6;
const GRACE_MS = 4000; // ICE often mends itself
const POLITE_MS = 5000; // how long the polite side leaves it to the other
const SILENT_MS = 5000; // until an offer that nobody answered is said again
const AGAIN_MS = 8000; // the same, while all is well
const HOPE_MS = 20_000; // the same, to somebody who was never heard and is given up
const PATIENCE_MS = 12_000; // from an answer to being connected

const backoff = (tries: number) => 1000 * Math.min(8, 2 ** (tries - 1));

interface Options {
  clock: Clock;
  polite: boolean;
  /** Whether an offer was said that nobody has answered. */
  isPending(): boolean;
  act(what: Act): void;
  changed(): void;
}

export class Retry {
  state: PeerState = 'new';
  #options: Options;
  #cancel = () => {}; // of the one timer
  #tries = 0; // since it was connected
  #silent = 0; // offers in a row that nobody answered
  #answered = false; // the other side takes part in the present try
  #heardEver = false;
  #isPausing = false; // before the next try
  #isShaky = false; // connected, but for how long?

  constructor(options: Options) {
    this.#options = options;
  }

  start(): void {
    this.#become('connecting');
    this.#await(false);
  }

  /** An offer or an answer came and was used. */
  heard(): void {
    this.#silent = 0;
    this.#answered = true;
    // It gave up, and the other side has not: one more try, but no endless game of two.
    if (this.state === 'failed') {
      this.#tries = this.#heardEver ? TRIES : 0;
      this.#become('retrying');
    }
    this.#heardEver = true;
    if (this.state !== 'connected') this.#await(true);
  }

  /** Something was offered, which also happens while all is well. */
  offered(): void {
    if (this.state !== 'connected' || this.#isShaky) return;
    this.#after(AGAIN_MS, () => {
      if (this.#options.isPending()) this.#options.act('offer');
    });
  }

  /** What the RTCPeerConnection says of itself. */
  link(state: RTCPeerConnectionState): void {
    if (state === 'connected') this.#connected();
    else if (state === 'disconnected') this.#shaky();
    else if (state === 'failed') this.#lost();
  }

  /** Negotiating itself went wrong: restarting would not help. */
  broke(): void {
    // However often it goes wrong meanwhile, the next try comes in its time.
    if (this.state === 'failed' || this.#isPausing) return;
    this.#tries += (3 - ((this.#tries + 1) % 3)) % 3;
    this.#next();
  }

  /** All was built anew because the other side did so: it is its try. */
  rebuilt(): void {
    this.#answered = false;
    if (this.state === 'connected') this.#become('retrying');
    if (this.state !== 'failed') this.#await(false);
  }

  /** Somebody wants to begin anew. `act`: it is up to us to do something. */
  again(act: boolean): void {
    this.#tries = 0;
    this.#silent = 0;
    this.#become('retrying');
    if (act) this.#options.act('rebuild');
    this.#await(false);
  }

  stop(): void {
    this.#cancel();
    this.#cancel = () => {};
    this.#isPausing = false;
  }

  #become(state: PeerState): void {
    if (this.state === state) return;
    this.state = state;
    this.#options.changed();
  }

  #after(ms: number, what: () => void): void {
    this.#cancel();
    this.#cancel = this.#options.clock.after(ms, what);
  }

  #connected(): void {
    this.stop();
    this.#tries = 0;
    this.#silent = 0;
    this.#heardEver = true;
    this.#isShaky = false;
    this.#become('connected');
    this.offered();
  }

  #shaky(): void {
    if (this.state !== 'connected') return;
    this.#isShaky = true;
    this.#after(GRACE_MS, () => this.#next());
  }

  #lost(): void {
    if (this.state === 'connected') this.#next();
    // While an answer is waited for it is still the old failure that is spoken of.
    else if (this.state !== 'failed' && this.#answered) this.#next();
  }

  #await(answered: boolean): void {
    this.#isPausing = false;
    this.#answered = answered;
    const silence = this.#silent ? 1000 * Math.min(8, 2 ** this.#silent) : SILENT_MS;
    this.#after(answered ? PATIENCE_MS : silence, () => this.#late());
  }

  #late(): void {
    if (this.#answered) {
      this.#next();
      return;
    }
    this.#silent++;
    if (!this.#heardEver && this.#silent >= TRIES) {
      this.#become('failed');
      this.#hope();
      return;
    }
    this.#options.act('offer');
    this.#await(false);
  }

  /** Perhaps nothing could be said so far. */
  #hope(): void {
    this.#after(HOPE_MS, () => {
      this.#options.act('offer');
      this.#hope();
    });
  }

  #next(): void {
    this.#tries++;
    this.#answered = false;
    if (this.#tries > TRIES) {
      this.stop();
      this.#become('failed');
      return;
    }
    this.#isPausing = true;
    const act = this.#tries % 3 === 0 ? 'rebuild' : 'restart';
    this.#become('retrying');
    this.#after(backoff(this.#tries) + (this.#options.polite ? POLITE_MS : 0), () => {
      this.#options.act(act);
      this.#await(false);
    });
  }
}
