// What is being drawn, shown to the others before it is on the board. It travels with the cursor,
// in messages of at most 1 KiB that may be lost: of a stroke the points since the last message and
// where they belong, of another shape the whole. What counts is the op that is drawn at the end;
// then, or when nothing comes for a while, the live one goes.
//
//     { x, y, live: { type: 'stroke', id, color, width, kind, from, points } }
//     { x, y, live: { type: 'rect', id, ... } }      { x, y, live: null }: it was given up
import { rounded } from './geometry';
import { MAX_STROKE_POINTS, parseOp, type Point, type Shape, type Stroke } from './ops';

const MAX_BYTES = 1000; // the room's limit is 1024, of what JSON makes of the cursor
const FORGET_MS = 4000;
export const REMIND_MS = 1200; // whoever holds still while drawing says so

export interface CursorSaid {
  x: number;
  y: number;
  live?: unknown;
}

/** As it is sent; with two decimals at most, a point is at most 27 bytes. */
const brief = ([x, y, pressure]: Point): Point =>
  pressure === undefined
    ? [rounded(x), rounded(y)]
    : [rounded(x), rounded(y), Math.round(pressure * 100) / 100];

const fits = (said: CursorSaid): boolean =>
  new TextEncoder().encode(JSON.stringify(said)).length <= MAX_BYTES;

/** The next message about a stroke of which `sent` points have been told, and how many are then. */
export const tellStroke = (
  x: number,
  y: number,
  stroke: Stroke,
  sent: number,
): { said: CursorSaid; sent: number } => {
  const { id, type, color, width, kind } = stroke;
  const from = Math.min(sent, stroke.points.length - 1); // again, when there is nothing new
  const say = (n: number): CursorSaid => ({
    x: rounded(x),
    y: rounded(y),
    live: {
      ...{ type, id, color, width, kind, from },
      points: stroke.points.slice(from, from + n).map(brief),
    },
  });
  let n = Math.min(40, stroke.points.length - from);
  while (n > 1 && !fits(say(n))) n = Math.floor(n * 0.8);
  return { said: say(n), sent: from + n };
};

/** Another shape, if it is small enough to be told. */
export const tellShape = (x: number, y: number, shape: Shape): CursorSaid => {
  const said = { x: rounded(x), y: rounded(y), live: shape };
  return fits(said) ? said : { x: said.x, y: said.y };
};

interface Growing {
  socketId: string;
  shape: Shape;
  next: number; // the number of the point that comes next, of strokes
  at: number;
}

export class LiveShapes {
  #of = new Map<string, Growing>(); // by connection and id

  /** What a connection said with its cursor. */
  take(socketId: string, live: unknown, now: number): void {
    if (live === undefined) return;
    const shape = parseOp(live);
    if (!shape) {
      if (live === null) this.drop((_, of) => of === socketId);
      return;
    }
    const { from } = live as { from?: unknown };
    const key = `${socketId} ${shape.id}`;
    const before = this.#of.get(key);
    const said = { socketId, shape, at: now };
    if (shape.type !== 'stroke') this.#of.set(key, { ...said, next: 0 });
    else this.#of.set(key, grow(before, shape, numberOf(from), said));
  }

  /** The ops are on the board, or their author has gone. */
  drop(isOver: (id: string, socketId: string) => boolean): boolean {
    const before = this.#of.size;
    for (const [key, { shape, socketId }] of this.#of)
      if (isOver(shape.id, socketId)) this.#of.delete(key);
    return this.#of.size !== before;
  }

  prune(now: number): void {
    for (const [key, { at }] of this.#of) if (now - at > FORGET_MS) this.#of.delete(key);
  }

  get shapes(): Shape[] {
    return [...this.#of.values()].map(({ shape }) => shape);
  }
}

const numberOf = (from: unknown): number =>
  Number.isSafeInteger(from) ? Math.max(0, from as number) : 0;

/** Messages may be lost, then a straight line is drawn meanwhile; or come twice. */
const grow = (
  before: Growing | undefined,
  part: Stroke,
  from: number,
  said: Omit<Growing, 'next'>,
): Growing => {
  const end = from + part.points.length;
  if (before?.shape.type !== 'stroke') return { ...said, next: end };
  const fresh = part.points.slice(Math.max(0, before.next - from));
  const points = [...before.shape.points, ...fresh].slice(0, 2 * MAX_STROKE_POINTS);
  return { ...said, shape: { ...part, points }, next: Math.max(before.next, end) };
};
