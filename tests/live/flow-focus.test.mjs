// Source C (focus rooms) as a client of its own would go through it: open the page of a room, join,
// the timer from start to end, chat, goal, media, and the room by HTTP.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { WebSocket } from 'ws';

import {
  each, expectRest, has, HUGE, isNow, LONG, quiet, refusal, rest, show, start, typed,
} from './flow.mjs';
import { eventually, within } from './stoa.mjs';

const SLACK = 100; // ms between when something was due and when the server came to it, by its clock

/** What remains of so many seconds when the machine is busy. */
const about = (seconds) => (left) => left <= seconds && left > seconds - 20 && left > 0;

/** As RoomState always is. */
const room = (room_id, more) => ({
  room_id, phase: /^(idle|focus|break)$/, running: (is) => typeof is === 'boolean',
  remaining: Number.isInteger, goal: (goal) => goal === null || typeof goal === 'string',
  participants: Array.isArray, ...more,
});

/** Steps 1 to 4 of "Room Creation/Join". */
const open = async (t, server, name, id, want) => {
  const client = await typed(t, server, name, `/ws/rooms/${id}`);
  await client.hear('state', { state: room(id, want) });
  return client;
};

const hearEvent = (clients, event, want) =>
  each(clients, 'event', { event, timestamp: isNow, ...want });

const hearState = (clients, id, want) => each(clients, 'state', { state: room(id, want) });

/** Steps 6 to 8. */
const join = async (client, name, id, others = []) => {
  client.say({ type: 'join', name });
  await client.hear('state', { state: room(id, { participants: (all) =>
    all.some((one) => one.name === name) }) });
  await hearEvent(others, 'user_joined', { name });
  await hearState(others, id);
};

const flow = async (t, secure) => {
  const server = await start(t, { secure });
  const id = 'deep-work';
  const alice = await open(t, server, 'alice', id,
    { phase: 'idle', running: false, participants: [] });
  await join(alice, 'Alice', id);
  const bob = await open(t, server, 'bob', id, { participants: [{ name: 'Alice' }] });
  await join(bob, 'Bob', id, [alice]);
  await quiet(alice, bob);

  alice.say({ type: 'chat', text: 'Let us begin 😀' });
  await each([alice, bob], 'chat', { name: 'Alice', text: 'Let us begin 😀', timestamp: isNow });
  bob.say({ type: 'goal:update', goal: 'Chapter 3' });
  await hearState([alice, bob], id, { goal: 'Chapter 3' });
  bob.say({ type: 'media:update', audio: true, video: false, screen: true });
  const [{ user_id }] = await each([alice, bob], 'media:update',
    { name: 'Bob', audio: true, video: false, screen: true });
  const late = await open(t, server, 'late', id, { goal: 'Chapter 3', participants: [
    { name: 'Alice', media: { audio: false } },
    { id: user_id, media: { audio: true, screen: true } }] });
  late.lose();

  bob.say({ type: 'leave' });
  await bob.hear('state');
  await hearEvent([alice], 'user_left', { user_id, name: 'Bob' });
  await hearState([alice], id, { participants: [{ name: 'Alice' }] });
  bob.say({ type: 'chat', text: 'I am not there' });
  await bob.hear('error', refusal());
  await join(bob, 'Bob', id, [alice]);
  bob.lose();
  await hearEvent([alice], 'user_left', { name: 'Bob' });
  await hearState([alice], id, { participants: [{ name: 'Alice' }] });
  await quiet(alice);
};

test('source C', async (t) => flow(t, false));

test('source C, over TLS', async (t) => flow(t, true));

test('source C: the timer', async (t) => {
  const server = await start(t);
  const id = 'pomodoro';
  const minutes = { focus_minutes: 0.1, break_minutes: 0.02 }; // 6 s, 1.2 s
  await expectRest(201, server, 'POST', '/rooms', { body: { room_id: id, ...minutes } });
  const alice = await open(t, server, 'alice', id, minutes);
  const bob = await open(t, server, 'bob', id);
  const both = [alice, bob];
  await join(alice, 'Alice', id);
  await join(bob, 'Bob', id, [alice]);

  bob.say({ type: 'timer:start_focus' });
  const [{ timestamp: started }] = await hearEvent(both, 'timer_started', { phase: 'focus' });
  const [{ state }] = await hearState(both, id,
    { phase: 'focus', running: true, remaining: about(6) });
  assert.ok(Math.abs(state.endsAt - started - 6000) < SLACK, 'ends in six seconds');
  // An event says when it was due, not when it was told.
  const [{ timestamp: ended }] = await hearEvent(both, 'focus_ended');
  assert.ok(Math.abs(ended - started - 6000) < SLACK, 'six seconds after the start');
  await hearState(both, id);
  await hearEvent(both, 'break_started', { phase: 'break' });
  await hearState(both, id, { phase: 'break', running: true });
  const [{ timestamp: over }] = await hearEvent(both, 'break_ended');
  assert.ok(Math.abs(over - started - 7200) < SLACK, 'a break later');
  for (const { pulses } of both)
    for (const pulse of pulses) has(pulse, { phase: 'focus', remaining: (left) => left <= 2 });
  await hearState(both, id, { phase: 'idle', running: false });
  await quiet(...both);
});

