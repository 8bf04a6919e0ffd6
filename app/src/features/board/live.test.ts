import assert from 'node:assert/strict';
import test from 'node:test';
import { LiveShapes, tellShape, tellStroke, type CursorSaid } from './live';
import type { Point, Stroke } from './ops';
import { Peers } from './peers';

const stroke = (n: number): Stroke => ({
  ...{ id: 'abcdefghijklmnopqrst', type: 'stroke', kind: 'pen', color: '#23272b', width: 5.6 },
  points: Array.from({ length: n }, (_, i): Point => [-12345.6 - i, 9876.5 + i, 0.55]),
});

/** What is said of a stroke that is there as a whole. */
const allOf = (whole: Stroke): CursorSaid[] => {
  const messages: CursorSaid[] = [];
  for (let sent = 0; sent < whole.points.length;) {
    const told = tellStroke(1.23, 4.56, whole, sent);
    messages.push(told.said);
    sent = told.sent;
  }
  return messages;
};

const pointsOf = (live: LiveShapes): Point[] => {
  const [shape] = live.shapes;
  return shape?.type === 'stroke' ? shape.points : [];
};

test('messages are small, and make the whole', () => {
  const messages = allOf(stroke(500));
  const live = new LiveShapes();
  for (const said of messages) {
    assert.ok(JSON.stringify(said).length <= 1000);
    live.take('s1', said.live, 0);
  }
  assert.deepEqual(pointsOf(live), stroke(500).points);
});

test('a lost message leaves a gap, one that comes twice nothing', () => {
  const messages = allOf(stroke(200));
  const live = new LiveShapes();
  messages.forEach(({ live: said }, i) => {
    if (i === 1) return;
    live.take('s1', said, 0);
    live.take('s1', said, 0);
  });
  const points = pointsOf(live);
  assert.deepEqual(points.at(-1), stroke(200).points.at(-1));
  assert.equal(new Set(points.map(([x]) => x)).size, points.length);
});

test('who comes late sees the rest', () => {
  const live = new LiveShapes();
  live.take('s1', allOf(stroke(200)).at(-1)?.live, 0);
  assert.deepEqual(pointsOf(live).at(-1), stroke(200).points.at(-1));
});

test('holding still says the last point again', () => {
  const { said, sent } = tellStroke(0, 0, stroke(10), 10);
  const live = new LiveShapes();
  live.take('s1', tellStroke(0, 0, stroke(10), 0).said.live, 0);
  live.take('s1', said.live, 3000);
  assert.equal(sent, 10);
  assert.equal(pointsOf(live).length, 10);
  live.prune(6000);
  assert.equal(live.shapes.length, 1);
  live.prune(9000);
  assert.equal(live.shapes.length, 0);
});

test('it goes when it is on the board, given up, or its author leaves', () => {
  const live = new LiveShapes();
  const say = (socketId: string, id: string): void =>
    live.take(socketId, { id, type: 'rect', x: 0, y: 0, w: 1, h: 1 }, 0);
  say('s1', 'a');
  say('s1', 'b');
  say('s2', 'c');
  assert.ok(live.drop((id) => id === 'a'));
  live.take('s1', undefined, 0);
  assert.deepEqual(
    live.shapes.map(({ id }) => id),
    ['b', 'c'],
  );
  live.take('s1', null, 0);
  assert.ok(live.drop((_, socketId) => socketId === 's2'));
  assert.equal(live.shapes.length, 0);
});

test('nonsense does nothing', () => {
  const live = new LiveShapes();
  for (const said of [7, 'x', {}, [], { type: 'stroke', id: 'a', points: [], from: 'b' }])
    live.take('s1', said, 0);
  live.take('s1', { ...stroke(2), from: NaN }, 0);
  assert.equal(live.shapes.length, 1);
});

test('a shape that is too large is not told', () => {
  const text = 'x'.repeat(2000);
  const frame = { id: 'n', x: 0, y: 0, w: 9, h: 9, color: '#000' };
  const said = tellShape(1, 2, { ...frame, type: 'note', text, size: 20, font: 'sans' });
  assert.deepEqual(said, { x: 1, y: 2 });
});

test('cursors glide, rest and fade', () => {
  const peers = new Peers();
  peers.heard('s1', 'u1', 'Ann', { x: 0, y: 0 }, 1000);
  peers.heard('s1', 'u1', 'Ann', { x: 100, y: 0 }, 1050);
  for (const bad of [null, 7, {}, { x: 'a', y: 1 }, { x: 1e99, y: 0 }])
    peers.heard('s2', 'u2', 'Bob', bad, 1000);
  peers.step(1050, true);
  peers.heard('s1', 'u1', 'Ann', { x: 200, y: 0 }, 1060);
  assert.ok(peers.step(1100, false));
  const [ann, ...others] = peers.shown(1100);
  assert.ok(ann && ann.at[0] > 100 && ann.at[0] < 200);
  assert.equal(others.length, 0);
  peers.step(1160, true);
  assert.equal(peers.shown(1160)[0]?.at[0], 200);
  assert.equal(peers.restsFor(1060), 4000);
  peers.step(9000, true);
  assert.equal(peers.shown(9000).length, 0);
});
