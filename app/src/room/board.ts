// The ops of the room's board, in their order, whether or not the board is being shown. What one
// draws is there at once; it is sent in groups, one after another, and what was not answered when
// the line broke is sent again: ops have ids, so that twice is once.
import { WireError } from '~/wire/errors';
import type { Op } from '~/wire/types';

const GROUP_MS = 50;
const GROUP_OPS = 200; // that a message may hold
const GROUP_BYTES = 512 * 1024;
const GROUP_UNDRAWS = 20; // messages under way at once
const PATIENCE_MS = 500; // before what was refused for haste is sent again

export type BoardChange =
  | { kind: 'reset' }
  | { kind: 'drew'; ops: readonly Op[]; mine: boolean }
  | { kind: 'undrew'; id: string }
  | { kind: 'cleared' };

type Deed = { kind: 'draw'; ops: Op[] } | { kind: 'undraw'; id: string };

/** How deeds get to the room. Each promise ends when the server has answered. */
export interface BoardSender {
  draw(ops: Op[]): Promise<unknown>;
  undraw(id: string): Promise<unknown>;
  clear(): Promise<unknown>;
  save(dataUrl?: string): Promise<unknown>;
}

const asWireError = (error: unknown): WireError =>
  error instanceof WireError ? error : new WireError('UNEXPECTED', String(error));

/** The server was not there, or not now; with any other error it will not do it. */
const isSaidAgain = (code: string): boolean =>
  ['OFFLINE', 'TIMEOUT', 'NOT_IN_ROOM', 'RATE_LIMITED'].includes(code);

export class BoardLog {
  #ops: Op[] = [];
  #at = new Map<string, number>(); // id → place
  #watchers = new Set<(change: BoardChange) => void>();
  #outbox: Deed[] = [];
  #sender: BoardSender;
  #isOpen = false; // the line
  #isSending = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #who: () => { userId: string; isHost: boolean } | null;
  #refused: (error: WireError) => void;

  constructor(
    sender: BoardSender,
    who: () => { userId: string; isHost: boolean } | null,
    refused: (error: WireError) => void,
  ) {
    this.#sender = sender;
    this.#who = who;
    this.#refused = refused;
  }

  ops(): readonly Op[] {
    return this.#ops;
  }

  find(id: string): Op | undefined {
    const at = this.#at.get(id);
    return at === undefined ? undefined : this.#ops[at];
  }

