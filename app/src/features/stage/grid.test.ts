import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bestGrid, bringForward, keepOrder, pageOf, pageSize, type Area } from './grid';

const GAP = 8;
const wide: Area = { width: 1400, height: 760 };
const phone: Area = { width: 374, height: 640 };
const lying: Area = { width: 828, height: 300 };

test('columns and rows for common numbers of people', () => {
  const shape = (n: number, area: Area) => {
    const { columns, rows } = bestGrid(n, area, GAP);
    return `${columns}x${rows}`;
  };
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6, 9, 16, 25].map((n) => shape(n, wide)),
    ['1x1', '2x1', '2x2', '2x2', '3x2', '3x2', '3x3', '4x4', '5x5'],
  );
  assert.deepEqual(
    [1, 2, 3, 4, 6, 8].map((n) => shape(n, phone)),
    ['1x1', '1x2', '1x3', '2x2', '2x3', '2x4'],
  );
  assert.equal(shape(3, lying), '3x1');
});

test('tiles fit, and keep a shape that faces look well in', () => {
  for (const area of [wide, phone, lying, { width: 200, height: 900 }])
    for (let n = 1; n <= 25; n++) {
      const { columns, rows, tileWidth, tileHeight } = bestGrid(n, area, GAP);
      assert.ok(columns * rows >= n);
      assert.ok(columns * tileWidth + (columns - 1) * GAP <= area.width);
      assert.ok(rows * tileHeight + (rows - 1) * GAP <= area.height);
      const ratio = tileWidth / tileHeight;
      assert.ok(ratio > 0.7 && ratio < 1.85, `${n}: ${ratio}`);
    }
});

test('an area without any room has no tiles, and does no harm', () => {
  assert.equal(bestGrid(3, { width: 0, height: 0 }, GAP).tileWidth, 0);
  assert.equal(pageSize({ width: 0, height: 0 }, GAP), 1);
});

test('a page holds 25 at most, and fewer where they would be too small', () => {
  assert.equal(pageSize({ width: 4000, height: 2000 }, GAP), 25);
  assert.equal(pageSize(phone, GAP), 10);
});

test('pages end where people end', () => {
  const people = Array.from({ length: 26 }, (_, i) => i);
  assert.equal(pageOf(people, 0, 25).items.length, 25);
  assert.deepEqual(pageOf(people, 1, 25), { items: [25], page: 1, pages: 2 });
  assert.equal(pageOf(people, 7, 25).page, 1);
  assert.deepEqual(pageOf([], 3, 25), { items: [], page: 0, pages: 1 });
});

test('who speaks on a later page changes places with who was silent for longest', () => {
  const order = ['me', 'a', 'b', 'c', 'd'];
  assert.deepEqual(bringForward(order, 3, 'd', { a: 5, b: 2 }), ['me', 'a', 'd', 'c', 'b']);
  assert.deepEqual(bringForward(order, 3, 'a', {}), order, 'is there already');
  assert.deepEqual(bringForward(order, 3, null, {}), order);
  assert.deepEqual(bringForward(order, 1, 'd', {}), order, 'the first place is taken');
});

test('people keep their places while others come and go', () => {
  assert.deepEqual(keepOrder(['a', 'b', 'c'], ['c', 'x', 'a']), ['a', 'c', 'x']);
});
