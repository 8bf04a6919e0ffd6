import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as format from './format';

const now = Date.UTC(2026, 2, 3, 12);
const minute = 60_000;

test('sizes', () => {
  assert.equal(format.formatBytes(0), '0 bytes');
  assert.equal(format.formatBytes(1), '1 byte');
  assert.equal(format.formatBytes(1023), '1,023 bytes');
  assert.equal(format.formatBytes(1536), '1.5 kB');
  assert.equal(format.formatBytes(2 ** 20 - 1), '1 MB');
  assert.equal(format.formatBytes(50 * 2 ** 20), '50 MB');
  assert.equal(format.formatBytes(2 ** 30 - 1), '1 GB');
  assert.equal(format.formatBytes(3250 * 2 ** 30), '3,250 GB');
});

test('what is left on a clock', () => {
  assert.equal(format.formatDuration(25 * minute), '25:00');
  assert.equal(format.formatDuration(1), '00:01');
  assert.equal(format.formatDuration(-5), '00:00');
  assert.equal(format.formatDuration(65 * minute), '1:05:00');
});

test('minutes', () => {
  assert.equal(format.formatMinutes(25), '25 min');
  assert.equal(format.formatMinutes(120), '2 hr');
  assert.equal(format.formatMinutes(125.4), '2 hr 5 min');
});

test('how long ago', () => {
  assert.equal(format.formatRelative(now - 10_000, now), 'now');
  assert.equal(format.formatRelative(now - 50_000, now), '1 min. ago');
  assert.equal(format.formatRelative(now - 50 * minute, now), '1 hr. ago');
  assert.equal(format.formatRelative(now - 24 * 60 * minute, now), 'yesterday');
  assert.equal(format.formatRelative(now + 5 * minute, now), 'in 5 min.');
});

test('no moment, no words', () => {
  assert.equal(format.formatTime('never'), '');
  assert.equal(format.formatDate('never'), '');
  assert.equal(format.formatRelative('never'), '');
});
