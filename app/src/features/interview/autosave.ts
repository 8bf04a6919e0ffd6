// A candidate's code on its way to the server. Each change is kept in this browser at once; the
// newest is sent a moment later, one at a time. While the line is lost only the newest counts, and
// it goes first when the line is back. A submission waits in the same way, and goes before later
// changes.
//
// Whose text is right after a reload is told by fingerprints, not by clocks: the browser remembers
// what the server has confirmed and what is under way. If the server holds one of these, the
// browser is ahead; if the browser holds nothing that is unconfirmed, the server is. Else both have
// changed, and the candidate chooses.
//
// Other pages of the same browser follow the text by what it keeps. A page sends only what is its
// own: what was changed on it and is not confirmed, what it found when it was loaded, and what
// nobody else has brought to the server for a while.
import { newId } from '~/lib/ids';
import { Store } from '~/lib/store';
import { codeOf } from '~/wire/errors';
import type { OwnCode } from '~/wire/types';
import type { Clock } from '~/lib/clock';
import {
  draftOf,
  fingerprint,
  follow,
  isDirty,
  isTooLong,
  judge,
  remember,
  submittedBy,
  waiting,
  type DatedDraft,
  type Draft,
  type HandIn,
  type Kept,
} from './drafts';
import { retryAfter } from './patience';

export const PAUSE_MS = 400; // between a change and its sending
export const ADOPT_MS = 10_000; // how long the page on which it was changed has for sending

export type Saving = 'saved' | 'saving' | 'offline' | 'failed' | 'tooLong' | 'ended';

export interface AutosaveState extends Draft {
  isReady: boolean;
  saving: Saving;
  hasUnsent: boolean;
  handing: 'no' | 'sending' | 'kept' | 'failed';
  submitted: DatedDraft | null;
  stored: Draft | null; // what the server holds, as far as known
  choice: { here: DatedDraft; server: Draft } | null;
  error: unknown;
}

export interface AutosaveNeeds {
  changeCode(code: string, language: string): Promise<unknown>;
  submitCode(code: string, language: string, id: string): Promise<unknown>;
  load(): Kept | null;
  keep(kept: Kept): void;
  clock: Clock;
}

interface Flight {
  number: number;
  handIn: string | null; // the id of a submission
  draft: DatedDraft;
  print: string;
}

export class Autosave {
  readonly state: Store<AutosaveState>;
  #needs: AutosaveNeeds;
  #kept: Kept;
  #server: OwnCode | null | undefined; // as it was said last
  #up = false;
  #ended = false;
  #isMine = false; // changed here, and not confirmed since
  #theirSubmit: HandIn | null = null; // waits on another page
  #adopt: (() => void) | null = null;
  #flight: Flight | null = null;
  #flown = 0;
  #landed = 0; // number of the newest flight that is confirmed
  #timer: (() => void) | null = null;
  #notBefore = 0;
  #refused: string | null = null; // a fingerprint that the server does not want
  #error: unknown = null;

  constructor(needs: AutosaveNeeds, language: string) {
    this.#needs = needs;
    this.#kept = {
      code: '',
      language,
      at: 0,
      acked: null,
      sent: [],
      submit: null,
      submitted: null,
    };
    this.state = new Store<AutosaveState>({
      ...draftOf(this.#kept),
      isReady: false,
      saving: 'saved',
      hasUnsent: false,
      handing: 'no',
      submitted: null,
      stored: null,
      choice: null,
      error: null,
    });
  }

