import assert from 'node:assert/strict';
import test from 'node:test';
import { modes, presets, withMode } from './presets';

test('changing the kind there and back changes nothing', () => {
  for (const from of modes)
    for (const to of modes)
      assert.deepEqual(withMode(withMode(presets[from], to), from), presets[from], `${from} ${to}`);
});

test('what was set by hand stays', () => {
  const own = { ...presets.study, isPublic: false, durationMinutes: 45 };
  const { isPublic, durationMinutes, approval } = withMode(own, 'interview');
  assert.deepEqual([isPublic, durationMinutes, approval], [false, 45, true]);
});
