import assert from 'node:assert/strict';
import test from 'node:test';
import type { Message } from '~/wire/types';
import { isEmojiOnly, rowsOf, type Row } from './grouping';
import { snippetOf } from './snippet';
import { look, NEVER, unreadOf } from './seen';

const noon = new Date(2026, 4, 5, 12).getTime();
const minute = 60_000;

const said = (senderId: string | null, at: number, more: Partial<Message> = {}): Message => ({
  id: `${senderId}${at}`,
  senderId,
  name: senderId ?? '',
  text: 'hello',
  attachments: [],
  timestamp: noon + at * minute,
  kind: senderId === null ? 'system' : 'text',
  ...more,
});

const self = { userId: 'me', name: 'Me' };
const show = (row: Row) =>
  row.kind === 'message' ? `${row.isFirst ? '+' : '-'}${row.message.senderId}` : row.kind;
const rows = (messages: Message[], newAfter: number | null = null) =>
  rowsOf({ messages, pending: [], self, newAfter }).map(show).join(' ');

test('runs of one person within minutes', () => {
  assert.equal(rows([said('a', 0), said('a', 1), said('a', 5), said('b', 5)]), 'day +a -a -a +b');
  assert.equal(rows([said('a', 0), said('a', 6)]), 'day +a +a');
  assert.equal(rows([said('a', 0), said('a', 1, { to: 'me' }), said('a', 1)]), 'day +a +a +a');
  assert.equal(rows([said('a', 0), said('a', 1, { replyTo: 'x' }), said('a', 2)]), 'day +a +a -a');
  assert.equal(rows([said('a', 0), said(null, 1), said('a', 2)]), 'day +a system +a');
  assert.equal(rows([said('a', 0), said('a', 24 * 60)]), 'day +a day +a');
  assert.equal(rows([]), '');
});

test('the mark stands before the first new one of others', () => {
  const all = [said('a', 0), said('me', 1), said('me', 2), said('a', 3), said('a', 4)];
  assert.equal(rows(all, noon), 'day +a +me -me new +a -a');
  assert.equal(rows(all, noon + 9 * minute), 'day +a +me -me +a -a');
  assert.equal(rows([said('a', 0), said('a', 1)], noon), 'day +a new +a');
});

test('what is not heard back yet comes last', () => {
  const pending = [
    { id: 'p', text: 'hi', attachments: [], kind: 'text' as const, at: noon + minute, error: null },
  ];
  const all = rowsOf({ messages: [said('me', 0)], pending, self, newAfter: null });
  assert.equal(all.map(show).join(' '), 'day +me -me');
  assert.equal(all.at(-1)?.key, 'p');
});

test('what is unread', () => {
  const all = [said('a', 0), said('me', 1), said(null, 2), said('b', 3)];
  assert.deepEqual(
    unreadOf(all, noon, 'me').map((m) => m.senderId),
    ['b'],
  );
  assert.equal(unreadOf(all, -1, 'me').length, 2);
});

test('what is seen, and where the mark stays', () => {
  const one = [said('a', 0)];
  const two = [...one, said('b', 1)];
  const three = [...two, said('c', 2)];
  const first = look(NEVER, one, 'me', false);
  assert.deepEqual(first, { at: noon, mark: null }, 'the history is not news');
  assert.equal(look(first, one, 'me', true), first, 'nothing new, nothing changed');
  const away = look(first, two, 'me', false);
  assert.deepEqual(away, { at: noon, mark: noon });
  assert.equal(look(away, three, 'me', false), away, 'the mark stays before the first');
  const back = look(away, three, 'me', true);
  assert.deepEqual(back, { at: noon + 2 * minute, mark: noon }, 'and while one reads');
  const more = [...three, said('a', 3)];
  assert.deepEqual(look(back, more, 'me', true), { at: noon + 3 * minute, mark: noon });
  assert.equal(look(back, more, 'me', false).mark, noon + 2 * minute, 'a new absence, a new mark');
  assert.equal(look(first, [...one, said('me', 1)], 'me', false), first, 'own ones are no news');
});

test('emoji alone are large', () => {
  for (const text of ['👍', '🎉🎉🎉', ' ❤️ ', '🧑‍💻', '👍🏽', '🇩🇪 🇫🇷', '☕'])
    assert.ok(isEmojiOnly(text), text);
  for (const text of ['', ' ', 'a', '👍 ok', '1', '#', '👍'.repeat(7), '*'])
    assert.ok(!isEmojiOnly(text), text);
});

test('what is shown of a message that was found', () => {
  const shown = (text: string, query: string) =>
    snippetOf(text, query)
      .map((piece) => (piece.isHit ? `[${piece.text}]` : piece.text))
      .join('');
  assert.equal(shown('Hello hello', 'HELLO'), '[Hello] [hello]');
  assert.equal(shown('nothing', 'x'), 'nothing');
  assert.equal(shown('İİ x', 'x'), 'İİ x', 'no marks at wrong places');
  assert.match(
    shown(`${'a '.repeat(200)}here${' b'.repeat(300)}`, 'here'),
    /^… (a )+\[here\]( b)+ …$/,
  );
});
