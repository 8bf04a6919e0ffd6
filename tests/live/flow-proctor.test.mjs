// Source D (proctored rooms) as a client of its own would go through it: an interview from its
// creation to its end, with tokens of an issuer that shares the secret. Every message is as it is
// printed there.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  count, each, expectRest, has, HUGE, isDate, isNow, issue, quiet, refusal, show, start, typed,
} from './flow.mjs';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const tokens = {
  admin: issue({ userId: 'user123', username: 'Admin' }),
  john: issue({ id: 'user456', username: 'John Doe' }),
  jane: issue({ sub: 'user789', name: 'Jane Roe' }),
  max: issue({ _id: 'user000', name: 'Max' }),
};

const john = { userId: 'user456', username: 'John Doe' };
const jane = { userId: 'user789', username: 'Jane Roe' };
const code = { code: 'function customHook() { ... }', language: 'javascript' };

const create = async (host, more) => {
  host.say({ type: 'CREATE_ROOM', token: tokens.admin, roomname: 'Technical Interview - React',
    maxGuests: 5, question: 'Implement a React custom hook', duration: 60, isPublic: false,
    ...more });
  const { data } = await host.hear('ROOM_CREATED', { data: {
    roomId: /^[A-Za-z0-9]{6,10}$/, roomname: 'Technical Interview - React',
    message: 'Room created successfully' } });
  return data.roomId;
};

const request = async (host, guest, token, roomId, who) => {
  guest.say({ type: 'JOIN_ROOM', token, roomId });
  await guest.hear('WAITING_APPROVAL',
    { message: 'Waiting for host approval to join the room', roomId });
  const { data } = await host.hear('JOIN_REQUEST',
    { data: { ...who, socketId: UUID, timestamp: isNow } });
  return data.socketId;
};

const approve = async (host, guest, roomId, who, connectedCount, others = [], duration = 60) => {
  host.say({ type: 'APPROVE_JOIN', roomId, userId: who.userId, approve: true });
  await guest.hear('JOIN_APPROVED', { data: { roomId, roomname: 'Technical Interview - React',
    question: 'Implement a React custom hook', duration, hostName: 'Admin' } });
  await each([host, guest, ...others], 'USER_JOINED', { data: { ...who, connectedCount } });
};

const violation = (host, who, violationType, violationCount, what) =>
  host.hear('VIOLATION_DETECTED', { data: { ...who, violationType, violationCount, timestamp: isNow,
    message: `${who.username} ${what}` } });

/** A room that john and jane are in. */
const set = async (t, server, more) => {
  const host = await typed(t, server, 'the host');
  const roomId = await create(host, more);
  const j = await typed(t, server, 'john');
  const k = await typed(t, server, 'jane', '/ws');
  const sockets = [await request(host, j, tokens.john, roomId, john)];
  await approve(host, j, roomId, john, 2, [], more?.duration);
  sockets.push(await request(host, k, tokens.jane, roomId, jane));
  await approve(host, k, roomId, jane, 3, [j], more?.duration);
  assert.notEqual(sockets[0], sockets[1]);
  return { host, john: j, jane: k, roomId };
};

const begin = async ({ host, john: j, jane: k, roomId }) => {
  host.say({ type: 'START_ROOM', roomId });
  const [{ data }] = await each([host, j, k], 'ROOM_STARTED',
    { data: { roomId, duration: 60, startedAt: isDate, endsAt: Number.isInteger } });
  assert.ok(Math.abs(data.endsAt - Date.now() - 60 * 60_000) < 60_000, 'an hour, in minutes');
};

