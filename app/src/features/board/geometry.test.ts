import assert from 'node:assert/strict';
import test from 'node:test';
import { boundsOf, frameOf, hits, moved, scaled, simplified, snapped, squared } from './geometry';
import { handleAt, handlesOf, pulled } from './handles';
import type { Line, Outline, Point, Stroke, Text } from './ops';
import { fitted, nextZoom, panned, toBoard, toScreen, zoomedAt } from './view';

const rect: Outline = {
  ...{ id: 'r', type: 'rect', x: 0, y: 0, w: 100, h: 50 },
  ...{ color: '#000', width: 4, fill: 'none' },
};
const stroke: Stroke = {
  ...{ id: 's', type: 'stroke', kind: 'pen', color: '#000', width: 4 },
  points: [
    [0, 0, 0.5],
    [100, 100, 0.5],
  ],
};
const line: Line = { id: 'l', type: 'line', color: '#000', width: 2, from: [0, 0], to: [10, 0] };

test('bounds hold all ink', () => {
  assert.deepEqual(boundsOf(rect), { x: -2, y: -2, w: 104, h: 54 });
  assert.deepEqual(frameOf(stroke), { x: 0, y: 0, w: 100, h: 100 });
});

test('an empty rectangle is hit at its edge, a filled one inside', () => {
  assert.ok(hits(rect, 50, 1, 2));
  assert.ok(!hits(rect, 50, 25, 2));
  assert.ok(hits({ ...rect, fill: 'soft' }, 50, 25, 2));
  assert.ok(!hits(rect, 110, 25, 2));
});

test('an ellipse has no corners', () => {
  const ellipse: Outline = { ...rect, type: 'ellipse', fill: 'solid' };
  assert.ok(!hits(ellipse, 2, 2, 1));
  assert.ok(hits(ellipse, 50, 25, 1));
  assert.ok(hits({ ...ellipse, fill: 'none' }, 50, 0, 1));
  assert.ok(!hits({ ...ellipse, fill: 'none' }, 50, 25, 1));
});

test('strokes and lines are hit near their way', () => {
  assert.ok(hits(stroke, 52, 50, 2));
  assert.ok(!hits(stroke, 70, 50, 2));
  assert.ok(hits(line, 5, 2, 2));
  assert.ok(!hits(line, 14, 0, 2));
  assert.ok(hits({ ...stroke, points: [[5, 5]] }, 5, 6, 2));
});

test('moving keeps pressure; scaling scales', () => {
  const there = moved(stroke, 5, -5) as Stroke;
  assert.deepEqual(there.points[1], [105, 95, 0.5]);
  const half = scaled(rect, frameOf(rect), { x: 10, y: 10, w: 50, h: 25 }) as Outline;
  assert.deepEqual([half.x, half.y, half.w, half.h], [10, 10, 50, 25]);
  const flat = scaled(line, frameOf(line), { x: 0, y: 0, w: 20, h: 4 }) as Line;
  assert.deepEqual(flat.to, [20, 0]);
});

test('texts grow by their letters', () => {
  const text: Text = {
    ...{ id: 't', type: 'text', x: 0, y: 0, w: 100, h: 26, color: '#000' },
    ...{ text: 'abc', size: 20, font: 'sans' },
  };
  const large = scaled(text, frameOf(text), { x: 0, y: 0, w: 200, h: 52 }) as Text;
  assert.deepEqual([large.size, large.w, large.h], [40, 200, 52]);
});

test('squares and steps of 45 degrees', () => {
  assert.deepEqual(squared([0, 0], [30, -10]), [30, -30]);
  const [x, y] = snapped([0, 0], [10, 9]);
  assert.ok(Math.abs(x - y) < 1e-9);
});

test('points on the way are left out, corners and pressure are not', () => {
  const straight: Point[] = Array.from({ length: 50 }, (_, i) => [i, 0, 0.5]);
  assert.equal(simplified(straight, 0.3, 4).length, 2);
  const corner: Point[] = [...straight, [49, 30, 0.5]];
  assert.deepEqual(simplified(corner, 0.3, 4)[1], [49, 0, 0.5]);
  const pressed = straight.map(([x, y], i): Point => [x, y, i === 25 ? 1 : 0.2]);
  assert.ok(simplified(pressed, 0.3, 4).some((point) => point[2] === 1));
  assert.equal(simplified([[1, 1]], 1, 1).length, 1);
  const wild: Point[] = Array.from({ length: 1200 }, (_, i) => [i, (i % 2) * 50]);
  assert.equal(simplified(wild, 0.3, 4).length, 1200);
});

test('handles pull their side', () => {
  const box = { x: 0, y: 0, w: 100, h: 50 };
  const handles = handlesOf(box, 1);
  assert.equal(handles.length, 8);
  assert.equal(handleAt(handles, 105, 55, 6), 'se');
  assert.equal(handleAt(handles, 50, 25, 6), null);
  assert.deepEqual(pulled(box, 'se', 200, 100, false), { x: 0, y: 0, w: 200, h: 100 });
  assert.deepEqual(pulled(box, 'nw', 50, 40, false), { x: 50, y: 40, w: 50, h: 10 });
  assert.deepEqual(pulled(box, 'e', 200, 0, true), { x: 0, y: 0, w: 200, h: 100 });
  assert.equal(pulled(box, 'w', 500, 0, false).w, 4);
});

test('the view: there and back, around a point, to fit', () => {
  const view = { x: 10, y: -20, zoom: 2 };
  assert.deepEqual(toScreen(view, ...toBoard(view, 33, 44)), [33, 44]);
  const zoomed = zoomedAt(view, 4, 100, 100);
  assert.deepEqual(toBoard(zoomed, 100, 100), toBoard(view, 100, 100));
  assert.equal(zoomedAt(view, 99, 0, 0).zoom, 8);
  assert.deepEqual(panned(view, 10, 10), { x: 5, y: -25, zoom: 2 });
  const fit = fitted({ x: 0, y: 0, w: 4000, h: 100 }, { width: 1000, height: 500 });
  assert.ok(fit.zoom < 0.25 && toScreen(fit, 0, 50)[0] > 0);
  assert.equal(fitted({ x: 0, y: 0, w: 1, h: 1 }, { width: 1000, height: 500 }).zoom, 1);
  assert.equal(nextZoom(1, 1), 1.5);
  assert.equal(nextZoom(0.1, -1), 0.1);
});
