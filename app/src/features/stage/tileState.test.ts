import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PeerView } from '~/features/call/types';
import '~/text/room';
import { connectionText, nameText, tileState, tileText } from './tileState';

const peer: PeerView = {
  socketId: 'a',
  state: 'connected',
  camera: null,
  screen: null,
  quality: 'poor',
  relayed: false,
  roundTripMs: 339.6,
  framesDecoded: 0,
};

test('the state of a tile follows the connection', () => {
  const of = (state: PeerView['state']) =>
    tileState({ own: false, inCall: true, peer: { ...peer, state } });
  assert.deepEqual((['new', 'connecting', 'connected', 'retrying', 'failed'] as const).map(of), [
    'connecting',
    'connecting',
    'live',
    'retrying',
    'failed',
  ]);
});

test('oneself is there, and whoever has no connection is silent', () => {
  assert.equal(tileState({ own: true, inCall: true, peer: null }), 'live');
  assert.equal(tileState({ own: false, inCall: true, peer: null }), 'silent');
  assert.equal(tileState({ own: false, inCall: false, peer }), 'silent');
});

test('the connection in words', () => {
  assert.equal(connectionText(peer), 'Poor connection · 340 ms · direct, encrypted end to end');
  assert.match(
    connectionText({ ...peer, relayed: true, roundTripMs: null }),
    /^Poor connection · through/,
  );
});

test('a tile tells who it is and how they are', () => {
  const told = {
    name: 'Ann',
    own: false,
    ownPerson: false,
    state: 'retrying',
    audio: false,
    video: true,
    hand: true,
    pinned: true,
  } as const;
  assert.equal(
    tileText(told),
    'Ann, Connection lost. Trying again…, hand raised, microphone off, camera on, pinned',
  );
  assert.equal(
    tileText({ ...told, state: 'live', hand: false, pinned: false }),
    'Ann, microphone off, camera on',
  );
});

test('one finds oneself', () => {
  assert.equal(nameText({ name: 'Ann', own: true, ownPerson: true }), 'Ann (you)');
  assert.equal(nameText({ name: 'Ann', own: false, ownPerson: true }), 'Ann (you, elsewhere)');
});
