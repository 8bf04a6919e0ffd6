// Source E (calls) as a client of its own would go through it: a room by REST, the peers in it,
// offers by the smaller socket id, a mesh of four.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  candidate, each, expectRest, has, HUGE, nonsense, quiet, refusal, rest, sdp, show, socket, start,
  ways,
} from './flow.mjs';

const MESH = 4;

const makeRoom = async (server, more) => {
  const body = { name: 'Weekly call', ...more };
  const room = await expectRest(201, server, 'POST', '/api/rooms', { body });
  return has(room, { id: /^[\w-]+$/, name: 'Weekly call' }).id;
};

const join = async (client, roomId, others = []) => {
  client.say('join-room', { roomId, displayName: client.name });
  const { peers } = await client.hear('peers', { peers: Array.isArray });
  assert.deepEqual([...peers].sort(), others.map(({ id }) => id).sort());
  await each(others, 'peer-joined', { peerId: client.id, displayName: client.name });
};

const smallerFirst = (a, b) => (a.id < b.id ? [a, b] : [b, a]);

/** "Only initiate offers to peers with lexicographically greater IDs" */
const connect = async (one, other) => {
  const [from, to] = smallerFirst(one, other);
  const pass = async (a, b, data) => {
    a.say('signal', { to: b.id, data });
    assert.deepEqual((await b.hear('signal', { from: a.id })).data, data, 'as it was');
  };
  await pass(from, to, { description: sdp('offer', from.name) });
  await pass(to, from, { description: sdp('answer', to.name) });
  await pass(from, to, { candidate: candidate(from.name) });
  await pass(to, from, { candidate: null });
  await pass(to, from, [1, 'ü😀', { deep: [[[]]] }]);
  await pass(from, to, 'x'.repeat(20_000));
};

const flow = async (t, options) => {
  const server = await start(t, { env: { AUTH_MODE: 'open' } }); // "Open room access"
  const roomId = await makeRoom(server);
  const list = await expectRest(200, server, 'GET', '/api/rooms');
  const rooms = Array.isArray(list) ? list : list.rooms;
  has(rooms, [{ id: roomId, name: 'Weekly call' }]);
  const room = await expectRest(200, server, 'GET', `/api/rooms/${roomId}`);
  has(room, { id: roomId, name: 'Weekly call' });

  const names = ['Ann', 'Ben', 'Cleo', 'Dora'];
  const clients = [];
  for (const name of names) {
    const client = await socket(t, server, name, options);
    await join(client, roomId, clients);
    for (const other of clients) await connect(client, other);
    clients.push(client);
  }
  await quiet(...clients);

  const fifth = await socket(t, server, 'Fifth', options);
  assert.equal(clients.length, MESH);
  has(await fifth.ask('join-room', { roomId, displayName: 'Fifth' }),
    { ok: false, error: refusal('ROOM_FULL') });
  await fifth.hear('error', refusal('ROOM_FULL'));
  fifth.say('signal', { to: clients[0].id, data: 'from nowhere' });
  await fifth.hear('error', refusal());
  await quiet(...clients, fifth);

  const [ann, ben, cleo, dora] = clients;
  const ids = clients.map(({ id }) => id);
  await dora.leave();
  await each([ann, ben, cleo], 'peer-left', { peerId: ids[3] });
  cleo.say('leave-room', { roomId });
  await each([ann, ben], 'peer-left', { peerId: ids[2] });
  await join(fifth, roomId, [ann, ben]);
  await quiet(ann, ben, cleo, fifth);

  await expectRest(204, server, 'DELETE', `/api/rooms/${roomId}`);
  await each([ann, ben, fifth], 'room-ended', { message: /./ });
  const again = await expectRest(200, server, 'GET', '/api/rooms');
  assert.deepEqual(Array.isArray(again) ? again : again.rooms, [], 'it is listed no more');
  const gone = await rest(server, 'GET', `/api/rooms/${roomId}`);
  assert.equal(gone.status, 404, gone.text);
  ann.say('join-room', { roomId, displayName: 'Ann' });
  await ann.hear('error', refusal());
  await quiet(ann, ben, cleo, fifth);
};

for (const [name, options] of Object.entries(ways)) {
  test(`source E, over ${name}`, async (t) => flow(t, options));
}

test('source E: a connection that breaks is a leaving, and one may come back', async (t) => {
  const server = await start(t);
  const roomId = await makeRoom(server);
  const [ann, ben] = await Promise.all(['Ann', 'Ben'].map((name) => socket(t, server, name)));
  await join(ann, roomId);
  await join(ben, roomId, [ann]);
  const { id } = ben;
  ben.lose();
  await ann.hear('peer-left', { peerId: id });
  const again = await socket(t, server, 'Ben');
  await join(again, roomId, [ann]);
  await quiet(ann, again);
});

// A page says join-room whenever it is connected, also when Socket.IO has brought it back.
test('source E: the stock client comes back by itself', async (t) => {
  const server = await start(t);
  const roomId = await makeRoom(server);
  const options = { reconnection: true, reconnectionDelay: 300, randomizationFactor: 0 };
  const [ann, ben] = await Promise.all(['Ann', 'Ben'].map((name) =>
    socket(t, server, name, options)));
  await join(ann, roomId);
  await join(ben, roomId, [ann]);
  const { id } = ben;
  const back = ben.connected();
  ben.lose();
  await ann.hear('peer-left', { peerId: id });
  await back;
  await join(ben, roomId, [ann]);
  await quiet(ann, ben); // once, and not once more for the second join-room
  await connect(ann, ben);
});