  /** What the server says it has, whenever it says it (on coming in, on coming back). */
  open(server: OwnCode | null): void {
    if (server === this.#server) return;
    this.#server = server;
    const isFirst = !this.state.get().isReady;
    const kept = isFirst ? this.#load() : this.#isTouched() ? this.#kept : null;
    const verdict = judge(server, kept);
    const stored = server ? draftOf(server) : this.state.get().stored;
    const submitted = this.#kept.submitted ?? submittedBy(server);
    this.state.patch({ isReady: true, stored, submitted });
    if (verdict === 'ask' && server && kept)
      this.state.patch({ choice: { here: kept, server: draftOf(server) } });
    else if (server && verdict !== 'here') this.#takeServers(server);
    else this.#kept.acked = server && fingerprint(server);
    this.#waitForOthers();
    this.#show();
    this.#pump();
  }

  edit(code: string, language: string): void {
    const { isReady, choice } = this.state.get();
    if (!isReady || choice || this.#ended) return;
    this.#kept = { ...this.#kept, code, language, at: this.#stamp() };
    this.#own();
    this.#keep();
    if (!this.#timer && !this.#flight && this.#up) this.#sleep(PAUSE_MS);
    this.#show();
  }

  /** Hands in what is there now; when offline, after coming back. */
  submit(): void {
    const { isReady, choice } = this.state.get();
    if (!isReady || choice || this.#ended || isTooLong(this.#kept.code)) return;
    this.#error = null;
    this.#kept.submit = { ...draftOf(this.#kept), at: this.#needs.clock.now(), id: newId() };
    this.#own();
    this.#keep();
    this.flush();
  }

  /** Sends what is there without the pause. */
  flush(): void {
    this.#wake();
    this.#pump();
    this.#show();
  }

  line(up: boolean): void {
    if (up === this.#up) return;
    this.#up = up;
    this.#flight = null; // who was under way may still land
    this.#notBefore = 0;
    this.#error = null;
    this.flush();
  }

  choose(which: 'here' | 'server'): void {
    const { choice } = this.state.get();
    if (!choice) return;
    this.state.patch({ choice: null });
    const acked = fingerprint(choice.server);
    const chosen = which === 'server' ? choice.server : draftOf(this.#kept);
    this.#kept = { ...this.#kept, ...chosen, at: this.#stamp(), acked, sent: [] };
    this.#own();
    this.#keep();
    this.flush();
  }

  /** Another page of the same person has written. */
  mirror(theirs: Kept): void {
    if (!this.state.get().isReady) return;
    const own = this.#kept;
    this.#kept = follow(own, theirs);
    const { submitted } = this.#kept;
    const isOwnSubmit = theirs.submit?.at === own.submit?.at;
    this.#theirSubmit = isOwnSubmit ? null : waiting(theirs.submit, submitted);
    if (submitted) this.state.patch({ submitted });
    if (this.#kept.at > own.at || !isDirty(this.#kept)) {
      this.#isMine = false;
      this.state.patch({ choice: null });
    }
    this.#waitForOthers();
    this.#show();
  }

  /** The interview is over: nothing more can be sent. */
  end(): void {
    this.#ended = true;
    this.#adopt?.();
    this.#wake();
    this.#show();
  }

  close(): void {
    this.#adopt?.();
    this.#wake();
    this.#up = false;
  }

  // ---- inside

  #isTouched(): boolean {
    return this.#kept.at > 0 || this.#kept.acked !== null;
  }

  #load(): Kept | null {
    const kept = this.#needs.load();
    if (!kept) return null;
    this.#kept = { ...kept, submit: waiting(kept.submit, kept.submitted) };
    this.#isMine = isDirty(kept);
    return this.#kept;
  }

  #takeServers(server: Draft): void {
    const acked = fingerprint(server);
    this.#kept = { ...this.#kept, ...draftOf(server), acked, sent: [] };
    if (this.#isMine) this.#keep();
    this.#isMine = false;
  }

  /** Later than any change that is known, whatever the clock says. */
  #stamp(): number {
    return Math.max(this.#needs.clock.now(), this.#kept.at + 1);
  }

  #own(): void {
    this.#isMine = true;
    this.#adopt?.();
    this.#adopt = null;
  }

  /** The page on which this was changed may be offline or closed: then it goes from here. */
  #waitForOthers(): void {
    this.#adopt?.();
    this.#adopt = null;
    if (this.#isMine || this.#ended || !isDirty(this.#kept)) return;
    this.#adopt = this.#needs.clock.after(ADOPT_MS, () => {
      this.#own();
      this.#pump();
      this.#show();
    });
  }

  #keep(): void {
    this.#needs.keep({ ...this.#kept, submit: this.#kept.submit ?? this.#theirSubmit });
  }

