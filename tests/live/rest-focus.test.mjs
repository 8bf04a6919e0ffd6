// /rooms, as source C has it: making and changing rooms, their state, the timer.
import assert from 'node:assert/strict';
import test from 'node:test';

import { expectRest, has, isDate, isNow, issue, refusal, rest, start, TypedClient } from './flow.mjs';
import { all } from './stoa.mjs';

const tokens = {
  ada: issue({ userId: 'u1', username: 'Ada' }),
  bob: issue({ userId: 'u2', username: 'Bob' }),
};

const refused = async (status, code, ...request) => {
  const answer = await rest(...request);
  assert.equal(answer.status, status, answer.text);
  return has(answer.json, { error: refusal(code) }).error.message;
};

const put = (status, server, body, options) =>
  expectRest(status, server, 'POST', '/rooms', { body, ...options });

const dial = async (t, server, room, token = '') => {
  const client = new TypedClient(t, server, room, `/ws/rooms/${room}${token && `?token=${token}`}`);
  await client.hear('state');
  return client;
};

test('focus rooms by REST', { concurrency: 8 }, async (t) => {
  const server = await start(t, { flags: ['--rate-create', '1000'] });

  await all(t, {
    'made, shown, changed': async () => {
      const answer = await rest(server, 'POST', '/rooms', { body: { room_id: 'deep', name: 'Deep work',
        focus_minutes: 0.5, break_minutes: 1, long_break_minutes: 2, auto_focus: true, rounds: 3 } });
      assert.equal(answer.status, 201);
      assert.equal(answer.headers.location, '/rooms/deep');
      assert.match(answer.headers['set-cookie'][0], /^stoa_creator=deep\./);
      const { creationKey, ...state } = answer.json;
      assert.match(creationKey, /^[0-9a-f]{44}$/);
      has(state, { room_id: 'deep', roomId: 'deep', name: 'Deep work', joinLink: /\/room\/deep$/,
        phase: 'idle', running: false, remaining: 0, serverNow: isNow, endsAt: null, round: 0,
        focus_minutes: 0.5, break_minutes: 1, long_break_minutes: 2, auto_focus: true, goal: '',
        participants: [], created_at: isDate });
      has(await expectRest(200, server, 'GET', '/rooms/deep'), { ...state, serverNow: isNow });
      has(await put(200, server, { id: 'deep', breakMinutes: 3 }),
        { name: 'Deep work', focus_minutes: 0.5, break_minutes: 3 });
      has(await put(200, server, { roomId: 'deep', title: 'Other' }), { name: 'Other', break_minutes: 3 });
      has(await expectRest(200, server, 'GET', '/api/rooms/deep'),
        { title: 'Other', settings: { mode: 'focus', timer: { rounds: 3 } } });
    },
    'without an id one is made': async () => {
      const { room_id: id } = await put(201, server, {});
      assert.match(id, /^[A-Za-z0-9]{6}$/);
      has(await expectRest(200, server, 'GET', `/rooms/${id}`), { room_id: id, name: id });
    },
    'who is there hears of a change, and of one that changes nothing does not': async () => {
      await put(201, server, { room_id: 'heard' });
      const ann = await dial(t, server, 'heard');
      ann.say({ type: 'join', name: 'Ann' });
      await ann.hear('state');
      await put(200, server, { room_id: 'heard', name: 'New' });
      await ann.hear('event', { event: 'room_updated' });
      await ann.hear('state', { state: { name: 'New' } });
      await put(200, server, { room_id: 'heard', name: 'New', focus_minutes: 25 });
      has(await expectRest(200, server, 'GET', '/rooms/heard'), { participants: [{ name: 'Ann' }] });
      ann.say({ type: 'ping' });
      await ann.hear('pong');
    },
    'an owned room is changed by its owner': async () => {
      const made = await put(201, server, { room_id: 'owned' }, { token: tokens.ada });
      assert.equal(made.creationKey, undefined);
      for (const token of [undefined, tokens.bob])
        await refused(403, 'FORBIDDEN', server, 'POST', '/rooms', { body: { room_id: 'owned', name: 'x' }, token });
      has(await put(200, server, { room_id: 'owned', name: 'x' }, { token: tokens.ada }), { name: 'x' });
      const { rooms } = await expectRest(200, server, 'GET', '/rooms?limit=200');
      assert.ok(!rooms.some(({ room_id: id }) => id === 'owned'));
    },
    'what others have made without an account takes its key': async () => {
      const room = await expectRest(201, server, 'POST', '/api/rooms', { body: { title: 'Study' } });
      const body = { room_id: room.id, name: 'x' };
      await refused(403, 'FORBIDDEN', server, 'POST', '/rooms', { body });
      await expectRest(200, server, 'POST', '/rooms',
        { body, headers: { 'X-Creation-Key': room.creationKey } });
    },
    'a guarded room shows strangers its door': async () => {
      const { id } = await expectRest(201, server, 'POST', '/api/rooms',
        { body: { title: 'G', approval: true, isPublic: true }, token: tokens.ada });
      const door = { room_id: id, roomId: id, name: 'G', waiting: false };
      assert.deepEqual(await expectRest(200, server, 'GET', `/rooms/${id}`), door);
      const { rooms } = await expectRest(200, server, 'GET', '/rooms?limit=200');
      assert.deepEqual(rooms.find((room) => room.room_id === id), door);
      await refused(403, 'NOT_IN_ROOM', server, 'POST', `/rooms/${id}/reset`);
      has(await expectRest(200, server, 'GET', `/rooms/${id}`, { token: tokens.ada }), { phase: 'idle' });
    },
    'the timer is reset by anybody in a room of nobody': async () => {
      const ann = await dial(t, server, 'timer');
      ann.say({ type: 'join', name: 'Ann' });
      await ann.hear('state');
      ann.say({ type: 'timer:start_focus', minutes: 1 });
      await ann.hear('event', { event: 'timer_started' });
      await ann.hear('state', { state: { phase: 'focus', running: true } });
      has(await expectRest(200, server, 'GET', '/rooms/timer'), { phase: 'focus', running: true });
      has(await expectRest(200, server, 'POST', '/rooms/timer/reset'), { phase: 'idle', running: false });
      await ann.hear('event', { event: 'timer_reset' });
      await ann.hear('state', { state: { phase: 'idle' } });
      has(await expectRest(200, server, 'POST', '/rooms/timer/reset', { body: {} }), { phase: 'idle' });
    },
    'of an owned room by its members and its owner': async () => {
      await put(201, server, { room_id: 'theirs' }, { token: tokens.ada });
      const path = '/rooms/theirs/reset';
      await refused(403, 'FORBIDDEN', server, 'POST', path);
      await refused(403, 'FORBIDDEN', server, 'POST', path, { token: tokens.bob });
      await expectRest(200, server, 'POST', path, { token: tokens.ada });
      const bob = await dial(t, server, 'theirs', tokens.bob);
      bob.say({ type: 'join', name: 'Bob' });
      await bob.hear('state');
      await expectRest(200, server, 'POST', path, { token: tokens.bob });
      const hosts = await expectRest(201, server, 'POST', '/api/rooms',
        { body: { mode: 'focus', timer: { hostsOnly: true } } });
      await refused(403, 'FORBIDDEN', server, 'POST', `/rooms/${hosts.id}/reset`);
      await expectRest(200, server, 'POST', `/rooms/${hosts.id}/reset`,
        { headers: { 'X-Creation-Key': hosts.creationKey } });
    },
    'what is wrong': async () => {
      const wrong = [{ focus_minutes: 0 }, { focus_minutes: 1441 }, { focus_minutes: 'x' },
        { break_minutes: 0.001 }, { rounds: 0 }, { rounds: 1.5 }, { auto_focus: 'yes' },
        { max_participants: -1 }, { room_id: 'a b' }, { room_id: 'a.b' }, { name: 'a\nb' }];
      for (const body of wrong) await refused(400, 'BAD_FIELD', server, 'POST', '/rooms', { body });
      await refused(404, 'ROOM_NOT_FOUND', server, 'GET', '/rooms/none');
      await refused(404, 'ROOM_NOT_FOUND', server, 'POST', '/rooms/none/reset');
      await refused(404, 'ROOM_NOT_FOUND', server, 'GET', `/rooms/${'x'.repeat(65)}`);
      const plain = await rest(server, 'GET', '/ws/rooms/none');
      assert.equal(plain.status, 426);
    },
  });
});

test('focus rooms by REST: one that is not in memory', async (t) => {
  const server = await start(t, { flags: ['--room-idle', '100ms'] });
  await put(201, server, { room_id: 'asleep', name: 'Asleep', focus_minutes: 7 });
  await new Promise((resolve) => { setTimeout(resolve, 600); });
  const { rooms } = await expectRest(200, server, 'GET', '/rooms');
  has(rooms, [{ room_id: 'asleep', name: 'Asleep', focus_minutes: 7, phase: 'idle', participants: [] }]);
  has(await expectRest(200, server, 'GET', '/api/rooms'), { rooms: [{ title: 'Asleep', participantCount: 0 }] });
  has(await expectRest(200, server, 'GET', '/rooms/asleep'), { name: 'Asleep', focus_minutes: 7 });
});
