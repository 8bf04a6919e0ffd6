// A server that was killed and started again has its rooms as they were, and a client that says the
// last number it saw gets exactly what it missed since.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';

import { SECRET, focus, make, proctor, socket, token } from './room-clients.mjs';
import { eventually, restartable } from './stoa.mjs';

const folderOf = async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'stoa-restart-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

const start = (t, folder, ...flags) => restartable(folder, ['--rate-chat', '1000', ...flags],
  { JWT_SECRET: SECRET })
  .then((server) => {
    t.after(() => server.child.kill('SIGKILL'));
    return server;
  });

const kill = async (server) => {
  server.child.kill('SIGKILL');
  await server.ended();
};

const enter = async (server, room, user, extra = {}) => {
  const person = await socket(server, { nsp: '/rooms', auth: { token: token(user, { name: user }) } });
  const ack = await person.ask('joinRoom', { roomId: room, ...extra });
  assert.ok(ack.ok, JSON.stringify(ack));
  person.joined = (await person.hears('joined'));
  return person;
};

const say = async (person, roomId, text) =>
  assert.ok((await person.ask('chat:message', { roomId, text })).ok);

for (const every of [10, 1000]) {
  test(`what was missed, with a snapshot every ${every} events`, async (t) => {
    const folder = await folderOf(t);
    let server = await start(t, folder, '--room-snapshot', `${every}`);
    const room = await make(server, { title: 'Algebra', isPublic: true });
    const ann = await enter(server, room, 'ann');
    const bob = await enter(server, room, 'bob');
    for (let i = 0; i < 30; i++) await say(ann, room, `Before ${i}`);
    const seen = await bob.hears('chat:message', (said) => said.text === 'Before 29');
    const { epoch } = bob.joined;
    bob.drop();
    await ann.hears('user:left');
    for (let i = 0; i < 3; i++) await say(ann, room, `Missed ${i}`);
    await kill(server);
    server = await start(t, folder, '--room-snapshot', `${every}`);
    const again = await enter(server, room, 'ann');
    await say(again, room, 'After the restart');
    const back = await enter(server, room, 'bob', { since: seen.seq, epoch });
    const texts = (back.joined.missed ?? []).filter(({ event }) => event === 'chat:message')
      .map(({ payload }) => payload.text);
    assert.deepEqual(texts, ['Missed 0', 'Missed 1', 'Missed 2', 'After the restart']);
    assert.equal(new Set(back.joined.missed.map(({ seq }) => seq)).size, back.joined.missed.length);
    await kill(server);
  });
}

test('a room as it was', async (t) => {
  const folder = await folderOf(t);
  let server = await start(t, folder, '--room-snapshot', '16');
  const room = await make(server, { title: 'Everything', isPublic: true });
  const ann = await enter(server, room, 'ann');
  const ops = [{ id: 'o1', type: 'stroke', points: [[1, 2], [3, 4]], color: '#123456', width: 3 },
    { id: 'o2', type: 'stroke', points: [[5, 6]], color: '#000000', width: 1 }];
  assert.ok((await ann.ask('whiteboard:draw', { roomId: room, ops })).ok);
  for (let i = 0; i < 20; i++) await say(ann, room, `Message ${i}`);
  assert.ok((await ann.ask('goal:update', { roomId: room, text: 'Chapter 3', done: true })).ok);
  const carl = await focus(server, room);
  carl.say('join', { name: 'Carl' });
  carl.say('goal:update', { goal: 'Ours' });
  carl.say('timer:start_focus');
  const timer = (await carl.hears('state', (said) => said.state.running)).state;
  await carl.hears('state', (said) => said.state.goal === 'Ours');
  await make(server, { title: 'Behind' }); // what lasts lazily is stored before this is answered
  await kill(server);

  server = await start(t, folder, '--room-snapshot', '16');
  const { roomState } = (await enter(server, room, 'ann')).joined;
  assert.equal(roomState.title, 'Everything');
  assert.equal(roomState.messages.at(-1).text, 'Message 19');
  assert.equal(roomState.messages.length, 20);
  const board = [...roomState.whiteboard.snapshot?.ops ?? [], ...roomState.whiteboard.ops];
  assert.deepEqual(board.map(({ id }) => id), ['o1', 'o2']);
  const { goal } = roomState.participants.find(({ userId }) => userId === 'ann');
  assert.deepEqual(goal, { text: 'Chapter 3', done: true });
  const late = await focus(server, room);
  const { state } = await late.hears('state');
  assert.equal(state.goal, 'Ours');
  assert.equal(state.endsAt, timer.endsAt, 'the timer counts by the clock on the wall');
  assert.ok(state.running && state.remaining_ms < timer.remaining_ms);
  await kill(server);
});