test('source E: both offer at once, and each gets the other\'s', async (t) => {
  const server = await start(t);
  const roomId = await makeRoom(server);
  const [ann, ben] = await Promise.all(['Ann', 'Ben'].map((name) => socket(t, server, name)));
  await join(ann, roomId);
  await join(ben, roomId, [ann]);
  ann.say('signal', { to: ben.id, data: sdp('offer', 'Ann') });
  ben.say('signal', { to: ann.id, data: sdp('offer', 'Ben') });
  await ann.hear('signal', { from: ben.id, data: sdp('offer', 'Ben') });
  await ben.hear('signal', { from: ann.id, data: sdp('offer', 'Ann') });
  await quiet(ann, ben);
});

test('source E: places of those who were lost do not fill the mesh', async (t) => {
  const server = await start(t);
  const roomId = await makeRoom(server);
  const clients = [];
  for (const name of ['a', 'b', 'c', 'd']) {
    const client = await socket(t, server, name);
    await join(client, roomId, clients);
    clients.push(client);
  }
  const ids = clients.map(({ id }) => id);
  clients[3].lose();
  await each(clients.slice(0, 3), 'peer-left', { peerId: ids[3] });
  await join(await socket(t, server, 'e'), roomId, clients.slice(0, 3));
});

test('source E: what is huge is refused, and the connection stays', async (t) => {
  const server = await start(t);
  const roomId = await makeRoom(server);
  const [ann, ben] = await Promise.all(['Ann', 'Ben'].map((name) => socket(t, server, name)));
  await join(ann, roomId);
  await join(ben, roomId, [ann]);
  ben.say('signal', { to: ann.id, data: HUGE });
  await ben.hear('error', refusal());
  ben.say('leave-room', { roomId });
  await ann.hear('peer-left', { peerId: ben.id });
  await quiet(ann, ben);
});

test('source E: a smaller mesh', async (t) => {
  const server = await start(t);
  const roomId = await makeRoom(server, { maxPeers: 2 });
  const clients = await Promise.all(['a', 'b', 'c'].map((name) => socket(t, server, name)));
  const [a, b, c] = clients;
  await join(a, roomId);
  await join(b, roomId, [a]);
  c.say('join-room', { roomId, displayName: 'c' });
  await c.hear('error', refusal('ROOM_FULL'));
  await quiet(...clients);
});

test('source E: whoever made a room removes it', async (t) => {
  const server = await start(t);
  const made = await rest(server, 'POST', '/api/rooms', { body: { name: 'Mine' } });
  assert.equal(made.status, 201);
  const { roomId } = made.json;
  const ann = await socket(t, server, 'Ann');
  await join(ann, roomId);
  const other = await rest(server, 'DELETE', `/api/rooms/${roomId}`);
  assert.ok([401, 403].includes(other.status), `${other.status}`);
  has(other.json, { error: refusal() });
  await quiet(ann);
  // A browser gives the cookie back, with the origin of the page.
  const cookie = made.headers['set-cookie'].map((line) => line.split(';')[0]).join('; ');
  await expectRest(204, server, 'DELETE', `/api/rooms/${roomId}`,
    { headers: { cookie, origin: server.url } });
  await ann.hear('room-ended', { message: /./ });
  const twice = await rest(server, 'DELETE', `/api/rooms/${roomId}`,
    { headers: { cookie, origin: server.url } });
  assert.equal(twice.status, 404, twice.text);
  await quiet(ann);
});

test('source E: what is wrong is said, and the connection stays', async (t) => {
  const server = await start(t);
  const roomId = await makeRoom(server);
  const [ann, ben] = await Promise.all(['Ann', 'Ben'].map((name) => socket(t, server, name)));
  await join(ann, roomId);
  ann.say('join-room', { roomId: 'nowhere', displayName: 'Ann' });
  await ann.hear('error', refusal('ROOM_NOT_FOUND'));
  await join(ben, roomId, [ann]);
  const wrong = [
    ...nonsense('join-room'), ...nonsense('signal'),
    ['join-room', { displayName: 'Ben' }], ['join-room', { roomId: 7 }],
    ['join-room', { roomId: 'a/b' }], ['join-room', { roomId, displayName: 7 }],
    ['signal', { data: 'x' }], ['signal', { to: 7, data: 'x' }],
    ['signal', { to: 'nobody', data: 'x' }],
    ['signal', { to: ann.id }],
    ['no-such-event', {}],
  ];
  for (const [event, ...args] of wrong) {
    ben.say(event, ...args);
    await ben.hear('error', refusal(), `to ${show([event, ...args])}`);
    await sleep(100); // within the rates
  }
  assert.ok(ben.socket.connected);
  await connect(ann, ben);
  await quiet(ann, ben);

  for (const body of [{ name: 7 }, { maxPeers: 'four' }, [], 'text']) {
    const { status, json } = await rest(server, 'POST', '/api/rooms', { body });
    assert.ok([400, 422].includes(status), `${JSON.stringify(body)}: ${status}`);
    has(json, { error: refusal() });
  }
  assert.equal((await rest(server, 'GET', '/api/rooms/nowhere')).status, 404);
  assert.equal((await rest(server, 'DELETE', '/api/rooms/nowhere')).status, 404);
});
