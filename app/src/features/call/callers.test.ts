import assert from 'node:assert/strict';
import test from 'node:test';
import type { Seat } from '~/wire/types';
import { callersOf, isPolite, ownCallers } from './callers';
import { lot } from './testing/world';

const seat = (socketId: string, second: number, userId = `u-${socketId}`): Seat => ({
  socketId,
  userId,
  name: userId,
  avatarUrl: null,
  role: 'participant',
  guest: false,
  media: { audio: false, video: false, screen: false },
  hand: false,
  handAt: null,
  goal: null,
  joinedAt: new Date(1_700_000_000_000 + second * 1000).toISOString(),
});

const ids = (seats: readonly Seat[]) => seats.map(({ socketId }) => socketId);

test('the longest present come first, ids decide between the same moment', () => {
  const seats = [seat('d', 3), seat('b', 1), seat('a', 2), seat('B', 1)];
  assert.deepEqual(ids(callersOf(seats, 3)), ['B', 'b', 'a']);
  assert.deepEqual(ids(seats), ['d', 'b', 'a', 'B'], 'the seats stay as they are');
});

test('who waits at the door is in no call', () => {
  const waiting: Seat = { ...seat('w', 0), role: 'waiting' };
  assert.deepEqual(ids(callersOf([waiting, seat('a', 1)], 1)), ['a']);
});

test('beyond the limit one has no peers, and gets in when somebody goes', () => {
  const seats = [seat('a', 1), seat('b', 2), seat('c', 3)];
  assert.deepEqual(ownCallers(seats, 'c', 2), { full: true, peers: [] });
  assert.deepEqual(ids(ownCallers(seats, 'a', 2)?.peers ?? []), ['b']);
  const [, ...rest] = seats;
  assert.deepEqual(ids(ownCallers(rest, 'c', 2)?.peers ?? []), ['b']);
});

test('another tab of oneself is no peer, and without a seat nothing is known', () => {
  const seats = [seat('a', 1, 'me'), seat('b', 2, 'me'), seat('c', 3)];
  assert.deepEqual(ids(ownCallers(seats, 'a', 4)?.peers ?? []), ['c']);
  assert.equal(ownCallers(seats, 'x', 4), null);
});

test('everybody computes the same pairs', () => {
  const draw = lot(3);
  for (let n = 0; n < 200; n++) {
    const seats = Array.from({ length: 1 + draw(9) }, (_, i) =>
      seat(`s${i}`, draw(5), `u${draw(6)}`),
    );
    const limit = 1 + draw(6);
    for (const { socketId: one } of seats)
      for (const { socketId: other } of seats) {
        const has = (a: string, b: string) =>
          ids(ownCallers([...seats].reverse(), a, limit)?.peers ?? []).includes(b);
        assert.equal(has(one, other), has(other, one));
      }
  }
});

test('exactly one of two is polite', () => {
  assert.equal(isPolite('a', 'b'), false);
  assert.equal(isPolite('b', 'a'), true);
  assert.equal(isPolite('Z', 'a'), false); // by byte
});
