// Whole meshes over a pretended room: who is connected with whom, and what goes to whom.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Store } from '~/lib/store';
import type { Seat } from '~/wire/types';
import { Mesh } from './mesh';
import { noTracks, ownTracksOf } from './ownTracks';
import { connectAll, FakePeerConnection, living } from './testing/fakePeerConnection';
import { World } from './testing/world';
import type { CallRoom, LocalMedia, LocalView, Signals } from './types';

type Listener = (from: string, what: unknown) => void;

const seatOf = (socketId: string, nth: number, userId = socketId): Seat => ({
  socketId,
  userId,
  name: socketId,
  avatarUrl: null,
  role: 'participant',
  guest: false,
  media: { audio: true, video: true, screen: false },
  hand: false,
  handAt: null,
  goal: null,
  joinedAt: new Date(1e12 + nth).toISOString(),
});

const localOf = (id: string): LocalMedia => {
  const local = {
    view: new Store({ microphone: { on: true } } as LocalView),
    watchLevel: () => () => {},
  } as unknown as LocalMedia;
  const camera = { kind: 'video', id: `${id}-camera` } as unknown as MediaStreamTrack;
  ownTracksOf(local).set({ ...noTracks, camera });
  return local;
};

class Rooms {
  world = new World(5);
  seats: Seat[] = [];
  limit = 4;
  meshes = new Map<string, { mesh: Mesh; room: Store<CallRoom>; pcs: FakePeerConnection[] }>();
  #listeners = new Map<string, Set<Listener>>();

  constructor(...ids: string[]) {
    living.clear();
    this.seats = ids.map((id, i) => seatOf(id, i));
    for (const id of ids) this.begin(id);
  }

  signals(id: string): Signals {
    return {
      send: (to, kind, what) => {
        const copy: unknown = structuredClone(what);
        this.world.put(`${id}>${to}`, () => {
          for (const listener of this.#listeners.get(`${to} ${kind}`) ?? []) listener(id, copy);
        });
      },
      on: (kind, listener) => {
        const key = `${id} ${kind}`;
        const all = this.#listeners.get(key) ?? new Set();
        this.#listeners.set(key, all.add(listener));
        return () => all.delete(listener);
      },
    };
  }

  view(selfId: string, seats: Seat[] = this.seats): CallRoom {
    return { selfId, seats, iceServers: [], relayOnly: false, limit: this.limit };
  }

  begin(id: string): void {
    const room = new Store(this.view(id));
    const pcs: FakePeerConnection[] = [];
    const connect = () => {
      const pc = new FakePeerConnection(this.world, id);
      pcs.push(pc);
      return pc as unknown as RTCPeerConnection;
    };
    const stream = (tracks: MediaStreamTrack[]) =>
      ({ getTracks: () => tracks }) as unknown as MediaStream;
    const options = { room, local: localOf(id), signals: this.signals(id) };
    const mesh = new Mesh(options, { clock: this.world, connect, stream });
    this.meshes.set(id, { mesh, room, pcs });
  }

  one(id: string) {
    const one = this.meshes.get(id);
    assert.ok(one);
    return one;
  }

  sit(seats: Seat[]): void {
    this.seats = seats;
    for (const [id, { room }] of this.meshes) room.set(this.view(id));
  }

  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 250) {
      await this.world.pass(250);
      connectAll(true);
    }
  }

  peers(id: string): string[] {
    const { peers } = this.one(id).mesh.view.get();
    return Object.values(peers)
      .filter(({ state }) => state === 'connected')
      .map(({ socketId }) => socketId)
      .sort();
  }

  sends(id: string): (string | undefined)[] {
    return this.one(id).pcs.flatMap((pc) =>
      living.has(pc) ? [pc.getTransceivers().find((t) => t.mid === '1')?.sender.track?.id] : [],
    );
  }
}

test('everybody is connected with everybody, and nothing is left at the end', async () => {
  const rooms = new Rooms('a', 'b', 'c', 'd');
  await rooms.pass(1000);
  assert.deepEqual(rooms.peers('a'), ['b', 'c', 'd']);
  assert.deepEqual(rooms.peers('d'), ['a', 'b', 'c']);
  for (const { mesh } of rooms.meshes.values()) mesh.close();
  assert.equal(living.size, 0);
  await rooms.world.pass(20_000);
  assert.equal(rooms.world.timers, 0);
});

test('beyond the limit one waits, and gets in when somebody goes', async () => {
  const rooms = new Rooms('a', 'b', 'c');
  rooms.limit = 2;
  rooms.sit(rooms.seats);
  await rooms.pass(1000);
  assert.equal(rooms.one('c').mesh.view.get().full, true);
  assert.deepEqual(rooms.peers('a'), ['b']);
  rooms.one('a').mesh.close();
  rooms.meshes.delete('a');
  rooms.sit(rooms.seats.filter(({ socketId }) => socketId !== 'a'));
  await rooms.pass(1000);
  assert.equal(rooms.one('c').mesh.view.get().full, false);
  assert.deepEqual(rooms.peers('b'), ['c']);
});

test('who has no seat gets nothing, but goes on at once when the same socket is back', async () => {
  const rooms = new Rooms('a', 'b');
  await rooms.pass(1000);
  assert.deepEqual(rooms.sends('a'), ['a-camera']);
  const { room, pcs } = rooms.one('a');
  const before = rooms.seats;
  room.set(rooms.view('a', before.slice(0, 1)));
  await rooms.pass(1000);
  assert.deepEqual(rooms.sends('a'), [undefined]);
  assert.deepEqual(rooms.one('a').mesh.view.get().peers, {});
  room.set(rooms.view('a', before));
  await rooms.pass(1000);
  assert.deepEqual(rooms.sends('a'), ['a-camera']);
  assert.deepEqual(rooms.peers('a'), ['b']);
  assert.equal(pcs.length, 1);
  room.set(rooms.view('a', before.slice(0, 1)));
  await rooms.pass(20_000);
  assert.deepEqual(rooms.sends('a'), [], 'but not for ever');
});

test('being another connection, all begins anew', async () => {
  const rooms = new Rooms('a', 'b');
  await rooms.pass(1000);
  const { mesh, room } = rooms.one('b');
  mesh.close();
  rooms.meshes.delete('b');
  room.set(rooms.view('b'));
  rooms.seats = [seatOf('a', 0), seatOf('c', 5, 'b')];
  rooms.sit(rooms.seats);
  rooms.begin('c');
  await rooms.pass(1000);
  assert.deepEqual(rooms.peers('a'), ['c']);
});

test('what is said before a seat is known is not lost', async () => {
  const rooms = new Rooms('a');
  const b = seatOf('b', 1);
  const [a] = rooms.seats;
  assert.ok(a);
  rooms.seats = [a, b];
  rooms.begin('b');
  await rooms.world.calm(); // b has said something, and a knows of no b
  rooms.sit([a, b]);
  await rooms.pass(1000);
  assert.deepEqual(rooms.peers('a'), ['b']);
});
