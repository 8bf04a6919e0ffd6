import assert from 'node:assert/strict';
import test from 'node:test';
import { codeIn } from './code';
import { arrange, type LobbyRoom } from './useRooms';

test('a code is taken as it is, and out of a link', () => {
  assert.equal(codeIn(' A7x9K2 '), 'A7x9K2');
  assert.equal(codeIn('https://rooms.example.org/room/A7x9K2'), 'A7x9K2');
  assert.equal(codeIn('https://rooms.example.org/r/A7x9K2/'), 'A7x9K2');
  assert.equal(codeIn('https://rooms.example.org/sessions/algebra'), 'algebra');
  assert.equal(codeIn('https://rooms.example.org/room.html?id=A7x9K2'), 'A7x9K2');
});

test('anything else names no room', () => {
  for (const text of [
    '',
    'two words',
    'https://example.org/',
    'https://example.org/room/a b',
    '../x',
  ])
    assert.equal(codeIn(text), null, text);
});

const room = (title: string, participantCount: number, createdAt: string): LobbyRoom =>
  ({ title, roomId: title, participantCount, createdAt }) as LobbyRoom;

test('rooms with people first, then the newest; a word narrows', () => {
  const rooms = [room('Old', 0, '1'), room('New', 0, '2'), room('Busy', 3, '0')];
  const titles = (word: string) => arrange(rooms, word).map((r) => r.title);
  assert.deepEqual(titles(''), ['Busy', 'New', 'Old']);
  assert.deepEqual(titles('  LD '), ['Old']);
});
