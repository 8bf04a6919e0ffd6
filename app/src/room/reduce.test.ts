// What each event makes of the view, beginning with what the server says on joining.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Joined, Message, RoomState, Seat, User } from '~/wire/types';
import { reduce } from './reduce';
import { emptyView, peopleOf, type RoomView } from './view';

const NOW = 1_700_000_000_000;

const user = (userId: string, role: User['role'] = 'participant'): User => ({
  userId,
  name: userId.toUpperCase(),
  avatarUrl: null,
  role,
  guest: true,
});

const seat = (
  userId: string,
  socketId = `s-${userId}`,
  role: User['role'] = 'participant',
): Seat => ({
  ...user(userId, role),
  socketId,
  media: { audio: false, video: false, screen: false },
  hand: false,
  handAt: null,
  goal: null,
  joinedAt: '2023-11-14T22:10:00.000Z',
});

const message = (id: string, senderId = 'ann', text = id): Message => ({
  id,
  senderId,
  name: senderId,
  text,
  attachments: [],
  timestamp: NOW,
  kind: 'text',
});

const state = (part: Partial<RoomState> = {}): RoomState =>
  ({
    roomId: 'R',
    title: 'Algebra',
    ownerId: null,
    settings: { mode: 'interview', timer: {} },
    status: 'LIVE',
    endsAt: null,
    participants: [seat('ann', 's-ann', 'host'), seat('bob')],
    messages: [message('m1')],
    files: [],
    whiteboard: { snapshot: null, ops: [] },
    timer: { phase: 'idle', serverNow: NOW + 5000, settings: {} },
    goal: null,
    iceServers: [],
    meshLimit: 4,
    violations: { total: 0, byType: {} },
    ownCode: null,
    joinRequests: [],
    candidates: [
      {
        userId: 'bob',
        name: 'BOB',
        connected: true,
        violationCount: 0,
        hasSubmitted: false,
        submittedAt: null,
      },
    ],
    ...part,
  }) as unknown as RoomState;

const joined = (part: Partial<Joined> = {}, room: Partial<RoomState> = {}): Joined => ({
  seq: 5,
  epoch: 'e',
  self: { ...user('ann', 'host'), socketId: 's-ann' },
  missed: null,
  roomState: state(room),
  ...part,
});

const inside = (part: Partial<Joined> = {}, room: Partial<RoomState> = {}): RoomView =>
  reduce(emptyView, 'joined', joined(part, room), NOW);

const seatsOf = (view: RoomView): string[] => view.seats.map((s) => s.socketId);

test('joined: the state is the view, and the clock is set', () => {
  const view = inside();
  assert.equal(view.phase, 'in');
  assert.equal(view.line, 'up');
  assert.equal(view.room?.title, 'Algebra');
  assert.equal(view.clockSkewMs, 5000);
  assert.deepEqual(seatsOf(view), ['s-ann', 's-bob']);
  assert.equal(view.missed, 0);
});

test('joined again: what was read of the history stays where it joins on', () => {
  let view = inside({}, { messages: [message('m3'), message('m4')] });
  view = { ...view, messages: [message('m1'), message('m2'), ...view.messages], hasOlder: false };
  const again = joined({}, { messages: [message('m3'), message('m4'), message('m5')] });
  assert.deepEqual(
    reduce(view, 'joined', again, NOW).messages.map((m) => m.id),
    ['m1', 'm2', 'm3', 'm4', 'm5'],
  );
  const gap = joined({}, { messages: [message('m90')] });
  assert.deepEqual(
    reduce(view, 'joined', gap, NOW).messages.map((m) => m.id),
    ['m90'],
    'behind a gap the known ones would pretend that nothing is missing',
  );
});

test('joined again: messages of others that were missed are counted', () => {
  const said = (id: string, by: string) => ({
    seq: 1,
    event: 'chat:message',
    payload: { message: message(id, by) },
  });
  const missed = [said('a', 'bob'), said('b', 'ann'), { seq: 2, event: 'user:left', payload: {} }];
  assert.equal(inside({ missed }).missed, 1);
});

test('joined again: hosts know what candidates did meanwhile', () => {
  const code = (text: string) => ({ userId: 'bob', name: 'BOB', timestamp: NOW, code: text });
  const switched = {
    userId: 'bob',
    name: 'BOB',
    timestamp: NOW,
    violationType: 'TAB_SWITCH',
  } as const;
  const wrote = (text: string) => ({ ...code(text), language: 'c' });
  const away = { ...switched, violationCount: 1, typeCount: 1, message: '' };
  let view = reduce(inside(), 'code:changed', wrote('before'), NOW);
  view = reduce(view, 'proctor:violation', away, NOW);
  const missed = [
    { seq: 6, event: 'code:changed', payload: wrote('meanwhile') },
    { seq: 7, event: 'proctor:cleared', payload: switched },
  ];
  const [bob] = reduce(view, 'joined', joined({ missed }), NOW).candidates;
  assert.deepEqual([bob?.code, bob?.away], ['meanwhile', []]);
  const [unknown] = reduce(view, 'joined', joined({ missed: null }), NOW).candidates;
  assert.deepEqual([unknown?.code, unknown?.away], [null, []], 'the report has it');
  assert.equal(unknown?.violations.length, 1);
});

