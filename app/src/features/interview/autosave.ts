// A candidate's code on its way to the server. Each change is kept in this browser at once; the
// newest is sent a moment later, one at a time. While the line is lost only the newest counts, and
// it goes first when the line is back. A submission waits in the same way, and goes before later
// changes.
//
// Whose text is right after a reload is told by fingerprints, not by clocks: the browser remembers
// what the server has confirmed and what is under way. If the server holds one of these, the
// browser is ahead; if the browser holds nothing that is unconfirmed, the server is. Else both have
// changed, and the candidate chooses.
import { Store } from '~/lib/store';
import { codeOf } from '~/wire/errors';
import type { OwnCode } from '~/wire/types';
import type { Clock } from './clock';
import { retryAfter } from './patience';

export const CODE_MAX = 200_000; // bytes that the server takes
export const PAUSE_MS = 400; // between a change and its sending
const SENT_MAX = 8; // fingerprints of what is not confirmed

export interface Draft {
  code: string;
  language: string;
}

export interface DatedDraft extends Draft {
  at: number;
}

/** What the browser keeps. */
export interface Kept extends DatedDraft {
  acked: string | null; // fingerprint of what the server has confirmed
  sent: string[]; // of what it may have got
  submit: DatedDraft | null; // waits to be handed in
  submitted: DatedDraft | null;
}

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
  submitCode(code: string, language: string): Promise<unknown>;
  load(): Kept | null;
  keep(kept: Kept): void;
  clock: Clock;
}

/** Short, and different for different drafts: two 32-bit hashes and the length. */
export function fingerprint({ code, language }: Draft): string {
  const text = `${language}\n${code}`;
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x85ebca6b) ^ (b >>> 13);
  }
  return `${text.length.toString(36)}.${(a >>> 0).toString(36)}.${(b >>> 0).toString(36)}`;
}

const utf8 = new TextEncoder();

/** A unit is at most three bytes, so what is short need not be counted. */
export const isTooLong = (code: string): boolean =>
  code.length * 3 > CODE_MAX && utf8.encode(code).length > CODE_MAX;

export type Verdict = 'same' | 'here' | 'server' | 'ask';

export function judge(server: Draft | null, kept: Kept | null): Verdict {
  if (!server) return kept ? 'here' : 'same';
  if (!kept) return 'server';
  const there = fingerprint(server);
  const here = fingerprint(kept);
  if (there === here) return 'same';
  if (kept.acked === there || kept.sent.includes(there)) return 'here';
  if (kept.acked === here || kept.code.trim() === '') return 'server';
  return server.code.trim() === '' ? 'here' : 'ask';
}

interface Flight {
  number: number;
  what: 'code' | 'submit';
  draft: DatedDraft;
  print: string;
}

const draftOf = ({ code, language }: Draft): Draft => ({ code, language });

export class Autosave {
  readonly state: Store<AutosaveState>;
  #needs: AutosaveNeeds;
  #kept: Kept;
  #server: OwnCode | null | undefined; // as it was said last
  #up = false;
  #ended = false;
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
    const kept = isFirst ? this.#needs.load() : this.#isTouched() ? this.#kept : null;
    if (kept) this.#kept = kept;
    const verdict = judge(server, kept);
    const stored = server ? draftOf(server) : this.state.get().stored;
    this.state.patch({ isReady: true, stored, submitted: this.#submittedBy(server) });
    if (verdict === 'ask' && server && kept)
      this.state.patch({ choice: { here: kept, server: draftOf(server) } });
    else if (server && verdict !== 'here') this.#takeServers(server);
    else if (server) this.#kept.acked = fingerprint(server);
    else this.#kept.acked = null;
    this.#show();
    this.#pump();
  }

  edit(code: string, language: string): void {
    const { isReady, choice } = this.state.get();
    if (!isReady || choice || this.#ended) return;
    this.#kept = { ...this.#kept, code, language, at: this.#needs.clock.now() };
    this.#keep();
    if (!this.#timer && !this.#flight && this.#up) this.#sleep(PAUSE_MS);
    this.#show();
  }

  /** Hands in what is there now; when offline, after coming back. */
  submit(): void {
    const { isReady, choice } = this.state.get();
    if (!isReady || choice || this.#ended || isTooLong(this.#kept.code)) return;
    this.#error = null;
    this.#kept.submit = { ...draftOf(this.#kept), at: this.#needs.clock.now() };
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
    if (which === 'server') this.#takeServers(choice.server);
    else this.#kept = { ...this.#kept, acked: fingerprint(choice.server), sent: [] };
    this.#keep();
    this.flush();
  }

  /** Another page of the same person has written. */
  mirror(kept: Kept): void {
    if (!this.state.get().isReady || this.#isDirty() || this.#flight) return;
    this.#kept = kept;
    this.#show();
  }

  /** The interview is over: nothing more can be sent. */
  end(): void {
    this.#ended = true;
    this.#wake();
    this.#show();
  }

  close(): void {
    this.#wake();
    this.#up = false;
  }

  // ---- inside

  #isTouched(): boolean {
    return this.#kept.at > 0 || this.#kept.acked !== null;
  }

  #submittedBy(server: OwnCode | null): DatedDraft | null {
    if (this.#kept.submitted) return this.#kept.submitted;
    if (!server?.submitted) return null;
    return { ...draftOf(server), at: server.submittedAt ? Date.parse(server.submittedAt) : 0 };
  }

  #takeServers(server: Draft): void {
    const acked = fingerprint(server);
    this.#kept = { ...this.#kept, ...draftOf(server), acked, sent: [] };
    this.#keep();
  }

  #isDirty(): boolean {
    const { code, acked } = this.#kept;
    return acked === null ? code !== '' : fingerprint(this.#kept) !== acked;
  }

  #keep(): void {
    this.#needs.keep(this.#kept);
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
    if (submit) return this.#flightOf('submit', submit);
    const flight = this.#flightOf('code', this.#kept);
    const isWanted = flight.print !== this.#refused && !isTooLong(flight.draft.code);
    return this.#isDirty() && isWanted ? flight : null;
  }

  #flightOf(what: Flight['what'], { code, language, at }: DatedDraft): Flight {
    const draft = { code, language, at };
    return { number: this.#flown + 1, what, draft, print: fingerprint(draft) };
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
    this.#kept.sent = [...this.#kept.sent, flight.print].slice(-SENT_MAX);
    this.#keep();
    const { code, language } = flight.draft;
    const { changeCode, submitCode } = this.#needs;
    const promise = (flight.what === 'submit' ? submitCode : changeCode)(code, language);
    promise.then(
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
      this.state.patch({ stored: draftOf(flight.draft) });
    }
    if (flight.what === 'submit') this.#handedIn(flight.draft);
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
    this.state.patch({ submitted });
  }

  #failed(flight: Flight, error: unknown): void {
    if (this.#flight !== flight) return;
    this.#flight = null;
    this.#error = error;
    const waitMs = retryAfter(error);
    if (waitMs !== null) {
      this.#notBefore = this.#needs.clock.now() + waitMs;
    } else if (flight.what === 'submit') {
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
    if (!this.#isDirty() && !this.#kept.submit) return 'saved';
    if (!this.#up || (this.#error && (code === 'OFFLINE' || code === 'TIMEOUT'))) return 'offline';
    return this.#isDirty() && fingerprint(this.#kept) === this.#refused ? 'failed' : 'saving';
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
      hasUnsent: this.#isDirty() || this.#kept.submit !== null,
      error: this.#error,
    });
  }
}
