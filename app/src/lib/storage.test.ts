import assert from 'node:assert/strict';
import { test } from 'node:test';

import { forget, keep, recall } from './storage';

const kept = new Map<string, string>([
  ['stoa.broken', '{'],
  ['stoa.old', '"here"'],
]);
let isFull = false;
Object.defineProperty(globalThis, 'localStorage', {
  configurable: true,
  value: {
    getItem: (key: string) => kept.get(key) ?? null,
    removeItem: (key: string) => kept.delete(key),
    setItem: (key: string, value: string) => {
      if (isFull) throw new DOMException('full', 'QuotaExceededError');
      kept.set(key, value);
    },
  },
});

test('what is kept is found, and forgotten', () => {
  assert.equal(recall('old', 'x'), 'here');
  keep('list', [1, 2]);
  assert.equal(kept.get('stoa.list'), '[1,2]');
  assert.deepEqual(recall('list', []), [1, 2]);
  forget('list');
  assert.equal(kept.has('stoa.list'), false);
  assert.deepEqual(recall('list', [0]), [0]);
});

test('what cannot be read is as if it were not there', () => {
  assert.equal(recall('broken', 7), 7);
});

test('a full store keeps it for this page', () => {
  isFull = true;
  keep('name', 'Ada');
  assert.equal(recall('name', ''), 'Ada');
  assert.equal(kept.has('stoa.name'), false);
});
