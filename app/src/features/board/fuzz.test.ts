// Whatever comes from anybody is understood or not, but never breaks the drawing.
import assert from 'node:assert/strict';
import test from 'node:test';
import { boundsOf, frameOf, hits } from './geometry';
import { LiveShapes } from './live';
import { isLine, isWritten, parseOp, type Shape } from './ops';
import { arrowBarbs, outlineOf } from './outline';
import { Peers } from './peers';
import { toSvg } from './svg';
import { layoutNote, layoutText, type Measure } from './textLayout';

const measure: Measure = (line, font) => line.length * Number.parseFloat(font) * 0.5;

/** The same numbers at each run (mulberry32). */
const dice = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

const random = dice(7);
const oneOf = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

const NUMBERS = [0, -0, 1, -5.5, 100, 1e6, 1e21, 1e308, -1e308, 5e-324, NaN, Infinity, -Infinity];
const TEXTS = ['', '7', 'NaN', 'a b\nc', 'x'.repeat(300), '\ud800', '__proto__', '#fff', 'solid'];
const TYPES = ['stroke', 'line', 'arrow', 'rect', 'ellipse', 'text', 'note', 'image', 'x'];
const NAMES = ['x', 'y', 'w', 'h', 'width', 'size', 'from', 'to', 'points', 'text'];
const OTHERS = ['kind', 'fill', 'font', 'color', 'by', 'name', 'fileUrl', '__proto__'];

const anything = (depth = 0): unknown => {
  const kind = random() * (depth > 2 ? 0.7 : 1);
  if (kind < 0.4) return oneOf(NUMBERS);
  if (kind < 0.55) return oneOf(TEXTS);
  if (kind < 0.7) return oneOf([null, true, false, undefined]);
  if (kind < 0.85) return Array.from({ length: random() * 5 }, () => anything(depth + 1));
  return Object.fromEntries(
    Array.from({ length: random() * 6 }, () => [oneOf([...NAMES, ...OTHERS]), anything(depth + 1)]),
  );
};

const number = (): unknown => (random() < 0.9 ? oneOf(NUMBERS) : anything());
const pair = (): unknown => Array.from({ length: 2 + random() * 2 }, number);

/** Mostly right, or nothing would be understood. */
const nearlyOp = (): unknown => {
  const op: Record<string, unknown> = { id: oneOf(['a', 'b', 'c']), type: oneOf(TYPES) };
  for (const name of ['x', 'y', 'w', 'h', 'width', 'size']) op[name] = number();
  op['from'] = random() < 0.5 ? pair() : number();
  op['to'] = pair();
  op['points'] = Array.from({ length: random() * 9 }, pair);
  op['text'] = oneOf(TEXTS);
  op['fileUrl'] = `/files/${'0a'.repeat(16)}/a.png`;
  op[oneOf([...NAMES, ...OTHERS])] = anything();
  return op;
};

const isAllFinite = (value: unknown): boolean =>
  typeof value === 'number'
    ? Number.isFinite(value)
    : typeof value !== 'object' || value === null || Object.values(value).every(isAllFinite);

const check = (shape: Shape): void => {
  const made: unknown[] = [shape, boundsOf(shape), frameOf(shape)];
  if (shape.type === 'stroke') made.push(outlineOf(shape));
  if (isLine(shape)) made.push(arrowBarbs(shape));
  if (isWritten(shape))
    made.push(shape.type === 'note' ? layoutNote(shape, measure) : layoutText(shape));
  for (const each of made) assert.ok(isAllFinite(each), JSON.stringify([shape, each]));
  assert.equal(typeof hits(shape, 1, 1, 1), 'boolean');
  const drawn = toSvg([shape], { measure, pictures: new Map() });
  assert.ok(!/="[^"]*(NaN|Infinity)/.test(drawn), drawn);
};

test('no op and no cursor throws, and all numbers are finite', () => {
  const live = new LiveShapes();
  const peers = new Peers();
  let understood = 0;
  for (let i = 0; i < 2000; i++) {
    const value = random() < 0.7 ? nearlyOp() : anything();
    const shape = parseOp(value);
    if (shape) {
      understood++;
      check(shape);
    }
    live.take(oneOf(['s1', 's2']), value, i);
    peers.heard('s1', 'u1', 'Ann', random() < 0.5 ? value : { x: number(), y: number() }, i);
    peers.step(i, random() < 0.5);
    assert.ok(isAllFinite(peers.shown(i)));
    if (i % 10 === 0) live.shapes.forEach(check);
    if (i % 500 === 0) live.drop(() => true);
  }
  assert.ok(understood > 500);
});

test('a stroke goes on after a part whose place is nonsense', () => {
  const part = (from: unknown, x: number): object => ({
    ...{ id: 'a', type: 'stroke', color: '#000', from },
    points: [
      [x, 0],
      [x + 1, 0],
    ],
  });
  for (const bad of [NaN, Infinity, -Infinity, '0', -7, 0.5, {}]) {
    const live = new LiveShapes();
    live.take('s', part(bad, 0), 0);
    live.take('s', part(2, 2), 0);
    const [shape] = live.shapes;
    assert.equal(shape?.type === 'stroke' && shape.points.length, 4, String(bad));
  }
});
