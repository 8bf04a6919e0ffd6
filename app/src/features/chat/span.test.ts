import assert from 'node:assert/strict';
import test from 'node:test';
import type { Message } from '~/wire/types';
import { around, earlier, later, LATEST, pinned, rangeOf, type Range, type Span } from './span';

const make = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => ({ id: `m${from + i}` }) as Message);

test('the latest ones, also when more come', () => {
  assert.deepEqual(rangeOf(LATEST, make(0, 10), [0, 0]), [0, 10]);
  assert.deepEqual(rangeOf(LATEST, make(0, 500), [0, 0]), [420, 500]);
  assert.deepEqual(rangeOf(LATEST, [], [0, 0]), [0, 0]);
});

test('up to the first, and down to the last, never more than a few hundred', () => {
  const all = make(0, 1000);
  let range: Range = rangeOf(LATEST, all, [0, 0]);
  let span: Span = LATEST;
  const go = (step: typeof earlier) => {
    span = step(all, range);
    const next = rangeOf(span, all, range);
    assert.ok(next[1] - next[0] <= 240, `${next}`);
    assert.ok(next[0] < range[1] && next[1] > range[0], 'what is seen stays');
    range = next;
  };
  for (let i = 0; i < 30 && range[0] > 0; i++) go(earlier);
  assert.equal(range[0], 0);
  for (let i = 0; i < 30 && range[1] < 1000; i++) go(later);
  assert.equal(range[1], 1000);
  assert.equal(span.endId, null, 'new ones are shown again');
});

test('what is put before or behind moves nothing', () => {
  const span = pinned(make(50, 150), [20, 100]);
  assert.deepEqual(span, { startId: 'm70', endId: null });
  assert.deepEqual(rangeOf(span, make(0, 160), [20, 100]), [70, 160]);
  const middle = around(make(0, 500), 250);
  assert.deepEqual(rangeOf(middle, make(0, 510), [0, 0]), [190, 310]);
  assert.deepEqual(rangeOf(around(make(0, 500), 3), make(0, 500), [0, 0]), [0, 63]);
});

test('an edge that was deleted', () => {
  const all = make(0, 500).filter(({ id }) => id !== 'm190' && id !== 'm309');
  assert.deepEqual(rangeOf({ startId: 'm190', endId: 'm309' }, all, [190, 310]), [190, 310]);
});