test('source C: the timer is paused, goes on, is reset; a break is skipped', async (t) => {
  const server = await start(t);
  const id = 'p';
  const alice = await open(t, server, 'alice', id);
  await join(alice, 'Alice', id);
  const does = async (type, event, want) => {
    alice.say({ type });
    await hearEvent([alice], event);
    await hearState([alice], id, want);
  };
  const whole = { phase: 'focus', running: true, remaining: about(1500) };
  await does('timer:start_focus', 'timer_started', whole);
  await does('timer:pause', 'timer_paused', { ...whole, running: false });
  await does('timer:start_focus', 'timer_started', whole); // there is no word for going on
  await does('timer:reset', 'timer_reset', { phase: 'idle', running: false });
  await does('timer:start_break', 'break_started',
    { phase: 'break', running: true, remaining: about(300) });
  await does('timer:skip_break', 'break_skipped', whole);
  alice.say({ type: 'timer:skip_break' });
  await alice.hear('error', refusal());
  const reset = await expectRest(200, server, 'POST', `/rooms/${id}/reset`);
  has(reset, room(id, { phase: 'idle', running: false }));
  await hearEvent([alice], 'timer_reset');
  await hearState([alice], id, { phase: 'idle' });
  await quiet(alice);
});

test('source C: a pause keeps what remains', async (t) => {
  const server = await start(t);
  const id = 'p';
  const alice = await open(t, server, 'alice', id);
  await join(alice, 'Alice', id);
  alice.say({ type: 'timer:start_focus' });
  await hearEvent([alice], 'timer_started');
  await hearState([alice], id, { remaining: about(1500) });
  await new Promise((resolve) => { setTimeout(resolve, 1200); });
  alice.say({ type: 'timer:pause' });
  await hearEvent([alice], 'timer_paused');
  const [{ state: { remaining } }] = await hearState([alice], id,
    { remaining: (left) => left < 1500 && left > 1400, running: false });
  alice.say({ type: 'timer:start_focus' });
  await hearEvent([alice], 'timer_started');
  await hearState([alice], id, { remaining, running: true, phase: 'focus' });
});

test('source C: with auto_focus the next focus follows the break', async (t) => {
  const server = await start(t);
  const id = 'auto';
  const body = { room_id: id, focus_minutes: 0.01, break_minutes: 0.01, auto_focus: true };
  await expectRest(201, server, 'POST', '/rooms', { body });
  const alice = await open(t, server, 'alice', id);
  await join(alice, 'Alice', id);
  alice.say({ type: 'timer:start_focus' });
  const events = ['timer_started', 'focus_ended', 'break_started', 'break_ended', 'timer_started',
    'focus_ended', 'break_started'];
  for (const event of events) {
    await hearEvent([alice], event);
    await hearState([alice], id);
  }
});

test('source C: a room that nobody is in goes', async (t) => {
  const server = await start(t, { flags: ['--room-idle', '1s', '--room-grace', '1s'] });
  const alice = await open(t, server, 'alice', 'idle');
  await join(alice, 'Alice', 'idle');
  await expectRest(200, server, 'GET', '/rooms/idle');
  await alice.leave();
  await eventually(async () => (await rest(server, 'GET', '/rooms/idle')).status === 404,
    'the room to go');
  assert.deepEqual((await expectRest(200, server, 'GET', '/rooms')).rooms, []);
});

test('source C: a token for the media server', async (t) => {
  const key = { LIVEKIT_URL: 'wss://live.example.org', LIVEKIT_API_KEY: 'key',
    LIVEKIT_API_SECRET: 'the secret of the media server' };
  const server = await start(t, { env: key });
  const alice = await open(t, server, 'alice', 'media');
  await join(alice, 'Alice', 'media');
  const answer = await expectRest(200, server, 'POST', '/sfu/token',
    { body: { room_id: 'media', identity: 'alice', name: 'Alice' } });
  has(answer, { token: /^[\w-]+\.[\w-]+\.[\w-]+$/, url: key.LIVEKIT_URL, room: 'media',
    identity: /./ });
  has(JSON.parse(Buffer.from(answer.token.split('.')[1], 'base64url')), { iss: 'key',
    sub: answer.identity, name: 'Alice', exp: Number.isInteger,
    video: { room: 'media', roomJoin: true } });
});

