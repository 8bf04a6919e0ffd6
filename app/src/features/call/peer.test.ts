// Two links, a line between them that takes its time, and every order of events that lots draw.
import assert from 'node:assert/strict';
import test from 'node:test';
import { noTracks } from './ownTracks';
import { PeerLink, type Env, type SignalKind } from './peer';
import { connectAll, FakePeerConnection, living } from './testing/fakePeerConnection';
import { World } from './testing/world';
import type { PeerState } from './types';

const RUNS = Number(process.env.RUNS ?? 60);

const track = (kind: string, id: string) => ({ kind, id }) as unknown as MediaStreamTrack;

const tracksOf = (who: string) => ({
  ...noTracks,
  microphone: track('audio', `${who}-microphone`),
  camera: track('video', `${who}-camera`),
});

class FakeStream {
  #tracks: MediaStreamTrack[];
  constructor(tracks: MediaStreamTrack[]) {
    this.#tracks = tracks;
  }
  getTracks = () => this.#tracks;
}

/** a is the impolite one. */
class Pair {
  world: World;
  links = new Map<string, PeerLink>();
  pcs = new Map<string, FakePeerConnection[]>([
    ['a', []],
    ['b', []],
  ]);
  states = new Map<string, PeerState[]>([
    ['a', []],
    ['b', []],
  ]);
  lineUp = true;
  netUp = true;

  constructor(seed: number) {
    living.clear();
    this.world = new World(seed);
  }

  env(who: string): Env {
    return {
      clock: this.world,
      connect: () => {
        const pc = new FakePeerConnection(this.world, who);
        this.pcs.get(who)?.push(pc);
        return pc as unknown as RTCPeerConnection;
      },
      stream: (tracks) => new FakeStream(tracks) as unknown as MediaStream,
    };
  }

  begin(who: 'a' | 'b', start = true): PeerLink {
    const other = who === 'a' ? 'b' : 'a';
    const link = new PeerLink({
      env: this.env(who),
      selfId: who,
      peerId: other,
      configuration: {},
      tracks: tracksOf(who),
      peers: 1,
      send: (kind, what) => this.carry(who, other, kind, what),
      changed: () => {
        const states = this.states.get(who);
        if (states?.at(-1) !== link.state) states?.push(link.state);
      },
    });
    this.links.set(who, link);
    if (start) link.start();
    return link;
  }

  carry(from: string, to: string, kind: SignalKind, what: unknown): void {
    if (!this.lineUp) return;
    const copy: unknown = structuredClone(what);
    this.world.put(`${from}>${to}`, () => this.links.get(to)?.receive(kind, copy));
  }

  link(who: string): PeerLink {
    const link = this.links.get(who);
    assert.ok(link);
    return link;
  }

  pc(who: string): FakePeerConnection {
    const pc = this.pcs.get(who)?.at(-1);
    assert.ok(pc);
    return pc;
  }

