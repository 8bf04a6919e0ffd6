import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Seat } from '~/wire/types';
import { cameraId, chooseLayout, screenId, stripIsBeside, tilesOf } from './layout';

const seat = (socketId: string, screen = false, userId = socketId): Seat => ({
  socketId,
  userId,
  name: socketId,
  avatarUrl: null,
  role: 'participant',
  guest: true,
  media: { audio: true, video: true, screen },
  hand: false,
  handAt: null,
  goal: null,
  joinedAt: '2026-01-01T00:00:00Z',
});

const self = { socketId: 'me', userId: 'me' };
const ids = (tiles: readonly { id: string }[]) => tiles.map((tile) => tile.id);
const none = { pinned: null, dismissed: [] };

test('screens come first, then oneself, then the others', () => {
  const tiles = tilesOf([seat('a'), seat('me'), seat('b', true)], self, true);
  assert.deepEqual(ids(tiles), [screenId('b'), cameraId('me'), cameraId('a'), cameraId('b')]);
});

test('one does not see the own screen, nor any without a call', () => {
  assert.deepEqual(ids(tilesOf([seat('me', true)], self, true)), [cameraId('me')]);
  assert.deepEqual(ids(tilesOf([seat('a', true)], self, false)), [cameraId('a')]);
});

test('another tab of oneself is told apart', () => {
  const [, other] = tilesOf([seat('me'), seat('me2', false, 'me')], self, true);
  assert.deepEqual([other?.own, other?.ownPerson], [false, true]);
});

test('nothing large: everybody in the grid', () => {
  const tiles = tilesOf([seat('me'), seat('a')], self, true);
  assert.deepEqual(chooseLayout(tiles, none), { main: null, rest: tiles });
});

test('the newest screen is large until it is dismissed', () => {
  const tiles = tilesOf([seat('me'), seat('a', true), seat('b', true)], self, true);
  assert.equal(chooseLayout(tiles, none).main?.id, screenId('b'));
  const dismissed = [screenId('a'), screenId('b')];
  assert.equal(chooseLayout(tiles, { pinned: null, dismissed }).main, null);
  assert.equal(
    chooseLayout(tiles, { pinned: null, dismissed: [screenId('b')] }).main?.id,
    screenId('a'),
  );
});

test('what is pinned wins, while it is there', () => {
  const tiles = tilesOf([seat('me'), seat('a', true)], self, true);
  const layout = chooseLayout(tiles, { pinned: cameraId('me'), dismissed: [] });
  assert.equal(layout.main?.id, cameraId('me'));
  assert.deepEqual(ids(layout.rest), [screenId('a'), cameraId('a')]);
  const gone = { pinned: cameraId('x'), dismissed: [] };
  assert.equal(chooseLayout(tiles, gone).main?.id, screenId('a'));
});

test('small pictures stand beside on wide screens and on phones that lie', () => {
  assert.equal(stripIsBeside(1400, 800), true);
  assert.equal(stripIsBeside(700, 320), true);
  assert.equal(stripIsBeside(390, 640), false);
  assert.equal(stripIsBeside(800, 1000), false);
});