const flow = async (t, secure) => {
  const server = await start(t, { secure });
  const all = await set(t, server);
  const { host, john: j, jane: k, roomId } = all;
  await begin(all);
  await quiet(host, j, k);

  // Proctoring: the host alone hears it, counted per person.
  j.say({ type: 'TAB_BLUR', roomId, userId: 'user456' });
  await violation(host, john, 'TAB_SWITCH', 1, 'switched to another tab');
  j.say({ type: 'FULLSCREEN_EXIT', roomId, userId: 'user456' });
  await violation(host, john, 'FULLSCREEN_EXIT', 2, 'exited fullscreen mode');
  k.say({ type: 'FULLSCREEN_EXIT', roomId, userId: 'user456' }); // she is who her token says
  await violation(host, jane, 'FULLSCREEN_EXIT', 1, 'exited fullscreen mode');
  j.say({ type: 'FULLSCREEN_ENTER', roomId, userId: 'user456' });
  await host.hear('VIOLATION_CLEARED', { data: { ...john, violationType: 'FULLSCREEN_EXIT' } });
  j.say({ type: 'TAB_FOCUS', roomId, userId: 'user456' });
  await host.hear('VIOLATION_CLEARED', { data: { ...john, violationType: 'TAB_SWITCH' } });
  await quiet(host, j, k);

  // Code: the host sees what is written, and what is handed in.
  const draft = { code: 'function', language: 'javascript' };
  j.say({ type: 'CODE_CHANGE', roomId, userId: 'user456', ...draft });
  await host.hear('CODE_UPDATE', { data: { ...john, ...draft } });
  j.say({ type: 'SUBMIT_CODE', roomId, userId: 'user456', ...code });
  await j.hear('SUBMISSION_RECEIVED', { message: 'Your code has been submitted successfully' });
  await host.hear('USER_SUBMITTED', { data: { ...john, submissionTime: isNow, ...code } });

  const people = (list) => list.map(({ userId, violationCount, hasSubmitted }) =>
    `${userId} ${violationCount} ${hasSubmitted}`).sort();
  host.say({ type: 'GET_ROOM_STATUS', roomId });
  const { data } = await host.hear('ROOM_STATUS', { data: { roomId, status: 'LIVE',
    hostId: 'user123', hostName: 'Admin', roomname: 'Technical Interview - React', duration: 60,
    maxGuests: 5, isPublic: false, createdAt: isDate, startedAt: isDate, endedAt: null,
    endsAt: Number.isInteger, remainingMs: (ms) => ms > 3_500_000 && ms <= 3_600_000,
    connectedCount: 3 } });
  assert.deepEqual(people(data.participants).filter((one) => !one.startsWith('user123')),
    ['user456 2 true', 'user789 1 false']);
  j.say({ type: 'HEARTBEAT' });
  await j.hear('HEARTBEAT_ACK', { timestamp: isNow });

  // Somebody goes of her own will, somebody is removed.
  k.say({ type: 'LEAVE_ROOM', roomId });
  await k.hear('ROOM_LEFT', { roomId });
  await each([host, j], 'USER_LEFT', { data: { ...jane, connectedCount: 2 } });
  host.say({ type: 'KICK_USER', roomId, userId: 'user456', reason: 'Multiple violations' });
  await j.hear('KICKED', {
    message: 'You have been removed from the room. Reason: Multiple violations' });
  await host.hear('USER_KICKED', { data: { ...john, reason: 'Multiple violations' } });
  j.say({ type: 'JOIN_ROOM', token: tokens.john, roomId });
  await j.hear('ERROR', refusal('KICKED'));

  host.say({ type: 'END_ROOM', roomId });
  await host.hear('ROOM_ENDED', { message: 'The room has been ended by the host' });
  await quiet(host, j, k);
  k.say({ type: 'JOIN_ROOM', token: tokens.jane, roomId });
  await k.hear('ERROR', refusal());
};

test('source D: an interview', async (t) => flow(t, false));

test('source D: an interview, over TLS', async (t) => flow(t, true));

test('source D: the end is told to all, a kick to the room', async (t) => {
  const server = await start(t);
  const all = await set(t, server);
  const { host, john: j, jane: k, roomId } = all;
  await begin(all);
  host.say({ type: 'KICK_USER', roomId, userId: 'user789', reason: 'Multiple violations' });
  await k.hear('KICKED');
  await each([host, j], 'USER_KICKED', { data: { ...jane, reason: 'Multiple violations' } });
  host.say({ type: 'END_ROOM', roomId });
  await each([host, j], 'ROOM_ENDED', { message: 'The room has been ended by the host' });
  await quiet(host, j, k);
});

