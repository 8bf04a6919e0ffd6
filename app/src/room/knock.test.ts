import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asKnock, KNOCK_LENGTH } from './knock';

test('what is said at the door is one line that the server takes', () => {
  assert.equal(asKnock('  I am Bob,\n\tof 3b\u0085 '), 'I am Bob, of 3b');
  assert.equal(asKnock('a\u2028b\u202ec'), 'a b c');
  assert.equal(asKnock('\u0000\n'), '');
  assert.equal(asKnock('שלום <b>'), 'שלום <b>');
  const long = asKnock('\u{1f600}'.repeat(KNOCK_LENGTH + 1));
  assert.equal([...long].length, KNOCK_LENGTH);
  assert.equal(long.length, 2 * KNOCK_LENGTH, 'no character is cut in half');
});
