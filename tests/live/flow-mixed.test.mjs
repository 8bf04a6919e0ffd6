// One room, and a client of each source in it: what happens there each of them hears in its own
// words (what the sources have no word for, in those that Stoa gives them).
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { expectRest, has, isNow, issue, quiet, socket, start, typed } from './flow.mjs';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const ID = 'mix';

/** Somebody: the client, the name, and how others know her. */
class Person {
  constructor(client, name, userId) {
    Object.assign(this, { client, name, userId });
  }

  get id() {
    return this.socketId ?? this.client.id;
  }

  hear(name, want) {
    return this.client.hear(name, want);
  }
}

const isAmong = (person, participants) => participants.some(({ name }) => name === person.name);

/** What somebody hears who speaks that language. `room` is the room's id, `x` who it is about. */
const languages = {
  A: {
    dial: (t, server, name) => socket(t, server, name,
      { auth: { token: issue({ userId: `u-${name}`, username: name }) } }, '/rooms'),
    join: (me, roomId) => me.client.say('joinRoom', { roomId, name: me.name, role: 'participant' }),
    isIn: (me, n) => me.hear('joined', { participants: (all) => all.length === n }),
    came: (me, x) => me.hear('user:joined', { user: { name: x.name } }),
    left: (me, x) => me.hear('user:left', { socketId: x.id }),
    say: (me, roomId, text) => me.client.say('chat:message', { roomId, text }),
    chat: (me, x, roomId, text) => me.hear('chat:message', { roomId, text, senderId: x.userId,
      timestamp: isNow, message: { roomId, text, senderId: x.userId } }),
    /** The first of those who are left follows the host who went. */
    isHost: (people) => people.find(({ language }) => language === 'A')
      .hear('user:updated', { user: { name: /./, role: 'host' } }),
    kicked: async (me, x, reason) => {
      await me.hear('control:kicked', { targetSocketId: x.id, reason });
      if (x !== me) await languages.A.left(me, x); // "then the target leaves"
    },
    leave: (me, roomId) => me.client.say('leaveRoom', { roomId }),
    ended: (me) => me.hear('room:ended', { message: /./ }),
    waits: (me, roomId) => me.hear('room:waiting', { roomId, message: /./ }),
    rejected: (me, roomId) => me.hear('room:rejected', { roomId, message: /./ }),
  },
  B: {
    dial: (t, server, name) => socket(t, server, name),
    join: (me, sessionId) =>
      me.client.say('join-session', { sessionId, userId: me.name, userName: me.name }),
    isIn: (me, n) => me.hear('existing-participants', (all) => all.length === n - 1),
    came: (me, x) => me.hear('user-joined', { userName: x.name }),
    left: (me, x) => me.hear('user-left', { socketId: x.id, userName: x.name }),
    say: (me, sessionId, message) => me.client.say('chat-message',
      { sessionId, message, userId: me.name, userName: me.name }),
    chat: (me, x, sessionId, message) => x !== me && me.hear('chat-message',
      { id: /./, sessionId, message, messageType: 'text', userId: x.userId, userName: x.name }),
    kicked: (me, x, reason) =>
      (x === me ? me.hear('kicked', { reason }) : languages.B.left(me, x)),
    leave: (me, sessionId) => me.client.say('leave-session', { sessionId }),
    ended: (me) => me.hear('session-ended', { message: /./ }),
    waits: (me) => me.hear('waiting-approval', { message: /./ }),
    rejected: (me) => me.hear('join-rejected', { message: /./ }),
  },
  C: {
    dial: async (t, server, name) => {
      const client = await typed(t, server, name, `/ws/rooms/${server.room}`);
      await client.hear('state', { state: { room_id: server.room } });
      return client;
    },
    join: (me) => me.client.say({ type: 'join', name: me.name }),
    isIn: (me, n) => me.hear('state', { state: { participants: (all) => all.length === n } }),
    came: async (me, x) => {
      await me.hear('event', { event: 'user_joined', name: x.name, timestamp: isNow });
      await me.hear('state', { state: { participants: (all) => isAmong(x, all) } });
    },
    left: async (me, x) => {
      await me.hear('event', { event: 'user_left', user_id: x.userId, name: x.name });
      await me.hear('state', { state: { participants: (all) => !isAmong(x, all) } });
    },
    say: (me, roomId, text) => me.client.say({ type: 'chat', text }),
    chat: (me, x, roomId, text) =>
      me.hear('chat', { id: /./, from: x.userId, name: x.name, text, timestamp: isNow }),
    kicked: async (me, x, reason) => {
      await me.hear('event', { event: 'kicked', reason, ...(x !== me && { user_id: x.userId }) });
      if (x !== me) await me.hear('state');
    },
    leave: (me) => me.client.say({ type: 'leave' }),
    ended: (me) => me.hear('event', { event: 'room_ended' }),
    waits: async (me) => {
      await me.hear('event', { event: 'waiting_approval' });
      await me.hear('state', { state: { room_id: /./, name: /./, waiting: true } });
    },
    rejected: async (me) => me.hear('event', { event: 'join_rejected' }),
  },
  D: {
    dial: (t, server, name) => typed(t, server, name),
    join: (me, roomId) => me.client.say({ type: 'JOIN_ROOM', roomId,
      token: issue({ userId: `u-${me.name}`, username: me.name }) }),
    isIn: async (me, n) => {
      await me.hear('JOIN_APPROVED', { data: { roomId: /./ } });
      await me.hear('USER_JOINED', { data: { username: me.name, connectedCount: n } });
    },
    came: (me, x, n) => me.hear(x.isBack ? 'USER_RECONNECTED' : 'USER_JOINED',
      { data: { username: x.name, connectedCount: n } }),
    left: (me, x, n, how) => me.hear(how === 'lost' ? 'USER_DISCONNECTED' : 'USER_LEFT',
      { data: { userId: x.userId, username: x.name, connectedCount: n } }),
    say: (me, roomId, text) => me.client.say({ type: 'CHAT_MESSAGE', roomId, text }),
    chat: (me, x, roomId, text) => me.hear('CHAT_MESSAGE', { data: { id: /./, userId: x.userId,
      username: x.name, text, timestamp: isNow } }),
    kicked: (me, x, reason) => (x === me ? me.hear('KICKED')
      : me.hear('USER_KICKED', { data: { userId: x.userId, username: x.name, reason } })),
    leave: (me, roomId) => me.client.say({ type: 'LEAVE_ROOM', roomId }),
    ended: (me) => me.hear('ROOM_ENDED', { message: /./ }),
  },
  E: {
    dial: (t, server, name) => socket(t, server, name),
    join: (me, roomId) => me.client.say('join-room', { roomId, displayName: me.name }),
    isIn: (me, n) => me.hear('peers', { peers: (all) => all.length === n - 1 }),
    came: (me, x) => me.hear('peer-joined', { peerId: x.client.id ?? UUID, displayName: x.name }),
    left: (me, x) => me.hear('peer-left', { peerId: x.id }),
    say: (me, roomId, text) => me.client.say('chat', { text }),
    chat: (me, x, roomId, text) => me.hear('chat',
      { id: /./, from: x.id, displayName: x.name, text, timestamp: isNow }),
    kicked: (me, x, reason) => (x === me ? me.hear('kicked', { reason }) : languages.E.left(me, x)),
    leave: (me, roomId) => me.client.say('leave-room', { roomId }),
    ended: (me) => me.hear('room-ended', { message: /./ }),
    waits: (me) => me.hear('waiting-approval', { message: /./ }),
    rejected: (me) => me.hear('join-rejected', { message: /./ }),
  },
};

