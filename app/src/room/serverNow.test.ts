import assert from 'node:assert/strict';
import test from 'node:test';
import { msToNextSecond } from './serverNow';

test('the next tick is when the shown second changes', () => {
  for (const left of [1, 500, 999, 1000, 59_999, 0, -1, -1_763_766_000_001]) {
    const wait = msToNextSecond(left);
    assert.ok(Math.ceil((left - wait) / 1000) < Math.ceil(left / 1000), `${left}`);
    assert.ok(wait > 0 && wait <= 1020, `${left}`);
  }
});
