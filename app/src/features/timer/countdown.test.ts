import assert from 'node:assert/strict';
import test from 'node:test';
import type { Timer } from '~/wire/types';
import { phaseMs, progress, remainingMs } from './countdown';

const timer = (part: Partial<Timer>): Timer => ({
  phase: 'focus',
  running: true,
  remainingMs: 60_000,
  endsAt: 1_000_000,
  serverNow: 0,
  round: 1,
  settings: {
    focusMinutes: 25,
    breakMinutes: 5,
    longBreakMinutes: 15,
    rounds: 4,
    autoFocus: false,
    hostsOnly: false,
  },
  ...part,
});

test('a running timer is compared with the clock, a paused one stands', () => {
  assert.equal(remainingMs(timer({}), 940_000), 60_000);
  assert.equal(remainingMs(timer({}), 2_000_000), 0);
  assert.equal(remainingMs(timer({ running: false, endsAt: null }), 940_000), 60_000);
});

test('progress goes from 0 to 1, whatever the length', () => {
  assert.equal(progress(timer({}), phaseMs(timer({}))), 0);
  assert.equal(progress(timer({}), 0), 1);
  assert.equal(progress(timer({}), 60 * 60_000), 0, 'a longer phase than the settings say');
  assert.equal(progress(timer({ phase: 'idle' }), 5), 0);
});
