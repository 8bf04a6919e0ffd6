// Where loops are several: what is asked of a client that is on its way to another one, what somebody
// is told who sits in rooms of many, and how all that ends.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SECRET, make, socket, token } from './room-clients.mjs';
import { Wire, eventually, serve } from './stoa.mjs';

const LOOPS = 4;
const ROOMS = Array.from({ length: 12 }, (_, i) => `room-${i}`); // all loops have some
const FREELY = ['create', 'chat', 'join', 'control'].flatMap((rate) => [`--rate-${rate}`, '10000']);

const start = async (t, flags = [], options = {}) => {
  const server = await serve(t, ['--threads', `${LOOPS}`, ...FREELY, ...flags],
    { ...options, env: { JWT_SECRET: SECRET, ...options.env } });
  for (const id of ROOMS) await make(server, { id, isPublic: true });
  return server;
};

const person = async (server, name) =>
  socket(server, { nsp: '/rooms', auth: { token: token(name, { name }) } });

const join = async (who, roomId) => {
  const ack = await who.ask('joinRoom', { roomId });
  assert.ok(ack.ok, JSON.stringify(ack));
  return ack;
};

const POLL = '/socket.io/?EIO=4&transport=polling';
const get = (sid) => `GET ${POLL}&sid=${sid} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
const post = (sid, body) => `POST ${POLL}&sid=${sid} HTTP/1.1\r\nHost: localhost\r\n`
  + `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

/** A session that polls, in two namespaces. */
const poller = async (server) => {
  const wire = await Wire.open(server.port);
  const { body } = await wire.request(`GET ${POLL} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  const { sid } = JSON.parse(`${body}`.slice(1));
  await wire.request(post(sid, '40\x1e40/rooms,'));
  for (let heard = ''; !/40\{.*40\/rooms/s.test(heard);) heard += (await wire.request(get(sid))).body;
  return { wire, sid };
};

const behind = {
  'another poll': (sid) => get(sid),
  'a join by its other namespace': (sid) => post(sid, '42/rooms,2["joinRoom",{"roomId":"room-3"}]'),
  'a body that is not whole': (sid) => post(sid, `42/rooms,3["joinRoom",${'x'.repeat(400)}`).slice(0, -200),
};

for (const [name, request] of Object.entries(behind)) {
  test(`a client moves while it polls, and has asked for ${name} behind that`, async (t) => {
    const server = await start(t);
    await Promise.all(ROOMS.map(async (roomId) => {
      const { wire, sid } = await poller(server);
      const other = await Wire.open(server.port);
      wire.send(get(sid) + request(sid));
      await new Promise((resolve) => setTimeout(resolve, 20)); // the poll waits there by now
      other.send(post(sid, `421["joinRoom",{"roomId":"${roomId}"}]`));
      await eventually(() => other.received > 0 || other.over, 'an answer');
      wire.close();
      other.close();
    }));
    const ann = await person(server, 'ann');
    for (const roomId of ROOMS) await join(ann, roomId);
  });
}

test('who is put out of a room of another loop is told so', async (t) => {
  const server = await start(t);
  for (let round = 0; round < 3; round++) {
    const owner = await person(server, 'owner');
    const bob = await person(server, `bob${round}`);
    for (const roomId of ROOMS) {
      await join(owner, roomId);
      await join(bob, roomId);
    }
    for (const roomId of ROOMS) {
      bob.forget();
      assert.ok((await owner.ask('control:kick', { roomId, targetUserId: `bob${round}` })).ok);
      await bob.hears('control:kicked', (said) => said.roomId === roomId);
    }
    owner.drop();
    bob.drop();
  }
});

test('a signal finds whoever shares a room, though nobody names it', async (t) => {
  const server = await start(t);
  const ann = await person(server, 'ann');
  for (const roomId of ROOMS) await join(ann, roomId);
  for (const roomId of ROOMS) {
    const bob = await person(server, 'bob');
    await join(bob, roomId);
    const ack = await ann.ask('signal:offer', { to: bob.id, sdp: { type: 'offer', sdp: 'v=0' } });
    assert.ok(ack.ok, JSON.stringify(ack));
    await bob.hears('signal:offer');
    bob.drop();
  }
  const missed = await ann.ask('signal:offer', { to: 'nobody', sdp: { type: 'offer', sdp: 'v=0' } });
  assert.equal(missed.error.code, 'NOT_FOUND');
});

for (const signals of [1, 2]) {
  test(`a server that ends by ${signals} signal(s), with everybody in rooms of all loops`, async (t) => {
    const server = await start(t, [], { env: { ASAN_OPTIONS: 'detect_leaks=1' } });
    const people = await Promise.all(ROOMS.map((_, i) => person(server, `p${i}`)));
    await Promise.all(people.map(async (who) => {
      for (const roomId of ROOMS) await join(who, roomId);
    }));
    people.slice(0, 4).forEach((who) => who.drop()); // lost: they may come back
    people.forEach((who) => {
      for (const roomId of ROOMS) for (let i = 0; i < 3; i++) who.say('chat:message', { roomId, text: 'x' });
    });
    const load = ROOMS.map((roomId) => fetch(`http://127.0.0.1:${server.port}/api/rooms/${roomId}`)
      .then((answer) => answer.text()).catch(() => {}));
    await fetch(`http://127.0.0.1:${server.port}/metrics`);
    for (let i = 0; i < signals; i++) server.child.kill('SIGTERM');
    await server.check();
    await Promise.all(load);
  });
}