  watch(watcher: (change: BoardChange) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** One's own, or as a host anybody's. */
  canEdit(op: Op): boolean {
    const who = this.#who();
    return who !== null && (who.isHost || op['by'] === who.userId);
  }

  // ---- what one does

  draw(ops: readonly Op[]): void {
    const by = this.#who()?.userId ?? '';
    const signed = ops.map((op) => ({ ...op, by: this.find(op.id)?.['by'] ?? by }));
    if (signed.length === 0) return;
    this.#put(signed);
    this.#tell({ kind: 'drew', ops: signed, mine: true });
    const last = this.#outbox.at(-1);
    const isJoined = last?.kind === 'draw' && (!this.#isSending || this.#outbox.length > 1);
    if (isJoined)
      last.ops = [...last.ops.filter((o) => !signed.some((s) => s.id === o.id)), ...signed];
    else this.#outbox.push({ kind: 'draw', ops: signed });
    this.#sendSoon();
  }

  undraw(id: string): void {
    if (!this.#at.has(id)) return;
    this.#remove(id);
    this.#tell({ kind: 'undrew', id });
    this.#outbox.push({ kind: 'undraw', id });
    this.#sendSoon();
  }

  /** Everything, of everybody. The server's word about it clears ours. */
  async clear(): Promise<void> {
    await this.#sender.clear();
  }

  async save(dataUrl?: string): Promise<void> {
    await this.#sender.save(dataUrl);
  }

  get hasUnsent(): boolean {
    return this.#outbox.length > 0;
  }

  // ---- what the room says

  reset(ops: readonly Op[]): void {
    this.#ops = [];
    this.#at.clear();
    this.#put(ops);
    for (const deed of this.#outbox) this.#redo(deed);
    this.#tell({ kind: 'reset' });
  }

  heardDraw(ops: readonly Op[], by: string): void {
    const signed = ops.map((op) => ({ ...op, by: this.find(op.id)?.['by'] ?? by }));
    this.#put(signed);
    this.#tell({ kind: 'drew', ops: signed, mine: false });
  }

  heardUndraw(id: string): void {
    if (!this.#at.has(id)) return;
    this.#remove(id);
    this.#tell({ kind: 'undrew', id });
  }

  heardClear(): void {
    this.#ops = [];
    this.#at.clear();
    this.#tell({ kind: 'cleared' });
  }

  setOpen(isOpen: boolean): void {
    this.#isOpen = isOpen;
    if (isOpen) this.#sendSoon();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#watchers.clear();
    this.#isOpen = false;
  }

  // ---- inside

  #put(ops: readonly Op[]): void {
    for (const op of ops) {
      const at = this.#at.get(op.id);
      if (at === undefined) this.#at.set(op.id, this.#ops.push(op) - 1);
      else this.#ops[at] = op;
    }
  }

  #remove(id: string): void {
    this.#ops = this.#ops.filter((op) => op.id !== id);
    this.#at = new Map(this.#ops.map((op, at) => [op.id, at]));
  }

  #redo(deed: Deed): void {
    if (deed.kind === 'draw') this.#put(deed.ops);
    else this.#remove(deed.id);
  }

  #tell(change: BoardChange): void {
    for (const watcher of [...this.#watchers]) watcher(change);
  }

  #sendSoon(delay = GROUP_MS): void {
    if (!this.#isOpen || this.#isSending || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#send();
    }, delay);
  }

  async #send(): Promise<void> {
    const deeds = this.#isOpen ? this.#nextDeeds() : [];
    if (deeds.length === 0) return;
    this.#isSending = true;
    const sent = await Promise.allSettled(deeds.map((deed) => this.#sendDeed(deed)));
    const errors = sent.map((a) => (a.status === 'rejected' ? asWireError(a.reason) : null));
    const isOver = (deed: Deed): boolean => {
      const error = errors[deeds.indexOf(deed)];
      return error === null || (error !== undefined && !isSaidAgain(error.code));
    };
    this.#outbox = this.#outbox.filter((deed) => !isOver(deed));
    this.#isSending = false;
    const refused = errors.find((e) => e && !isSaidAgain(e.code) && e.code !== 'NOT_FOUND');
    if (refused) this.#refused(refused); // whoever listens looks up what is true
    const waits = errors.map((e) => (e ? e.retryAfterMs || PATIENCE_MS : 0));
    if (this.#outbox.length > 0) this.#sendSoon(Math.max(GROUP_MS, ...waits));
  }

  /** What is sent together: a drawing, or some of the next removals. */
  #nextDeeds(): Deed[] {
    const first = this.#nextDeed();
    if (!first) return [];
    if (first.kind === 'draw') return [first];
    const end = this.#outbox.findIndex((deed) => deed.kind === 'draw');
    return this.#outbox.slice(0, Math.min(GROUP_UNDRAWS, end < 0 ? Infinity : end));
  }

  /** The first, cut to what one message may hold. */
  #nextDeed(): Deed | undefined {
    const first = this.#outbox[0];
    if (first?.kind !== 'draw') return first;
    let bytes = 0;
    let n = 0;
    for (const op of first.ops) {
      bytes += JSON.stringify(op).length;
      if (n > 0 && (n >= GROUP_OPS || bytes > GROUP_BYTES)) break;
      n++;
    }
    if (n < first.ops.length)
      this.#outbox.splice(
        0,
        1,
        { kind: 'draw', ops: first.ops.slice(0, n) },
        { kind: 'draw', ops: first.ops.slice(n) },
      );
    return this.#outbox[0];
  }

  #sendDeed(deed: Deed): Promise<unknown> {
    return deed.kind === 'draw' ? this.#sender.draw(deed.ops) : this.#sender.undraw(deed.id);
  }
}