test('people: come with a seat, have several, go; a lost one keeps hand and goal', () => {
  let view = inside();
  const come = (socketId: string) =>
    reduce(
      view,
      'user:joined',
      { socketId, userId: 'bob', user: user('bob'), joinedAt: 'now', returned: false },
      NOW,
    );
  view = reduce(
    view,
    'presence:hand',
    { socketId: null, userId: 'bob', raised: true, at: NOW },
    NOW,
  );
  view = reduce(
    view,
    'goal:updated',
    { userId: 'bob', text: 'Page 4', done: false, shared: false },
    NOW,
  );
  view = come('s-bob-2');
  assert.equal(peopleOf(view.seats).length, 2);
  assert.equal(peopleOf(view.seats)[1]?.seats.length, 2);
  const leave = (socketId: string, lost: boolean) =>
    reduce(view, 'user:left', { socketId, userId: 'bob', lost }, NOW);
  view = leave('s-bob', true);
  view = leave('s-bob-2', true);
  assert.deepEqual(seatsOf(view), ['s-ann']);
  assert.equal(view.candidates[0]?.connected, false);
  view = come('s-bob-3');
  assert.equal(view.seats[1]?.hand, true);
  assert.equal(view.seats[1]?.goal?.text, 'Page 4');
  assert.equal(view.candidates[0]?.connected, true);
  view = come('s-bob-3');
  assert.equal(view.seats.length, 2, 'told twice, there once');
});

test('at the door: what one waits for, and what the hosts read of one', () => {
  const self = { ...user('ann', 'waiting'), socketId: 's-ann' };
  let view = reduce(emptyView, 'room:waiting', { message: 'Wait.', self, ownMessage: 'Hi' }, NOW);
  assert.deepEqual([view.phase, view.notice, view.knock], ['waiting', 'Wait.', 'Hi']);
  view = reduce(view, 'room:waiting', { message: 'Wait.', self }, NOW);
  assert.equal(view.knock, '');
  view = reduce(view, 'joined', joined(), NOW);
  assert.deepEqual([view.phase, view.notice, view.knock], ['in', '', '']);
});

test('who waits is there once, with the newest words', () => {
  const request = { userId: 'w', name: 'Will', socketId: 's-w', timestamp: NOW };
  let view = reduce(inside(), 'room:joinRequest', request, NOW);
  view = reduce(view, 'room:joinRequest', { ...request, message: 'It is me' }, NOW);
  assert.deepEqual(
    view.requests.map(({ userId, message }) => [userId, message]),
    [['w', 'It is me']],
  );
});

test('a message heard is no longer pending, and is there once', () => {
  let view = inside();
  const pending = {
    id: 'p',
    text: 'x',
    attachments: [],
    kind: 'text' as const,
    at: NOW,
    error: null,
  };
  view = { ...view, pending: [pending] };
  view = reduce(view, 'chat:message', { message: message('p') }, NOW);
  view = reduce(view, 'chat:message', { message: message('p') }, NOW);
  assert.deepEqual([view.pending.length, view.messages.length], [0, 2]);
  view = reduce(view, 'chat:edited', { messageId: 'p', text: 'y', editedAt: 'now' }, NOW);
  assert.equal(view.messages[1]?.text, 'y');
  view = reduce(view, 'chat:deleted', { messageId: 'p', by: 'ann' }, NOW);
  assert.equal(view.messages.length, 1);
});

test('being removed ends the visit; somebody else being removed does not', () => {
  const kick = (userId: string) =>
    reduce(
      inside(),
      'control:kicked',
      { targetSocketId: 's', userId, reason: 'Why', by: 'x' },
      NOW,
    );
  assert.equal(kick('bob').phase, 'in');
  assert.deepEqual([kick('ann').phase, kick('ann').notice], ['kicked', 'Why']);
});

test('candidates: violations add up, last until cleared, survive coming back', () => {
  let view = inside();
  const hear = (violationType: 'TAB_SWITCH' | 'PASTE', violationCount: number) =>
    reduce(
      view,
      'proctor:violation',
      {
        userId: 'bob',
        name: 'BOB',
        timestamp: NOW,
        violationType,
        violationCount,
        typeCount: 1,
        message: '',
      },
      NOW,
    );
  view = hear('TAB_SWITCH', 1);
  view = hear('PASTE', 2);
  assert.deepEqual(view.candidates[0]?.away, ['TAB_SWITCH']);
  view = reduce(
    view,
    'proctor:cleared',
    { userId: 'bob', name: 'BOB', timestamp: NOW, violationType: 'TAB_SWITCH' },
    NOW,
  );
  assert.deepEqual(view.candidates[0]?.away, []);
  view = reduce(view, 'joined', joined(), NOW);
  assert.equal(view.candidates[0]?.violations.length, 2);
});

test('a participant who becomes a host is no candidate any more', () => {
  const view = reduce(
    inside(),
    'user:updated',
    { socketId: 's-bob', userId: 'bob', user: user('bob', 'cohost') },
    NOW,
  );
  assert.deepEqual(view.candidates, []);
  assert.equal(view.seats[1]?.role, 'cohost');
});

test('what only passes by changes nothing', () => {
  const view = inside();
  const cursor = { socketId: 's', userId: 'bob', name: 'B', cursor: { x: 1, y: 2 } };
  assert.equal(reduce(view, 'whiteboard:cursor', cursor, NOW), view);
});
