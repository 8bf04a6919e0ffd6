import assert from 'node:assert/strict';
import { test } from 'node:test';
import '~/text/room';
import { untested, verdict, ways, wayText } from './connection';

test('nothing is said before all is known', () => {
  assert.equal(verdict(untested), null);
  assert.equal(verdict({ websocket: 'ok', udp: 'ok', relay: 'testing' }), null);
});

test('without the server nothing else counts', () => {
  assert.equal(verdict({ ...untested, websocket: 'failed' })?.kind, 'bad');
});

test('a relay makes up for blocked UDP', () => {
  assert.equal(verdict({ websocket: 'ok', udp: 'failed', relay: 'ok' })?.kind, 'good');
  assert.equal(verdict({ websocket: 'ok', udp: 'failed', relay: 'failed' })?.kind, 'warn');
  assert.equal(verdict({ websocket: 'ok', udp: 'failed', relay: 'none' })?.kind, 'warn');
});

test('UDP is enough', () => {
  assert.equal(verdict({ websocket: 'ok', udp: 'ok', relay: 'failed' })?.kind, 'good');
});

test('every outcome has words', () => {
  for (const way of ways)
    for (const check of ['testing', 'ok', 'failed', 'none'] as const)
      assert.doesNotMatch(wayText(way, check), /^prejoin\./);
});
