// Elements of the board: what they hold, and how what came from anybody is read. An op that is
// understood becomes a Shape; any other stays on the board and is not drawn. A shape is itself the
// op that is sent, so that what is on the board and what is drawn cannot differ.
import type { Op } from '~/wire/types';
import { isColor, PALETTE } from './colors';

export type Pair = [number, number];
/** x, y, and pressure from 0 to 1, if there was any. */
export type Point = Pair | [number, number, number];
export type Fill = 'none' | 'soft' | 'solid';
export type Font = 'sans' | 'serif' | 'mono';

type Base = { id: string; color: string; by?: string };
type Framed = { x: number; y: number; w: number; h: number };
export type Stroke = Base & {
  type: 'stroke';
  kind: 'pen' | 'highlighter';
  points: Point[];
  width: number;
};
export type Line = Base & { type: 'line' | 'arrow'; from: Pair; to: Pair; width: number };
export type Outline = Base & Framed & { type: 'rect' | 'ellipse'; width: number; fill: Fill };
export type Text = Base & Framed & { type: 'text'; text: string; size: number; font: Font };
export type Note = Base & Framed & { type: 'note'; text: string; size: number; font: Font };
export type Image = Base & Framed & { type: 'image'; fileUrl: string; name: string };
export type Shape = Stroke | Line | Outline | Text | Note | Image;

// The room's, of src/room/room.h: one op is at most 64 KiB, the type's and id's lengths, 200 ops in
// a message. What is drawn here stays well below.
export const MAX_OP_BYTES = 64 * 1024;
export const MAX_MESSAGE_OPS = 200;
export const MAX_STROKE_POINTS = 1200; // of what is drawn here; longer strokes are several ops
const MAX_READ_POINTS = 12_000; // more do not fit into an op
export const MAX_TEXT = 4000;
export const FAR = 1_000_000; // no coordinate is beyond
const MAX_WIDTH = 200;
const MAX_FONT = 400;
export const LINE_HEIGHT = 1.3;

type Members = Record<string, unknown>;

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const within = (value: unknown, low: number, high: number, otherwise: number): number =>
  typeof value === 'number' && !Number.isNaN(value)
    ? Math.min(high, Math.max(low, value))
    : otherwise;

const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && !Number.isNaN(value);

const oneOf = <T extends string>(value: unknown, choices: readonly T[]): T =>
  choices.find((choice) => choice === value) ?? (choices[0] as T);

const parsePair = (value: unknown): Pair | null => {
  if (!Array.isArray(value) || !isNumber(value[0]) || !isNumber(value[1])) return null;
  return [within(value[0], -FAR, FAR, 0), within(value[1], -FAR, FAR, 0)];
};

const parsePoint = (value: unknown): Point | null => {
  const pair = parsePair(value);
  const pressure: unknown = pair && Array.isArray(value) ? value[2] : undefined;
  return pair && isNumber(pressure) ? [...pair, within(pressure, 0, 1, 0.5)] : pair;
};

/** Those that are points, at most as many as fit into an op. */
export const parsePoints = (value: unknown): Point[] => {
  if (!Array.isArray(value)) return [];
  const points: Point[] = [];
  for (const each of value.slice(0, MAX_READ_POINTS)) {
    const point = parsePoint(each);
    if (point) points.push(point);
  }
  return points;
};

const parseBase = (op: Members): Base => {
  const base: Base = {
    id: String(op['id']).slice(0, 64),
    color: isColor(op['color']) ? op['color'] : PALETTE[0].hex,
  };
  return typeof op['by'] === 'string' ? { ...base, by: op['by'].slice(0, 64) } : base;
};

const parseFrame = (op: Members): Framed | null => {
  if (!isNumber(op['x']) || !isNumber(op['y'])) return null;
  const frame = {
    x: within(op['x'], -FAR, FAR, 0),
    y: within(op['y'], -FAR, FAR, 0),
    w: within(op['w'], -FAR, FAR, 0),
    h: within(op['h'], -FAR, FAR, 0),
  };
  if (frame.w < 0) frame.x += frame.w;
  if (frame.h < 0) frame.y += frame.h;
  return { ...frame, w: Math.abs(frame.w), h: Math.abs(frame.h) };
};