const each = (people, what, ...args) =>
  Promise.all(people.map((me) => languages[me.language][what](me, ...args)));

const silent = (people) => quiet(...people.map(({ client }) => client));

const dial = async (t, server, language, name) => {
  const person = new Person(await languages[language].dial(t, server, name), name, `u-${name}`);
  person.language = language;
  return person;
};

/** What the others know of who came: from what they were told, and from what a roster says. */
const learn = (person, heard, here) => {
  const told = (language) => heard[here.findIndex((one) => one.language === language)];
  person.userId = told('D')?.data.userId ?? person.userId;
  person.socketId ??= told('A')?.socketId;
};

const learnFrom = ({ participants }, here) => {
  for (const one of here)
    one.socketId ??= participants.find(({ userId }) => userId === one.userId).socketId;
};

const enter = async (person, roomId, here) => {
  const { join, isIn } = languages[person.language];
  join(person, roomId);
  const roster = await isIn(person, here.length + 1);
  if (person.language === 'A') learnFrom(roster, here);
  learn(person, await each(here, 'came', person, here.length + 1), here);
  return [...here, person];
};

const order = [['D', 'Dan'], ['A', 'Ann'], ['B', 'Ben'], ['C', 'Cleo'], ['E', 'Eve']];

/** All five in a room that a focus page has opened. Dan is the first, and so its host. */
const gather = async (t, server) => {
  server.room = ID;
  await languages.C.dial(t, server, 'a page that opens the room');
  let here = [];
  for (const [language, name] of order)
    here = await enter(await dial(t, server, language, name), ID, here);
  return here;
};

