import assert from 'node:assert/strict';
import test from 'node:test';
import { allEmoji, emojiGroups } from './emojiList';
import { begunName, findEmoji } from './emojiSearch';
import { isEmojiOnly } from './grouping';

test('the list', () => {
  assert.ok(allEmoji.length >= 150, `${allEmoji.length}`);
  assert.equal(new Set(allEmoji.map(({ name }) => name)).size, allEmoji.length, 'names are unique');
  assert.equal(new Set(allEmoji.map(({ sign }) => sign)).size, allEmoji.length, 'signs are');
  for (const { sign, name } of allEmoji) {
    assert.match(name, /^[a-z0-9_]+$/, name);
    assert.ok(isEmojiOnly(sign), name);
  }
  assert.equal(emojiGroups.length, 8);
});

test('by name and by other words', () => {
  const names = (query: string, limit?: number) =>
    findEmoji(allEmoji, query, limit).map(({ name }) => name);
  assert.equal(names('fire')[0], 'fire');
  assert.equal(names('thumbs')[0], 'thumbs_up');
  assert.ok(names('birthday').includes('cake'));
  assert.ok(names('thumbs up').includes('thumbs_up'));
  assert.ok(names('up').includes('thumbs_up'), 'words within a name');
  assert.ok(names('+1').includes('thumbs_up'));
  assert.equal(names('heart')[0], 'heart', 'the exact one first');
  assert.deepEqual(names('zzzzz'), []);
  assert.equal(names('', 5).length, 5);
  assert.equal(names('a', 6).length, 6);
  assert.deepEqual(names('  FIRE '), names('fire'));
});

test(':name: before the caret', () => {
  const at = (text: string) => begunName(text, text.length);
  assert.deepEqual(at('hi :smi'), { start: 3, query: 'smi', isClosed: false });
  assert.deepEqual(at(':smile:'), { start: 0, query: 'smile', isClosed: true });
  assert.deepEqual(begunName('a :smi b', 6), { start: 2, query: 'smi', isClosed: false });
  for (const text of [
    'at 10:30',
    'https://a',
    ':s',
    'a:smile',
    ':',
    '',
    ': smile',
    `:${'a'.repeat(40)}`,
  ])
    assert.equal(at(text), null, text);
});
