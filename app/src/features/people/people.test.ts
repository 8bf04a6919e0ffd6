import assert from 'node:assert/strict';
import test from 'node:test';
import { peopleOf } from '~/room/view';
import { registerTexts } from '~/text';
import { people as texts } from '~/text/en/people';
import type { Seat } from '~/wire/types';
import { emptyCrowd, gather, tell } from './news';
import { matching, mediaOf, ordered } from './order';

registerTexts(texts);

const seat = (userId: string, more: Partial<Seat> = {}): Seat => ({
  userId,
  name: userId,
  avatarUrl: null,
  role: 'participant',
  guest: true,
  socketId: `${userId}-${more.joinedAt ?? 1}`,
  media: { audio: false, video: false, screen: false },
  hand: false,
  handAt: null,
  goal: null,
  joinedAt: '1',
  ...more,
});

test('hands first, then oneself, hosts, the others by name', () => {
  const seats = [
    seat('zoe'),
    seat('Bob'),
    seat('me'),
    seat('host', { role: 'host' }),
    seat('late', { hand: true, handAt: '2026-05-05T12:00:02.000Z' }),
    seat('early', { hand: true, handAt: '2026-05-05T12:00:01.000Z' }),
    seat('co', { role: 'cohost' }),
  ];
  const all = ordered(peopleOf(seats), 'me');
  assert.deepEqual(
    all.map((p) => p.userId),
    ['early', 'late', 'me', 'host', 'co', 'Bob', 'zoe'],
  );
  assert.deepEqual(
    matching(all, ' BO').map((p) => p.userId),
    ['Bob'],
  );
});

test('of several connections, what any has on', () => {
  const [person] = peopleOf([
    seat('a'),
    seat('a', { joinedAt: '2', media: { audio: true, video: false, screen: true } }),
  ]);
  assert.ok(person);
  assert.deepEqual(mediaOf(person), { audio: true, video: false, screen: true });
});

const here = (...names: string[]) => new Map(names.map((name) => [name, name]));

test('coming and going, in groups', () => {
  const crowd = emptyCrowd();
  gather(crowd, here('a'), here('a', 'b'));
  gather(crowd, here('a', 'b'), here('a', 'b', 'c', 'd'));
  gather(crowd, here('a', 'b', 'c', 'd'), here('b', 'c', 'd'));
  assert.deepEqual(tell(crowd), ['b and 2 others are here', 'a left']);
});

test('who comes back at once is no news', () => {
  const crowd = emptyCrowd();
  gather(crowd, here('a'), here());
  gather(crowd, here(), here('a', 'b'));
  gather(crowd, here('a', 'b'), here('a'));
  assert.deepEqual(tell(crowd), []);
});