test('five languages in one room: what each says all hear', async (t) => {
  const server = await start(t);
  const people = await gather(t, server);
  await silent(people);
  for (const person of people) {
    const text = `${person.name} says: Grüße 😀 "quoted" <b>`;
    languages[person.language].say(person, ID, text);
    await each(people, 'chat', person, ID, text);
    await silent(people);
  }
  const sent = await expectRest(201, server, 'POST', '/api/chat',
    { body: { sessionId: ID, message: 'by POST', userId: 'x', userName: 'x' } });
  has(sent, { message: 'by POST' });
  const heard = await Promise.all(people.map(({ client }) => client.next('what was posted')));
  const text = heard.map(({ json }) => (json.data ?? json).text ?? json.message);
  assert.deepEqual(text, Array(5).fill('by POST'));
  await silent(people);
});

for (const how of ['lost', 'left']) {
  test(`five languages in one room: all hear who has ${how}, and who comes`, async (t) => {
    const server = await start(t);
    let people = await gather(t, server);
    for (const [language, name] of [...order.slice(1), order[0]]) {
      const gone = people.find((one) => one.language === language);
      gone.socketId = gone.id;
      people = people.filter((one) => one !== gone);
      if (how === 'lost') gone.client.lose();
      else languages[language].leave(gone, ID);
      await each(people, 'left', gone, people.length, how);
      if (how === 'left' && language === 'D') await languages.A.isHost(people);
      await silent(people);
      if (language === 'D') break;
      const back = await dial(t, server, language, name);
      back.isBack = how === 'lost' && language === 'A'; // guests cannot be known again
      people = await enter(back, ID, people);
      await silent(people);
    }
  });
}

test('five languages in one room: a host puts somebody out', async (t) => {
  const server = await start(t);
  let people = await gather(t, server);
  const dan = people.find(({ language }) => language === 'D');
  for (const language of ['B', 'C', 'E', 'A']) {
    const target = people.find((one) => one.language === language);
    const reason = `Enough of ${target.name}`;
    dan.client.say({ type: 'KICK_USER', roomId: ID, userId: target.userId, reason });
    await each(people, 'kicked', target, reason);
    await silent(people);
    people = people.filter((one) => one !== target);
  }
});

test('five languages in one room: the end', async (t) => {
  const server = await start(t);
  const people = await gather(t, server);
  people.find(({ language }) => language === 'D').client.say({ type: 'END_ROOM', roomId: ID });
  await each(people, 'ended');
  await silent(people);
});

test('five languages in one room: deleted by REST where that is open to all', async (t) => {
  const server = await start(t, { env: { AUTH_MODE: 'open' } });
  const people = await gather(t, server);
  await expectRest(204, server, 'DELETE', `/api/rooms/${ID}`);
  await each(people, 'ended');
  await silent(people);
});

test('an interview of source D: the others wait, each in its own words', async (t) => {
  const server = await start(t);
  const host = await typed(t, server, 'the host');
  host.say({ type: 'CREATE_ROOM', token: issue({ userId: 'user123', username: 'Admin' }),
    roomname: 'Interview', maxGuests: 5, question: 'x', duration: 60, isPublic: false });
  const { data: { roomId } } = await host.hear('ROOM_CREATED');
  server.room = roomId;
  let n = 1;
  for (const language of ['A', 'B', 'C', 'E']) {
    const person = await dial(t, server, language, `Guest${language}`);
    languages[language].join(person, roomId);
    await languages[language].waits(person, roomId);
    const { data } = await host.hear('JOIN_REQUEST', { data: { username: person.name } });
    await silent([person]);
    host.say({ type: 'APPROVE_JOIN', roomId, userId: data.userId, approve: true });
    await languages[language].isIn(person, ++n);
    await host.hear('USER_JOINED', { data: { userId: data.userId, connectedCount: n } });
    person.client.lose();
    n--;
    await host.hear('USER_DISCONNECTED', { data: { userId: data.userId } });

    const other = await dial(t, server, language, `Other${language}`);
    languages[language].join(other, roomId);
    await languages[language].waits(other, roomId);
    const { data: asks } = await host.hear('JOIN_REQUEST', { data: { username: other.name } });
    host.say({ type: 'APPROVE_JOIN', roomId, userId: asks.userId, approve: false });
    await languages[language].rejected(other, roomId);
    await quiet(other.client, host);
  }
});