test('source C: rooms by HTTP', async (t) => {
  const server = await start(t, { flags: ['--room-limit', '3'] });
  const made = await expectRest(201, server, 'POST', '/rooms',
    { body: { room_id: 'one', name: 'One', focus_minutes: 50, break_minutes: 10 } });
  has(made, room('one', { name: 'One', focus_minutes: 50, break_minutes: 10, phase: 'idle' }));
  const alice = await open(t, server, 'alice', 'one', { name: 'One' });
  await join(alice, 'Alice', 'one');
  has(await expectRest(200, server, 'POST', '/rooms', {
    headers: { 'x-creation-key': made.creationKey }, body: { room_id: 'one', focus_minutes: 30 } }),
    room('one', { name: 'One', focus_minutes: 30, break_minutes: 10 }));
  await hearEvent([alice], 'room_updated');
  await hearState([alice], 'one', { focus_minutes: 30, break_minutes: 10 });
  has(await expectRest(200, server, 'GET', '/rooms/one'),
    room('one', { participants: [{ name: 'Alice' }] }));
  const unnamed = await expectRest(201, server, 'POST', '/rooms', { body: {} });
  has(unnamed, room(unnamed.room_id, { room_id: /^[\w-]+$/, focus_minutes: 25 }));
  await open(t, server, 'bob', 'two');
  const list = await expectRest(200, server, 'GET', '/rooms');
  const rooms = Array.isArray(list) ? list : list.rooms;
  assert.deepEqual(rooms.map(({ room_id }) => room_id).sort(),
    ['one', 'two', unnamed.room_id].sort());

  assert.equal((await rest(server, 'GET', '/rooms/nowhere')).status, 404);
  assert.equal((await rest(server, 'POST', '/rooms/nowhere/reset')).status, 404);
  const refused = [{ room_id: '../x' }, { room_id: {} }, { focus_minutes: 'long' },
    { focus_minutes: -1 }, { break_minutes: 1e9 }, []];
  for (const body of refused) {
    const { status, json } = await rest(server, 'POST', '/rooms', { body });
    assert.ok([400, 422].includes(status), `${JSON.stringify(body)}: ${status}`);
    has(json, { error: refusal() });
  }
  // "Rate limiting via room count limit"
  const { status, json } = await rest(server, 'POST', '/rooms', { body: { room_id: 'three' } });
  assert.ok([429, 503].includes(status), `${status}`);
  has(json, { error: refusal() });
});

test('source C: what is wrong is said, and the connection stays', async (t) => {
  const server = await start(t);
  const id = 'errors';
  const alice = await open(t, server, 'alice', id);
  await join(alice, 'Alice', id);
  const wrong = ['', 'hello', '{', '[]', '7', 'null', '{}', '"join"', '[{"type":"chat"}]',
    '{"type":"chat","text":"a"} {"type":"chat","text":"b"}', `${'['.repeat(5000)}`,
    { type: 7 }, { type: null }, { type: 'nothing' }, { type: 'TIMER:PAUSE' }, { type: '' },
    { type: 'join' }, { type: 'join', name: 7 }, { type: 'join', name: LONG },
    { type: 'chat' }, { type: 'chat', text: {} }, { type: 'chat', text: LONG },
    { type: 'goal:update', goal: [] }, { type: 'media:update', audio: 'loud' },
    { type: 'timer:pause' }, { type: 'timer:skip_break' }];
  for (const message of wrong) {
    alice.say(message);
    await alice.hear('error', refusal(), `to ${show(message)}`);
  }
  await quiet(alice);
  assert.ok(alice.isOpen);
  alice.say({ type: 'chat', text: 'still here' });
  await alice.hear('chat', { text: 'still here' });
});

test('source C: what is huge is refused, and the connection stays', async (t) => {
  const server = await start(t);
  const alice = await open(t, server, 'alice', 'h');
  await join(alice, 'Alice', 'h');
  alice.say({ type: 'chat', text: HUGE });
  await alice.hear('error', refusal());
  alice.say({ type: 'goal:update', goal: 'less' });
  await hearState([alice], 'h', { goal: 'less' });
});

test('source C: a binary frame is no message, and the connection stays', async (t) => {
  const server = await start(t);
  const alice = await open(t, server, 'alice', 'b');
  await join(alice, 'Alice', 'b');
  alice.say(Buffer.from('{"type":"chat","text":"in bytes"}'));
  await alice.hear('error', refusal());
  alice.say({ type: 'chat', text: 'in letters' });
  await alice.hear('chat', { text: 'in letters' });
});

test('source C: addresses that are no rooms', async (t) => {
  const server = await start(t);
  const wrong = ['/ws/rooms/', '/ws/rooms/a%20b', '/ws/rooms/%E4%B8%96', '/ws/rooms/a%2Fb',
    `/ws/rooms/${'x'.repeat(65)}`, '/ws/rooms/a/b'];
  for (const where of wrong) {
    const ws = new WebSocket(`${server.url.replace('http', 'ws')}${where}`);
    t.after(() => ws.terminate());
    ws.on('error', () => {});
    const opened = once(ws, 'open').then(() => assert.fail(`${where} is opened`), () => {});
    const refused = once(ws, 'unexpected-response');
    const [, response] = await within(Promise.race([refused, opened.then(() => refused)]),
      `a refusal of ${where}`);
    assert.ok([400, 404].includes(response.statusCode), `${where}: ${response.statusCode}`);
  }
});