test('source D: who is rejected is told', async (t) => {
  const server = await start(t);
  const host = await typed(t, server, 'the host');
  const roomId = await create(host);
  const j = await typed(t, server, 'john');
  await request(host, j, tokens.john, roomId, john);
  host.say({ type: 'APPROVE_JOIN', roomId, userId: 'user456', approve: false });
  await j.hear('JOIN_REJECTED', { message: /./, roomId });
  j.say({ type: 'CODE_CHANGE', roomId, ...code });
  await j.hear('ERROR', refusal());
  await quiet(host, j);
});

test('source D: a connection that breaks, and comes back as another', async (t) => {
  const server = await start(t);
  const all = await set(t, server);
  const { host, john: j, jane: k, roomId } = all;
  await begin(all);
  j.say({ type: 'TAB_BLUR', roomId, userId: 'user456' });
  await violation(host, john, 'TAB_SWITCH', 1, 'switched to another tab');
  j.say({ type: 'CODE_CHANGE', roomId, code: 'half of it', language: 'javascript' });
  await host.hear('CODE_UPDATE', { data: john });
  j.say({ type: 'SUBMIT_CODE', roomId, ...code });
  await j.hear('SUBMISSION_RECEIVED');
  await host.hear('USER_SUBMITTED', { data: john });

  j.lose();
  const lost = [await host.next(), await host.next()];
  has(lost.find(({ name }) => name === 'USER_DISCONNECTED')?.json,
    { data: { ...john, connectedCount: 2 } });
  has(lost.find(({ name }) => name === 'VIOLATION_DETECTED')?.json,
    { data: { ...john, violationType: 'DISCONNECT', violationCount: 2 } });
  await k.hear('USER_DISCONNECTED', { data: john });

  const again = await typed(t, server, 'john again');
  again.say({ type: 'JOIN_ROOM', token: tokens.john, roomId });
  await again.hear('JOIN_APPROVED', { data: { roomId, question: 'Implement a React custom hook',
    reconnected: true, violationCount: 2, hasSubmitted: true, status: 'LIVE',
    language: 'javascript' } });
  await each([host, k], 'USER_RECONNECTED', { data: { ...john, connectedCount: 3 } });
  again.say({ type: 'TAB_BLUR', roomId, userId: 'user456' });
  await violation(host, john, 'TAB_SWITCH', 3, 'switched to another tab');
  await again.hear('VIOLATION_WARNING'); // the source has no such word: its clients pass it over

  host.lose();
  await each([again, k], 'USER_DISCONNECTED', { data: { userId: 'user123', connectedCount: 2 } });
  const back = await typed(t, server, 'the host again');
  back.say({ type: 'JOIN_ROOM', token: tokens.admin, roomId });
  await back.hear('JOIN_APPROVED', { data: { roomId, reconnected: true } });
  await each([again, k], 'USER_RECONNECTED', { data: { userId: 'user123', connectedCount: 3 } });
  back.say({ type: 'END_ROOM', roomId });
  await each([back, again, k], 'ROOM_ENDED');
  await quiet(back, again, k);
});

test('source D: what only a host may do', async (t) => {
  const server = await start(t);
  const all = await set(t, server);
  const { host, john: j, jane: k, roomId } = all;
  const deeds = [{ type: 'APPROVE_JOIN', userId: 'user000', approve: true }, { type: 'START_ROOM' },
    { type: 'KICK_USER', userId: 'user789', reason: 'x' }, { type: 'END_ROOM' }];
  for (const deed of deeds) {
    j.say({ ...deed, roomId });
    await j.hear('ERROR', refusal());
  }
  await quiet(host, j, k);
});

