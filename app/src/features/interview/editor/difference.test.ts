import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differences } from './difference';

const apply = (old: string, now: string): string => {
  let text = old;
  let before = Infinity;
  for (const { from, to, insert } of differences(old, now).reverse()) {
    assert.ok(from <= to && to <= before, 'in order, and apart');
    before = from;
    text = text.slice(0, from) + insert + text.slice(to);
  }
  return text;
};

test('only what differs is changed', () => {
  assert.deepEqual(differences('same', 'same'), []);
  assert.deepEqual(differences('a b c', 'a xy c'), [{ from: 2, to: 3, insert: 'xy' }]);
  assert.deepEqual(differences('ab', 'abab'), [{ from: 2, to: 2, insert: 'ab' }]);
  assert.deepEqual(differences('aaa', 'aa'), [{ from: 2, to: 3, insert: '' }]);
  assert.deepEqual(differences('', 'x'), [{ from: 0, to: 0, insert: 'x' }]);
});

test('changes far apart leave what is between them', () => {
  const between = Array.from({ length: 50 }, (_, i) => `line ${i}\n`).join('');
  const changes = differences(`one\n${between}two\n`, `eins\n${between}zwei\nend\n`);
  assert.equal(changes.length, 2);
  assert.ok(changes.every(({ from, to }) => to - from < 5));
});

test('every text of up to six letters and line breaks becomes every other', () => {
  const texts = [''];
  for (const text of texts) if (text.length < 6) texts.push(`${text}a`, `${text}b`, `${text}\n`);
  const some = texts.filter((text, i) => text.length < 4 || i % 7 === 0);
  for (const old of some) for (const now of some) assert.equal(apply(old, now), now);
});

test('what is very long is changed as a whole, and right', () => {
  const long = (word: string) => `${word}\n`.repeat(3000);
  const old = `${long('a')}${long('b')}`;
  const now = `x${long('b')}${long('a')}y`;
  assert.equal(apply(old, now), now);
});