  /** Time passes, and the network does what it can. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 250) {
      await this.world.pass(250);
      connectAll(this.netUp);
    }
  }

  async calm(): Promise<void> {
    await this.world.calm();
    connectAll(this.netUp);
    await this.world.calm();
  }

  check(slots = 4): void {
    for (const who of ['a', 'b']) {
      const pc = this.pc(who);
      assert.ok(this.pcs.get(who)?.every(({ rollbacks }) => rollbacks === 0));
      assert.equal(pc.signalingState, 'stable');
      assert.equal(pc.connectionState, 'connected');
      assert.equal(this.link(who).state, 'connected');
      const all = pc.getTransceivers();
      assert.equal(all.length, slots);
      assert.ok(all.every((t) => t.mid !== null && t.currentDirection === 'sendrecv'));
      const { microphone, camera } = tracksOf(who);
      assert.equal(all.find((t) => t.mid === '0')?.sender.track?.id, microphone?.id);
      assert.equal(all.find((t) => t.mid === '1')?.sender.track?.id, camera?.id);
    }
    assert.equal(this.link('a').camera?.getTracks().length, 2);
    assert.equal(this.link('b').camera?.getTracks().length, 2);
  }
}

const runs = async (what: (seed: number) => Promise<void>, count = RUNS): Promise<void> => {
  for (let seed = 1; seed <= count; seed++) {
    try {
      await what(seed);
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
};

test('two find together in every order, by one offer', () =>
  runs(async (seed) => {
    const pair = new Pair(seed);
    pair.begin('a');
    pair.begin('b');
    await pair.calm();
    pair.check();
    assert.equal(pair.pc('a').offersMade, 1);
    assert.equal(pair.pc('b').offersMade, 0);
  }));

test('who comes late asks for the offer that it has missed', () =>
  runs(async (seed) => {
    for (const [first, second] of [['a', 'b'] as const, ['b', 'a'] as const]) {
      const pair = new Pair(seed);
      pair.begin(first);
      await pair.world.pass(seed % 9000);
      pair.begin(second);
      await pair.calm();
      if (pair.link('a').state !== 'connected') await pair.pass(10_000);
      pair.check();
    }
  }, RUNS / 4));

test('when both make an offer at once, the impolite one stands', () =>
  runs(async (seed) => {
    const pair = new Pair(seed);
    pair.begin('a');
    pair.lineUp = false;
    pair.begin('b');
    await pair.world.pass(4999); // the line comes back as the polite one has waited long enough
    pair.lineUp = true;
    await pair.pass(12_000);
    pair.check();
  }, RUNS / 4));

test('glare of restarts in every order', () =>
  runs(async (seed) => {
    const pair = new Pair(seed);
    pair.begin('a');
    pair.begin('b');
    await pair.calm();
    for (let n = 0; n < 3; n++) {
      for (const who of ['a', 'b']) pair.pc(who).restartIce();
      for (let steps = seed % 7; steps > 0; steps--) await pair.world.step();
    }
    await pair.calm();
    pair.check();
  }));

test('toggling never makes an offer', () =>
  runs(async (seed) => {
    const pair = new Pair(seed);
    const link = pair.begin('a');
    pair.begin('b');
    await pair.calm();
    const camera = pair.link('b').camera;
    link.give(noTracks, 1);
    link.give({ ...noTracks, screen: track('video', 'screen') }, 1);
    await pair.calm();
    assert.equal(pair.pc('a').getTransceivers()[2]?.sender.track?.id, 'screen');
    link.give(tracksOf('a'), 1);
    await pair.calm();
    pair.check();
    assert.equal(pair.pc('a').offersMade, 1);
    assert.equal(pair.link('b').camera, camera, 'the stream is the same one');
  }, 20));

test('resets from both sides at any moment', () =>
  runs(async (seed) => {
    const pair = new Pair(seed);
    const a = pair.begin('a');
    const b = pair.begin('b');
    const { draw } = pair.world;
    for (let n = 0; n < 4; n++) {
      for (let steps = draw(25); steps > 0; steps--) await pair.world.step();
      if (draw(2)) a.retry();
      if (draw(2)) b.retry();
      if (draw(2)) connectAll(true);
    }
    await pair.calm();
    if (a.state !== 'connected' || b.state !== 'connected') await pair.pass(40_000);
    pair.check();
  }));

test('a call that was begun anew by one of the two', () =>
  runs(async (seed) => {
    for (const who of ['a', 'b'] as const) {
      const pair = new Pair(seed);
      pair.begin('a');
      pair.begin('b');
      for (let steps = seed % 40; steps > 0; steps--) await pair.world.step();
      if (seed % 3) await pair.calm();
      if (seed % 5 === 0) {
        pair.link('a').retry(); // so that generations differ
        await pair.calm();
      }
      pair.link(who).close();
      pair.begin(who);
      await pair.calm();
      await pair.pass(30_000);
      pair.check();
    }
  }, RUNS / 2));

test('a short break of the network is mended by restarting ICE', async () => {
  const pair = new Pair(7);
  pair.begin('a');
  pair.begin('b');
  await pair.calm();
  const { ufragAgreed } = pair.pc('a');
  pair.netUp = false;
  await pair.pass(1500);
  assert.equal(pair.link('a').state, 'retrying');
  pair.netUp = true;
  await pair.pass(3000);
  pair.check();
  assert.notEqual(pair.pc('a').ufragAgreed, ufragAgreed);
  assert.equal(pair.pcs.get('a')?.length, 1);
});

test('a long one by building anew, and at last it is given up until somebody retries', async () => {
  const pair = new Pair(8);
  pair.begin('a');
  pair.begin('b');
  await pair.calm();
  pair.netUp = false;
  await pair.pass(60_000);
  assert.ok((pair.pcs.get('a')?.length ?? 0) > 1);
  assert.equal(pair.link('a').state, 'retrying');
  await pair.pass(120_000);
  assert.equal(pair.link('a').state, 'failed');
  await pair.pass(60_000);
  assert.equal(pair.link('b').state, 'failed');
  pair.netUp = true;
  pair.link('b').retry();
  await pair.pass(1000);
  pair.check();
});

test('while nothing can be said nothing fails', () =>
  runs(async (seed) => {
    const pair = new Pair(seed);
    pair.begin('a');
    pair.begin('b');
    await pair.calm();
    pair.lineUp = false;
    await pair.pass(60_000);
    assert.equal(pair.link('a').state, 'connected', 'media flows');
    pair.netUp = false;
    await pair.pass(100_000 + seed * 100);
    for (const who of ['a', 'b']) assert.equal(pair.link(who).state, 'retrying');
    pair.lineUp = pair.netUp = true;
    await pair.pass(25_000);
    pair.check();
  }, 20));

test('a line that drops messages for a while', () =>
  runs(async (seed) => {
    const pair = new Pair(seed);
    const { draw } = pair.world;
    pair.begin('a');
    pair.begin('b');
    for (let n = 0; n < 30; n++) {
      pair.lineUp = draw(2) === 0;
      for (let steps = draw(6); steps > 0; steps--) await pair.world.step();
      if (draw(8) === 0) await pair.pass(draw(6000));
    }
    pair.lineUp = true;
    await pair.pass(60_000);
    pair.check();
  }, RUNS / 4));

test('somebody who never says a word is given up', async () => {
  const pair = new Pair(9);
  pair.begin('a');
  await pair.pass(60_000);
  assert.equal(pair.link('a').state, 'failed');
  pair.begin('b'); // and taken up again
  await pair.pass(6000);
  pair.check();
});

test('a stock client that makes the offer, with what it has', () =>
  runs(async (seed) => {
    const pair = new Pair(seed);
    const link = pair.begin('a', false);
    const pc = new FakePeerConnection(pair.world, 'stock');
    pc.addTrack(track('video', 'stock-camera'));
    pc.addTrack(track('audio', 'stock-microphone'));
    const lane = 'stock>a';
    pc.onicecandidate = ({ candidate }) => {
      const plain: unknown = JSON.parse(JSON.stringify(candidate));
      pair.world.put(lane, () => link.receive('ice', plain));
    };
    pc.onnegotiationneeded = async () => {
      await pc.setLocalDescription();
      const sdp = structuredClone(pc.localDescription);
      pair.world.put(lane, () => link.receive('offer', sdp));
    };
    pair.carry = (_, __, kind, what) => {
      pair.world.put('a>stock', () => {
        if (kind === 'answer') void pc.setRemoteDescription(what as RTCSessionDescriptionInit);
        if (kind === 'ice' && what) void pc.addIceCandidate(what as RTCIceCandidateInit);
      });
    };
    await pair.calm();
    assert.equal(link.state, 'connected');
    assert.equal(link.camera?.getTracks().length, 2);
    const senders = pair.pc('a').getTransceivers();
    assert.deepEqual(
      senders.map((t) => t.sender.track?.id),
      ['a-camera', 'a-microphone'],
    );
  }, 40));

test('nonsense does no harm', async () => {
  const pair = new Pair(10);
  const link = pair.begin('a');
  pair.begin('b');
  await pair.calm();
  const nonsense = [null, 7, '', 'x', {}, [], { sdp: 5 }, { type: 'pranswer', sdp: '' }];
  for (const kind of ['answer', 'ice', 'data'] as const)
    for (const what of nonsense) link.receive(kind, what);
  for (const n of [-1, 1.5, NaN, 2 ** 60, '3']) link.receive('data', { call: 'reset', n });
  link.receive('ice', { candidate: 'candidate:1', usernameFragment: 'nobody' });
  await pair.calm();
  pair.check();
  link.receive('offer', { type: 'offer', sdp: 'v=0' });
  await pair.pass(30_000);
  pair.check();
});