test('source D: what makes no sense is refused to hosts, too', async (t) => {
  const server = await start(t);
  const all = await set(t, server);
  const { host, john: j, jane: k, roomId } = all;
  await begin(all);
  const deeds = [{ type: 'START_ROOM' }, { type: 'APPROVE_JOIN', userId: 'nobody', approve: true },
    { type: 'APPROVE_JOIN', userId: 'user456' }, { type: 'APPROVE_JOIN', approve: true },
    { type: 'KICK_USER', userId: 'nobody', reason: 'x' }, { type: 'KICK_USER', reason: 'x' },
    { type: 'KICK_USER', userId: 'user123', reason: 'oneself' }];
  for (const deed of deeds) {
    host.say({ ...deed, roomId });
    await host.hear('ERROR', refusal(), `to ${show(deed)}`);
  }
  await quiet(host, j, k);
});

test('source D: a guest sees less of the room, a stranger nothing', async (t) => {
  const server = await start(t);
  const { john: j, roomId } = await set(t, server);
  j.say({ type: 'GET_ROOM_STATUS', roomId });
  const { data } = await j.hear('ROOM_STATUS', { data: { roomId, status: 'WAITING' } });
  for (const one of data.participants) assert.equal(one.violationCount, undefined);
  const max = await typed(t, server, 'max');
  max.say({ type: 'GET_ROOM_STATUS', roomId });
  await max.hear('ERROR', refusal());
});

test('source D: isPublic says whether the room is listed', async (t) => {
  const server = await start(t);
  const host = await typed(t, server, 'the host');
  const open = await create(host, { isPublic: true });
  await create(host, { isPublic: false });
  const { rooms } = await expectRest(200, server, 'GET', '/api/rooms');
  assert.deepEqual(rooms.map(({ roomId }) => roomId), [open]);
});

test('source D: no token, where one is required', async (t) => {
  const server = await start(t, { env: { AUTH_MODE: 'required' } });
  const host = await typed(t, server, 'the host');
  const roomId = await create(host);
  const someone = await typed(t, server, 'someone');
  someone.say({ type: 'CREATE_ROOM', roomname: 'x', maxGuests: 5, question: 'x', duration: 60,
    isPublic: false });
  await someone.hear('ERROR', refusal('UNAUTHORIZED'));
  someone.say({ type: 'JOIN_ROOM', roomId });
  await someone.hear('ERROR', refusal('UNAUTHORIZED'));
  await request(host, someone, tokens.john, roomId, john);
});

test('source D: the room is full, the host not counted', async (t) => {
  const server = await start(t);
  const { host, roomId } = await set(t, server, { maxGuests: 2 });
  const max = await typed(t, server, 'max');
  max.say({ type: 'JOIN_ROOM', token: tokens.max, roomId });
  const { name, json } = await max.next();
  if (name === 'WAITING_APPROVAL') {
    await host.hear('JOIN_REQUEST');
    host.say({ type: 'APPROVE_JOIN', roomId, userId: 'user000', approve: true });
    await host.hear('ERROR', refusal('ROOM_FULL'));
  } else {
    assert.equal(name, 'ERROR');
    has(json, refusal('ROOM_FULL'));
  }
});

test('source D: time that is over ends the room', async (t) => {
  const server = await start(t);
  const duration = 0.02; // the source has whole minutes; nobody waits for one here
  const { host, john: j, jane: k, roomId } = await set(t, server, { duration });
  j.say({ type: 'CODE_CHANGE', roomId, ...code });
  await host.hear('CODE_UPDATE', { data: code });
  host.say({ type: 'START_ROOM', roomId });
  await each([host, j, k], 'ROOM_STARTED', { data: { duration } });
  await j.hear('SUBMISSION_RECEIVED');
  await host.hear('USER_SUBMITTED', { data: { ...john, ...code } });
  await each([host, j, k], 'ROOM_ENDED', { message: /./ });
  await quiet(host, j, k);
});