test('a server that ends while everybody is on the way', async (t) => {
  const server = await start(t, ['--drain-deadline', '30s']);
  const people = await Promise.all(Array.from({ length: 48 }, (_, i) => person(server, `p${i}`)));
  people.forEach((who, i) => who.say('joinRoom', { roomId: ROOMS[i % ROOMS.length] }));
  const polls = await Promise.all(ROOMS.map(() => poller(server)));
  polls.forEach(({ wire, sid }, i) =>
    wire.send(post(sid, `421["joinRoom",{"roomId":"${ROOMS[i]}"}]`), get(sid)));
  server.child.kill('SIGTERM');
  await Promise.all(people.map((who) => who.ended(10_000)));
  polls.forEach(({ wire }) => wire.close());
  await server.check();
  assert.equal(server.said('stopped').connections_cut, 0);
});

test('limits are of all loops together', async (t) => {
  const server = await serve(t, ['--threads', `${LOOPS}`, '--rate-join', '10000', '--rate-create', '10000',
    '--rate-chat', '5', '--sio-recovery', '0s', '--room-limit', `${ROOMS.length}`], { env: { JWT_SECRET: SECRET } });
  for (const id of ROOMS) await make(server, { id, isPublic: true });
  await t.test('of messages by one person', async () => {
    const all = await Promise.all(ROOMS.map(async (roomId) => {
      const ann = await person(server, 'ann');
      await join(ann, roomId);
      return { ann, roomId };
    }));
    const acks = await Promise.all(all.flatMap(({ ann, roomId }) =>
      Array.from({ length: 5 }, () => ann.ask('chat:message', { roomId, text: 'x' }))));
    const kept = acks.filter(({ ok }) => ok).length;
    assert.ok(kept >= 10 && kept < 30, `${kept} of ${acks.length} were taken`);
    for (const { ann } of all) ann.drop();
  });
  await t.test('of rooms, of which the idle ones make place', async () => {
    for (let i = 0; i < LOOPS; i++) {
      await eventually(() => make(server, { id: `new-${i}`, isPublic: true }).catch((error) => {
        assert.match(`${error}`, /ROOM_LIMIT/);
        return null;
      }), `place for room ${i}`);
    }
  });
});

test('nobody is in more rooms than one may be', async (t) => {
  const server = await serve(t, ['--threads', `${LOOPS}`, ...FREELY], { env: { JWT_SECRET: SECRET } });
  const ann = await person(server, 'ann');
  const acks = [];
  for (let i = 0; i < 20; i++) {
    await make(server, { id: `room-${i}`, isPublic: true });
    acks.push(await ann.ask('joinRoom', { roomId: `room-${i}` }));
  }
  assert.equal(acks.filter(({ ok }) => ok).length, 16);
  assert.equal(acks.at(-1).error.code, 'TOO_MANY');
});

test('uploads are awaited of one person, not of one in each loop', async (t) => {
  const server = await start(t, ['--files-uploads', '3']);
  const statuses = [];
  for (const roomId of ROOMS) {
    const { status } = await fetch(`http://127.0.0.1:${server.port}/api/upload-url`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token('owner')}` },
      body: JSON.stringify({ roomId, name: 'a.txt', size: 10, type: 'text/plain' }),
    });
    statuses.push(status);
  }
  assert.deepEqual(statuses, ROOMS.map((_, i) => (i < 3 ? 200 : 429)));
});