test('an interview as it was', async (t) => {
  const folder = await folderOf(t);
  let server = await start(t, folder);
  const host = await proctor(server);
  host.say('CREATE_ROOM', { token: token('hal', { username: 'Hal' }), roomname: 'Interview',
    maxGuests: 5, question: 'Why?', duration: 60, isPublic: false });
  const { roomId } = (await host.hears('ROOM_CREATED')).data;
  const asks = async (at) => {
    const person = await proctor(at);
    person.say('JOIN_ROOM', { token: token('dan', { username: 'Dan' }), roomId });
    return person;
  };
  const dan = await asks(server);
  await host.hears('JOIN_REQUEST');
  host.say('APPROVE_JOIN', { roomId, userId: 'dan', approve: true });
  await dan.hears('JOIN_APPROVED');
  host.say('START_ROOM', { roomId });
  const { endsAt } = (await dan.hears('ROOM_STARTED')).data;
  dan.say('TAB_BLUR', { roomId });
  dan.say('FULLSCREEN_EXIT', { roomId });
  await host.hears('VIOLATION_DETECTED', (said) => said.data.violationCount === 2);
  dan.say('SUBMIT_CODE', { roomId, code: 'print(42)', language: 'python' });
  await dan.hears('SUBMISSION_RECEIVED');
  dan.say('CODE_CHANGE', { roomId, code: 'print(43)', language: 'python' });
  await host.hears('CODE_UPDATE', (said) => said.data.code === 'print(43)');
  await make(server, { title: 'Behind' });
  await kill(server);

  server = await start(t, folder);
  const again = await asks(server);
  const { data } = await again.hears('JOIN_APPROVED');
  assert.equal(data.reconnected, true);
  assert.equal(data.violationCount, 2, 'the restart is nobody\'s violation');
  assert.equal(data.hasSubmitted, true);
  assert.equal(data.code, 'print(43)');
  assert.equal(data.status, 'LIVE');
  assert.equal(data.endsAt, endsAt);
  await eventually(() => again.isOpen, 'to be in');
  await kill(server);
});

for (const every of [10, 1000]) {
  test(`what is sent again after a restart counts once, with a snapshot every ${every} events`,
    async (t) => {
      const folder = await folderOf(t);
      const flags = ['--room-snapshot', `${every}`];
      let server = await start(t, folder, ...flags);
      const room = await make(server, { title: 'Interview', mode: 'interview', approval: false });
      const host = await enter(server, room, 'owner');
      assert.ok((await host.ask('room:start', { roomId: room })).ok);
      const dan = await enter(server, room, 'dan');
      const report = { roomId: room, id: 'r-7', kind: 'TAB_BLUR' };
      const hand = { roomId: room, id: 'c-7', code: 'print(42)', language: 'python' };
      const reported = await dan.ask('proctor:report', report);
      const handed = await dan.ask('code:submit', hand);
      assert.ok(reported.ok && handed.ok, JSON.stringify([reported, handed]));
      for (let i = 0; i < 12; i++) await say(dan, room, `Behind ${i}`);
      await kill(server);

      server = await start(t, folder, ...flags);
      const owner = await enter(server, room, 'owner');
      const again = await enter(server, room, 'dan');
      assert.deepEqual(await again.ask('proctor:report', report), reported);
      assert.deepEqual(await again.ask('code:submit', hand), handed);
      await say(again, room, 'Behind all of it');
      await owner.hears('chat:message', (said) => said.text === 'Behind all of it');
      assert.ok(!owner.heard.some(({ name }) => /violation|submitted/.test(name)));
      const answer = await fetch(`http://127.0.0.1:${server.port}/api/rooms/${room}/report`,
        { headers: { Authorization: `Bearer ${token('owner')}` } });
      const { candidates } = await answer.json();
      const { violations, submissions } = candidates.find(({ userId }) => userId === 'dan');
      assert.equal(violations.length, 1);
      assert.deepEqual(submissions.map(({ id }) => id), ['c-7']);
      await kill(server);
    });
}

test('who waits is still at the door, with what was said there', async (t) => {
  const folder = await folderOf(t);
  let server = await start(t, folder);
  const room = await make(server, { title: 'Class', approval: true });
  const knock = async (extra) => {
    const person = await socket(server, { nsp: '/rooms', auth: { token: token('ann') } });
    assert.ok((await person.ask('joinRoom', { roomId: room, ...extra })).waiting);
    return person.hears('room:waiting');
  };
  assert.equal((await knock({ message: 'I am Ann, of 3b' })).ownMessage, 'I am Ann, of 3b');
  await kill(server);
  server = await start(t, folder);
  const { roomState } = (await enter(server, room, 'owner')).joined;
  assert.deepEqual(roomState.joinRequests.map(({ message }) => message), ['I am Ann, of 3b']);
  assert.equal((await knock({})).ownMessage, 'I am Ann, of 3b');
  await kill(server);
});