const parseStroke = (op: Members, base: Base): Stroke | null => {
  const points = parsePoints(op['points']);
  const kind = oneOf(op['kind'], ['pen', 'highlighter']);
  const width = within(op['width'], 0.5, MAX_WIDTH, 4);
  return points.length > 0 ? { ...base, type: 'stroke', kind, points, width } : null;
};

const parseLine = (op: Members, base: Base): Line | null => {
  const from = parsePair(op['from']);
  const to = parsePair(op['to']);
  const type = oneOf(op['type'], ['line', 'arrow']);
  return from && to
    ? { ...base, type, from, to, width: within(op['width'], 0.5, MAX_WIDTH, 4) }
    : null;
};

const parseOutline = (op: Members, base: Base): Outline | null => {
  const frame = parseFrame(op);
  return (
    frame && {
      ...base,
      ...frame,
      type: oneOf(op['type'], ['rect', 'ellipse']),
      width: within(op['width'], 0.5, MAX_WIDTH, 4),
      fill: oneOf(op['fill'], ['none', 'soft', 'solid']),
    }
  );
};

/** Of a text nobody has measured: about as large as it will be. */
export const roughSize = (text: string, size: number): { w: number; h: number } => {
  const lines = text.split('\n');
  const longest = lines.reduce((most, line) => Math.max(most, line.length), 1);
  return { w: longest * size * 0.58, h: lines.length * size * LINE_HEIGHT };
};

const parseText = (op: Members, base: Base): Text | Note | null => {
  const frame = parseFrame(op);
  if (!frame || typeof op['text'] !== 'string') return null;
  const text = op['text'].slice(0, MAX_TEXT);
  const size = within(op['size'], 4, MAX_FONT, 20);
  const font = oneOf(op['font'], ['sans', 'serif', 'mono']);
  const given = { ...base, ...frame, text, size, font };
  if (op['type'] === 'note')
    return { ...given, type: 'note', w: frame.w || 200, h: frame.h || 200 };
  const rough = roughSize(text, size);
  return { ...given, type: 'text', w: frame.w || rough.w, h: frame.h || rough.h };
};

// As the server writes it (src/web/files_url.c). A name with a slash in it, or of dots alone, is
// none: to a browser or a proxy it might be another path.
const FILE_PATH = /^\/files\/[0-9a-f]{32}\/(?:[\w.~-]|%(?!2f|5c)[0-9a-f]{2})+$/i;
const DOTS = /\/(?:\.|%2e){1,2}$/i;

/**
 * A file of this server as a path, or null: a picture is never asked for elsewhere, nor from
 * anything here but the files.
 */
export const localUrl = (value: unknown, origin = globalThis.location?.origin): string | null => {
  if (typeof value !== 'string' || value.length > 2048) return null;
  const path = origin && value.startsWith(origin + '/') ? value.slice(origin.length) : value;
  return FILE_PATH.test(path) && !DOTS.test(path) ? path : null;
};

const parseImage = (op: Members, base: Base): Image | null => {
  const frame = parseFrame(op);
  const fileUrl = localUrl(op['fileUrl']);
  const name = typeof op['name'] === 'string' ? op['name'].slice(0, 255) : '';
  return frame && fileUrl && frame.w > 0 && frame.h > 0
    ? { ...base, ...frame, type: 'image', fileUrl, name }
    : null;
};

type Reader = (op: Members, base: Base) => Shape | null;

const readers = new Map<unknown, Reader>([
  ['stroke', parseStroke],
  ['line', parseLine],
  ['arrow', parseLine],
  ['rect', parseOutline],
  ['ellipse', parseOutline],
  ['text', parseText],
  ['note', parseText],
  ['image', parseImage],
]);

export const isLine = (shape: Shape): shape is Line =>
  shape.type === 'line' || shape.type === 'arrow';

export const isOutline = (shape: Shape): shape is Outline =>
  shape.type === 'rect' || shape.type === 'ellipse';

export const isWritten = (shape: Shape | null | undefined): shape is Text | Note =>
  shape?.type === 'text' || shape?.type === 'note';

/** What an op shows, or null if that is not known here. */
export const parseOp = (op: unknown): Shape | null => {
  if (!isObject(op) || typeof op['id'] !== 'string' || op['id'] === '') return null;
  return readers.get(op['type'])?.(op, parseBase(op)) ?? null;
};

/** Shapes are ops; the type of ops asks for members of any name. */
export const toOp = (shape: Shape): Op => shape;

export const opBytes = (op: Op): number => new TextEncoder().encode(JSON.stringify(op)).length;