test('source D: tokens that do not hold', async (t) => {
  const server = await start(t);
  const tries = ['your-jwt', 7, issue({ userId: 'u' }, 'another secret, as long as the first'),
    issue({ userId: 'u', exp: 1_000_000_000 }), issue({ username: 'nobody' }),
    `${tokens.admin.slice(0, -4)}AAAA`];
  for (const token of tries) {
    const client = await typed(t, server, 'someone');
    client.say({ type: 'CREATE_ROOM', token, roomname: 'x', maxGuests: 5, question: 'x',
      duration: 60, isPublic: false });
    await client.hear('ERROR', refusal(), `to ${show(token)}`);
    client.say({ type: 'HEARTBEAT' });
    await client.hear('HEARTBEAT_ACK');
  }
});

test('source D: what is wrong is said, and the connection stays', async (t) => {
  const server = await start(t);
  const { host, john: j, roomId } = await set(t, server);
  const make = (more) => ({ type: 'CREATE_ROOM', token: tokens.john, roomname: 'x', maxGuests: 5,
    question: 'x', duration: 60, isPublic: false, ...more });
  const wrong = ['', 'hello', '{', '[]', '7', 'null', '{}', '"JOIN_ROOM"', '[{"type":"HEARTBEAT"}]',
    `${'{"a":'.repeat(5000)}`, { type: 7 }, { type: 'heartbeat' }, { type: 'NOTHING' },
    make({ maxGuests: 'five' }), make({ maxGuests: 0 }), make({ maxGuests: 1e12 }),
    make({ duration: -1 }), make({ duration: {} }), make({ roomname: 7 }),
    make({ roomname: undefined }),
    make({ isPublic: 'maybe' }),
    { type: 'JOIN_ROOM', token: tokens.john },
    { type: 'JOIN_ROOM', token: tokens.john, roomId: 'NoRoom' },
    { type: 'JOIN_ROOM', token: tokens.john, roomId: [] },
    { type: 'FULLSCREEN_EXIT', roomId: 7 }, { type: 'TAB_BLUR', roomId: 'NoRoom' },
    { type: 'SUBMIT_CODE', roomId }, { type: 'SUBMIT_CODE', roomId, code: 7, language: 'c' },
    { type: 'APPROVE_JOIN', roomId, userId: 'user000', approve: 'yes' }];
  for (const message of wrong) {
    j.say(message);
    await j.hear('ERROR', refusal(), `to ${show(message)}`);
    await new Promise((resolve) => { setTimeout(resolve, 50); }); // within the rates
  }
  await quiet(host, j);
  assert.ok(j.isOpen);
});

test('source D: what is huge is refused, and the connection stays', async (t) => {
  const server = await start(t);
  const { host, john: j, roomId } = await set(t, server);
  j.say({ type: 'SUBMIT_CODE', roomId, code: HUGE, language: 'c' });
  await j.hear('ERROR', refusal());
  j.say({ type: 'CREATE_ROOM', token: tokens.john, roomname: 'x', maxGuests: 5, question: HUGE,
    duration: 60, isPublic: false });
  await j.hear('ERROR', refusal());
  j.say({ type: 'TAB_BLUR', roomId });
  await violation(host, john, 'TAB_SWITCH', 1, 'switched to another tab');
  await quiet(host, j);
});

test('source D: a binary frame is no message, and the connection stays', async (t) => {
  const server = await start(t);
  const someone = await typed(t, server, 'someone');
  someone.say(Buffer.from('{"type":"HEARTBEAT"}'));
  await someone.hear('ERROR', refusal());
  someone.say({ type: 'HEARTBEAT' });
  await someone.hear('HEARTBEAT_ACK');
});

test('source D: violations are limited', async (t) => {
  const server = await start(t);
  const all = await set(t, server);
  const { host, john: j, roomId } = all;
  await begin(all);
  for (let i = 0; i < 80; i++) j.say({ type: 'TAB_BLUR', roomId, userId: 'user456' });
  await violation(host, john, 'TAB_SWITCH', 1, 'switched to another tab');
  for (let n = 0, errors = 0; errors < 10; n++) { // beside a warning
    assert.ok(n < 11 + 10, 'some are refused');
    if ((await j.next('an error')).name === 'ERROR') errors++;
  }
  assert.ok(j.isOpen);
});
