// A crowd that comes and goes, over several loops: it joins, talks, is put out, leaves, is cut off,
// comes back, by any carrier and in both namespaces, at random. Whoever is there at the end is heard,
// and nothing is left of those who are not. SEED=n plays another one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { io } from 'socket.io-client';

import { SECRET, make, token } from './room-clients.mjs';
import { eventually, serve, within } from './stoa.mjs';

const LOOPS = 4;
const PEOPLE = 24;
const ACTS = 40;
const ROOMS = Array.from({ length: 16 }, (_, i) => `room-${i}`);
const FREELY = ['create', 'chat', 'join', 'control', 'signal'].flatMap((rate) => [`--rate-${rate}`, '10000']);
const CARRIERS = [['websocket'], ['polling'], ['polling', 'websocket']];

// The same numbers in every run with the same seed; what meets what is up to the threads.
const dice = (seed) => {
  let state = seed >>> 0;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
};

class Guest {
  constructor(server, n) {
    this.server = server;
    this.name = `guest${n}`;
    this.draw = dice(n * 7919 + Number(process.env.SEED ?? 1));
    this.come();
  }

  come() {
    this.socket = io(`http://127.0.0.1:${this.server.port}${this.draw(2) ? '/rooms' : '/'}`, {
      forceNew: true, transports: CARRIERS[this.draw(3)], timeout: 3000,
      reconnectionDelay: 10, reconnectionDelayMax: 100,
      auth: this.draw(4) ? { token: token(this.name, { name: this.name }) } : { user: { name: this.name } },
    });
  }

  room() {
    return ROOMS[this.draw(ROOMS.length)];
  }

  /** Without waiting for anything: the answers come as they come. */
  act() {
    const { socket } = this;
    const roomId = this.room();
    const acts = [
      () => socket.emit('joinRoom', { roomId }),
      () => socket.emit('joinRoom', { roomId }, () => {}),
      () => socket.emit('leaveRoom', { roomId }, () => {}),
      () => socket.emit('chat:message', { roomId, text: 'x' }, () => {}),
      () => { for (let i = 0; i < 20; i++) socket.emit('chat:message', { roomId, text: `${i}` }); },
      () => socket.emit('chat:message', { text: 'where?' }, () => {}),
      () => socket.emit('presence:typing', { roomId, isTyping: true }),
      () => socket.emit('signal:offer', { to: 'nobody', sdp: { type: 'offer', sdp: 'v=0' } }, () => {}),
      () => socket.emit('control:kick', { roomId, targetUserId: `guest${this.draw(PEOPLE)}` }),
      () => socket.io.engine?.close(),
      () => { socket.disconnect(); this.come(); },
    ];
    acts[this.draw(acts.length)]();
  }
}

test('a crowd that comes and goes', async (t) => {
  const server = await serve(t, ['--threads', `${LOOPS}`, ...FREELY, '--sio-recovery', '1s',
    '--sio-ping-interval', '2s', '--sio-ping-timeout', '4s',
    '--limits-connections-per-address', '1000'], { env: { JWT_SECRET: SECRET, ASAN_OPTIONS: 'detect_leaks=1' } });
  for (const [i, id] of ROOMS.entries()) await make(server, { id, isPublic: true }, `guest${i % 4}`);
  const crowd = Array.from({ length: PEOPLE }, (_, n) => new Guest(server, n));
  t.after(() => crowd.forEach(({ socket }) => socket.disconnect()));
  await Promise.all(crowd.map(async (guest) => {
    for (let i = 0; i < ACTS; i++) {
      guest.act();
      await new Promise((resolve) => setTimeout(resolve, guest.draw(60)));
    }
  }));
  await make(server, { id: 'finale', isPublic: true }, 'host');
  await Promise.all(crowd.map(async ({ socket, name }) => {
    await eventually(() => socket.connected, `${name} to be there`);
    const heard = new Promise((resolve) =>
      socket.on('chat:message', (said) => said.roomId === 'finale' && said.text === name && resolve()));
    const ask = async (what, json) => {
      for (;;) { // its last act may have been to hang up, in a moment
        const cut = new Promise((resolve) => { socket.once('disconnect', () => resolve('cut')); });
        const got = await within(Promise.race([socket.emitWithAck(what, json), cut]),
          `the answer to ${what} for ${name}, ${socket.io.engine.transport.name}`);
        if (got !== 'cut') return got;
        await eventually(() => socket.connected, `${name} to be back`);
      }
    };
    for (const roomId of ROOMS) await ask('leaveRoom', { roomId });
    const joined = await ask('joinRoom', { roomId: 'finale' });
    assert.equal(joined.ok, true, JSON.stringify(joined));
    const said = await ask('chat:message', { roomId: 'finale', text: name });
    assert.equal(said.ok, true, JSON.stringify(said));
    await within(heard, `${name} to be heard`);
  }));
  for (const { socket } of crowd) socket.disconnect();
  await eventually(async () => {
    const { stoa_sessions: sessions, stoa_clients: clients } = await server.metrics();
    return sessions === 0 && clients === 0;
  }, 'everybody to be gone');
});
