// The traffic of cursors: one's own, with what one is drawing, told at most about 15 times a second
// and only if somebody is there to see it; the others', heard.
import type { RoomClient } from '~/room';
import { rounded } from './geometry';
import { LiveShapes, REMIND_MS, tellShape, tellStroke, type CursorSaid } from './live';
import type { Pair, Shape } from './ops';
import { Peers } from './peers';
import type { Scene } from './scene';

const EVERY_MS = 65;

export type BoardClient = Pick<RoomClient, 'board' | 'showCursor' | 'on' | 'store'>;

export class Presence {
  readonly live = new LiveShapes();
  readonly peers = new Peers();
  #client: BoardClient;
  #scene: Scene;
  #changed: () => void;
  #stops: (() => void)[];
  #at: Pair = [0, 0];
  #draft: Shape | null = null;
  #told: { id: string; points: number } | null = null; // of the draft
  #toldAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #reminder: ReturnType<typeof setInterval> | undefined;

  constructor(client: BoardClient, scene: Scene, changed: () => void) {
    this.#client = client;
    this.#scene = scene;
    this.#changed = changed;
    this.#stops = [
      client.on('whiteboard:cursor', (said) => this.#heard(said)),
      client.on('user:left', ({ socketId }) => this.#left(socketId)),
    ];
  }

  /** Where one's own pointer is. */
  point(at: Pair): void {
    this.#at = at;
    this.#tellSoon();
  }

  /** What one is drawing; null: it is on the board now, or given up. */
  draft(shape: Shape | null): void {
    const was = this.#draft;
    this.#draft = shape;
    if (shape) {
      this.#reminder ??= setInterval(() => this.#tell(), REMIND_MS);
      this.#tellSoon();
      return;
    }
    clearInterval(this.#reminder);
    this.#reminder = undefined;
    if (was && this.#told && !this.#scene.find(was.id)) this.#say({ ...this.#place(), live: null });
    this.#told = null;
  }

  /** Ops that are on the board now are no longer drafts. */
  settle(): void {
    this.live.drop((id) => this.#scene.find(id) !== undefined);
  }

  close(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#reminder);
    for (const stop of this.#stops) stop();
  }

  #heard(said: { socketId: string; userId: string; name: string; cursor: unknown }): void {
    const { cursor } = said;
    const now = performance.now();
    this.peers.heard(said.socketId, said.userId, said.name, cursor, now);
    if (typeof cursor === 'object' && cursor !== null)
      this.live.take(said.socketId, (cursor as { live?: unknown }).live, now);
    this.settle();
    this.#changed();
  }

  #left(socketId: string): void {
    this.peers.gone(socketId);
    this.live.drop((_, of) => of === socketId);
    this.#changed();
  }

  #tellSoon(): void {
    if (this.#timer !== undefined) return;
    const wait = this.#toldAt + EVERY_MS - performance.now();
    this.#timer = setTimeout(() => this.#tell(), Math.max(0, wait));
  }

  #place(): CursorSaid {
    return { x: rounded(this.#at[0]), y: rounded(this.#at[1]) };
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const draft = this.#draft;
    if (!draft) return this.#say(this.#place());
    if (draft.type !== 'stroke') {
      this.#told = { id: draft.id, points: 0 };
      return this.#say(tellShape(...this.#at, draft));
    }
    const known = this.#told?.id === draft.id ? this.#told.points : 0;
    const { said, sent } = tellStroke(...this.#at, draft, known);
    this.#told = { id: draft.id, points: sent };
    this.#say(said);
    if (sent < draft.points.length) this.#tellSoon();
  }

  #say(said: CursorSaid): void {
    this.#toldAt = performance.now();
    if (this.#client.store.get().seats.length > 1) this.#client.showCursor(said);
  }
}
