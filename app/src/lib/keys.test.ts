import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ariaKeys, chordOf, keysLabel, matches } from './keys';

const press = (key: string, more: Partial<KeyboardEvent> = {}) => ({
  key,
  code: '',
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...more,
});

test('written keys', () => {
  assert.deepEqual(chordOf('Mod+Shift+K'), { mod: true, shift: true, alt: false, key: 'k' });
  assert.equal(chordOf('Space').key, ' ');
  assert.equal(chordOf('+').key, '+');
  assert.deepEqual(chordOf('Mod++'), { mod: true, shift: false, alt: false, key: '+' });
});

test('pressed keys', () => {
  assert.ok(matches(chordOf('m'), press('m')));
  assert.ok(matches(chordOf('m'), press('M'))); // with Caps Lock
  assert.ok(!matches(chordOf('m'), press('M', { shiftKey: true })));
  assert.ok(!matches(chordOf('m'), press('m', { ctrlKey: true })));
  assert.ok(matches(chordOf('?'), press('?', { shiftKey: true })));
  assert.ok(matches(chordOf('m'), press('ь', { code: 'KeyM' })));
  assert.ok(!matches(chordOf('Enter'), press('Enter', { shiftKey: true })));
  assert.ok(matches(chordOf('Shift+ArrowUp'), press('ArrowUp', { shiftKey: true })));
});

test('Mod is Command on a Mac, Control elsewhere', () => {
  const chord = chordOf('Mod+Enter');
  assert.ok(matches(chord, press('Enter', { ctrlKey: true }), false));
  assert.ok(!matches(chord, press('Enter', { ctrlKey: true }), true));
  assert.ok(matches(chord, press('Enter', { metaKey: true }), true));
  assert.equal(keysLabel('Mod+Enter', false), 'Ctrl+Enter');
  assert.equal(keysLabel('Mod+Shift+k', true), '⌘⇧K');
  assert.equal(ariaKeys('Mod+Enter', false), 'Control+Enter');
});
