import assert from 'node:assert/strict';
import test from 'node:test';
import { nextOf } from './next';

const origin = 'https://rooms.example.org';

test('the page one came for', () => {
  assert.equal(nextOf('?next=%2Froom%2FA7x9K2', origin), '/room/A7x9K2');
  assert.equal(nextOf('', origin), '/');
});

test('never another origin', () => {
  const wishes = [
    '//evil.example',
    '/.//evil.example',
    'https://evil.example/',
    '/\\evil.example',
    'javascript:alert(1)',
  ];
  for (const wish of wishes) assert.equal(nextOf(`?next=${encodeURIComponent(wish)}`, origin), '/');
});
