import assert from 'node:assert/strict';
import test from 'node:test';
import { listen, loudness, silence, type Speaking } from './speaking';

const STEP_MS = 125;

/** Listens for a while to the same levels. */
const hear = (
  from: Speaking,
  levels: Record<string, number>,
  seconds: number,
  start: number,
): Speaking => {
  let now = from;
  for (let ms = 0; ms < seconds * 1000; ms += STEP_MS)
    now = listen(now, new Map(Object.entries(levels)), 'me', start + ms);
  return now;
};

test('loudness goes by decibels', () => {
  assert.equal(loudness(0), 0);
  assert.equal(loudness(1), 1);
  assert.equal(loudness(0.001), 0);
  assert.ok(Math.abs(loudness(0.1) - 0.8) < 1e-9);
  assert.equal(loudness(NaN), 0);
});

test('a click is no speech, a word is, and a pause between words does not end it', () => {
  const click = hear(silence, { a: 0.5 }, 0.125, 0);
  assert.deepEqual(click.speakers, []);
  const word = hear(click, { a: 0.7 }, 1, 125);
  assert.deepEqual(word.speakers, ['a']);
  const pause = hear(word, { a: 0 }, 0.9, 1125);
  assert.deepEqual(pause.speakers, ['a']);
  const end = hear(pause, { a: 0 }, 1, 2025);
  assert.deepEqual(end.speakers, []);
  assert.equal(end.lastSpeaker, 'a', 'is still the last one');
});

test('noise just above where speech ends does not begin it', () => {
  assert.deepEqual(hear(silence, { a: 0.35 }, 5, 0).speakers, []);
  const speech = hear(silence, { a: 0.8 }, 1, 0);
  assert.deepEqual(hear(speech, { a: 0.35 }, 5, 1000).speakers, ['a']);
});

test('the loudest come first, without changing places for a trifle', () => {
  const two = hear(silence, { a: 0.6, b: 0.8 }, 2, 0);
  assert.deepEqual(two.speakers, ['b', 'a']);
  const near = hear(two, { a: 0.85, b: 0.8 }, 2, 2000);
  assert.deepEqual(near.speakers, ['b', 'a']);
  const clear = hear(near, { a: 0.95, b: 0.8 }, 2, 4000);
  assert.deepEqual(clear.speakers, ['a', 'b']);
});

test('the last speaker is somebody else who stays until the next one speaks alone', () => {
  const own = hear(silence, { me: 0.9 }, 1, 0);
  assert.deepEqual(own.speakers, ['me']);
  assert.equal(own.lastSpeaker, null);
  const a = hear(own, { me: 0, a: 0.8, b: 0 }, 3, 1000);
  assert.equal(a.lastSpeaker, 'a');
  const both = hear(a, { me: 0, a: 0.6, b: 0.9 }, 3, 4000);
  assert.deepEqual([both.speakers[0], both.lastSpeaker], ['b', 'a']);
  const b = hear(both, { me: 0, a: 0, b: 0.9 }, 3, 7000);
  assert.equal(b.lastSpeaker, 'b');
  assert.equal(hear(b, { me: 0, a: 0 }, 1, 10_000).lastSpeaker, null, 'has gone');
});