  #wake(): void {
    this.#timer?.();
    this.#timer = null;
  }

  #sleep(ms: number): void {
    this.#wake();
    this.#timer = this.#needs.clock.after(ms, () => {
      this.#timer = null;
      this.#pump();
      this.#show();
    });
  }

  #next(): Flight | null {
    const { submit } = this.#kept;
    if (submit) return this.#flightOf(submit, submit.id);
    const flight = this.#flightOf(this.#kept, null);
    const isWanted = flight.print !== this.#refused && !isTooLong(flight.draft.code);
    return this.#isMine && isDirty(this.#kept) && isWanted ? flight : null;
  }

  #flightOf({ code, language, at }: DatedDraft, handIn: string | null): Flight {
    const draft = { code, language, at };
    return { number: this.#flown + 1, handIn, draft, print: fingerprint(draft) };
  }

  #pump(): void {
    const { isReady, choice } = this.state.get();
    const isIdle = this.#up && !this.#ended && isReady && !choice && !this.#flight && !this.#timer;
    const flight = isIdle ? this.#next() : null;
    if (!flight) return;
    const waitMs = this.#notBefore - this.#needs.clock.now();
    if (waitMs > 0) this.#sleep(waitMs);
    else this.#send(flight);
  }

  #send(flight: Flight): void {
    this.#flight = flight;
    this.#flown = flight.number;
    this.#kept.sent = remember(this.#kept.sent, flight.print);
    this.#keep();
    const { code, language } = flight.draft;
    const { changeCode, submitCode } = this.#needs;
    const { handIn } = flight;
    const isCode = handIn === null;
    (isCode ? changeCode(code, language) : submitCode(code, language, handIn)).then(
      () => this.#arrived(flight),
      (error: unknown) => this.#failed(flight, error),
    );
    this.#show();
  }

  #arrived(flight: Flight): void {
    if (flight.number > this.#landed) {
      this.#landed = flight.number;
      const { sent } = this.#kept;
      const later = sent.slice(sent.lastIndexOf(flight.print) + 1);
      this.#kept = { ...this.#kept, acked: flight.print, sent: later };
      // Another page may have sent a newer text meanwhile, and this one come after it.
      this.#isMine = isDirty(this.#kept);
      this.#waitForOthers();
      this.state.patch({ stored: draftOf(flight.draft) });
    }
    if (flight.handIn !== null) this.#handedIn(flight.draft);
    this.#keep();
    this.#error = null;
    if (this.#flight === flight) {
      this.#flight = null;
      if (!this.#ended && this.#next()) this.#sleep(this.#kept.submit ? 0 : PAUSE_MS);
    }
    this.#show();
  }

  #handedIn(draft: DatedDraft): void {
    const submitted = { ...draft, at: this.#needs.clock.now() };
    const { submit } = this.#kept;
    this.#kept = { ...this.#kept, submitted, submit: submit?.at === draft.at ? null : submit };
    if (this.#theirSubmit?.at === draft.at) this.#theirSubmit = null;
    this.state.patch({ submitted });
  }

  #failed(flight: Flight, error: unknown): void {
    if (this.#flight !== flight) return;
    this.#flight = null;
    this.#error = error;
    const waitMs = retryAfter(error);
    if (waitMs !== null) {
      this.#notBefore = this.#needs.clock.now() + waitMs;
    } else if (flight.handIn !== null) {
      this.#kept.submit = null;
      this.#keep();
    } else {
      this.#refused = flight.print;
    }
    this.#pump();
    this.#show();
  }

  #saving(): Saving {
    const code = codeOf(this.#error);
    if (this.#ended) return 'ended';
    if (isTooLong(this.#kept.code)) return 'tooLong';
    if (!isDirty(this.#kept) && !this.#kept.submit) return 'saved';
    if (!this.#up || (this.#error && (code === 'OFFLINE' || code === 'TIMEOUT'))) return 'offline';
    return isDirty(this.#kept) && fingerprint(this.#kept) === this.#refused ? 'failed' : 'saving';
  }

  #handing(saving: Saving): AutosaveState['handing'] {
    if (this.#kept.submit) return saving === 'offline' ? 'kept' : 'sending';
    const hasFailed = this.#error !== null && retryAfter(this.#error) === null;
    return hasFailed && this.#refused === null ? 'failed' : 'no';
  }

  #show(): void {
    const saving = this.#saving();
    const { code, language } = this.#kept;
    this.state.patch({
      code,
      language,
      saving,
      handing: this.#handing(saving),
      hasUnsent: isDirty(this.#kept) || this.#kept.submit !== null,
      error: this.#error,
    });
  }
}
