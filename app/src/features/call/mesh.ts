// A call in which every browser is connected to every other one. Who they are follows from the
// room's seats alone (callers.ts); how two of them find together is peer.ts.
//
// Whoever loses the room's line has no seat until it is back. Such a connection is parked for a
// while: nothing is sent by it, because nobody without a seat is to see or hear the room, but if
// the same socket comes back it goes on at once.
import { Store, sameMembers } from '~/lib/store';
import type { Seat } from '~/wire/types';
import { ownCallers } from './callers';
import { every, realClock } from '~/lib/clock';
import { Inbox } from './inbox';
import { noTracks, ownTracksOf, type OwnTracks } from './ownTracks';
import { PeerLink, type Env, type SignalKind } from './peer';
import { listen, silence } from './speaking';
import type { Call, CallRoom, CallView, LocalMedia, PeerView, Signals, StartCall } from './types';
import { LOOK_MS, Watch } from './watch';

const LISTEN_MS = 125;
const PARKED_MS = 15_000;
const KINDS: readonly SignalKind[] = ['offer', 'answer', 'ice', 'data'];

interface Peer {
  link: PeerLink;
  watch: Watch;
  seat: Seat;
  unpark: (() => void) | null; // not null: parked
}

export class Mesh implements Call {
  readonly view: Store<CallView>;
  #room: Store<CallRoom>;
  #local: LocalMedia;
  #tracks: Store<OwnTracks>;
  #signals: Signals;
  #env: Env;
  #selfId: string;
  #peers = new Map<string, Peer>();
  #inbox: Inbox;
  #configuration: RTCConfiguration;
  #speaking = silence;
  #ownLevel = 0;
  #undo: (() => void)[] = [];

  constructor({ room, local, signals }: Parameters<StartCall>[0], env: Env) {
    const { selfId, limit } = room.get();
    this.#room = room;
    this.#local = local;
    this.#signals = signals;
    this.#env = env;
    this.#selfId = selfId;
    this.#tracks = ownTracksOf(local);
    this.#inbox = new Inbox(env.clock);
    this.#configuration = configurationOf(room.get());
    this.view = new Store<CallView>({
      way: 'mesh',
      full: false,
      limit,
      peers: {},
      speakers: [],
      lastSpeaker: null,
    });
    this.#undo.push(
      ...KINDS.map((kind) => signals.on(kind, (from, what) => this.#receive(from, kind, what))),
      room.watch(() => this.#follow()),
      this.#tracks.watch(() => this.#give()),
      local.watchLevel((level) => (this.#ownLevel = level)),
      every(env.clock, LOOK_MS, () => this.#look()),
      every(env.clock, LISTEN_MS, () => this.#listen()),
    );
    this.#follow();
  }

  retry(socketId: string): void {
    this.#peers.get(socketId)?.link.retry();
  }

  close(): void {
    for (const undo of this.#undo.splice(0)) undo();
    for (const socketId of [...this.#peers.keys()]) this.#drop(socketId);
    this.#show();
  }

  // ---- who is there

  #follow(): void {
    const { selfId, seats, limit } = this.#room.get();
    if (selfId !== this.#selfId) {
      // One is another connection now, and for the others a newcomer.
      for (const socketId of [...this.#peers.keys()]) this.#drop(socketId);
      this.#selfId = selfId;
    }
    this.#configure();
    const callers = ownCallers(seats, selfId, limit);
    if (!callers) return;
    const here = new Set(callers.peers.map((seat) => seat.socketId));
    const sits = new Set(seats.map((seat) => seat.socketId));
    for (const [socketId, peer] of this.#peers) {
      if (here.has(socketId)) continue;
      if (sits.has(socketId) || callers.full) this.#drop(socketId);
      else this.#park(socketId, peer);
    }
    for (const seat of callers.peers) this.#welcome(seat);
    if (this.view.get().full !== callers.full || this.view.get().limit !== limit)
      this.view.patch({ full: callers.full, limit });
    this.#give();
    this.#show();
  }

  #configure(): void {
    const next = configurationOf(this.#room.get());
    if (JSON.stringify(next) === JSON.stringify(this.#configuration)) return;
    this.#configuration = next;
    for (const { link } of this.#peers.values()) link.configure(next);
  }

  #welcome(seat: Seat): void {
    const known = this.#peers.get(seat.socketId);
    if (known) {
      known.seat = seat;
      known.unpark?.();
      known.unpark = null;
      return;
    }
    const link = this.#connect(seat.socketId);
    this.#peers.set(seat.socketId, { link, watch: new Watch(link), seat, unpark: null });
    link.start();
    this.#inbox.empty(seat.socketId, (kind, what) => link.receive(kind, what));
  }

  #connect(peerId: string): PeerLink {
    return new PeerLink({
      env: this.#env,
      selfId: this.#selfId,
      peerId,
      configuration: this.#configuration,
      tracks: this.#tracks.get(),
      peers: this.#peers.size + 1,
      send: (kind, what) => this.#signals.send(peerId, kind, what),
      changed: () => this.#changed(peerId),
    });
  }

  #park(socketId: string, peer: Peer): void {
    if (peer.unpark) return;
    if (peer.link.state !== 'connected') {
      this.#drop(socketId);
      return;
    }
    peer.unpark = this.#env.clock.after(PARKED_MS, () => this.#drop(socketId));
  }

  #drop(socketId: string): void {
    const peer = this.#peers.get(socketId);
    if (!peer) return;
    this.#peers.delete(socketId);
    peer.unpark?.();
    peer.link.close();
  }

  #changed(socketId: string): void {
    const peer = this.#peers.get(socketId);
    if (peer?.unpark && peer.link.state !== 'connected') this.#drop(socketId);
    this.#show();
  }

  #receive(from: string, kind: SignalKind, what: unknown): void {
    const peer = this.#peers.get(from);
    if (!peer) this.#inbox.put(from, kind, what);
    else if (!peer.unpark) peer.link.receive(kind, what);
  }

  // ---- what goes to and fro

  #give(): void {
    const present = [...this.#peers.values()].filter((peer) => !peer.unpark).length;
    for (const { link, unpark } of this.#peers.values())
      link.give(unpark ? noTracks : this.#tracks.get(), present);
  }

  async #look(): Promise<void> {
    const now = this.#env.clock.now();
    await Promise.all([...this.#peers.values()].map(({ watch }) => watch.look(now)));
    this.#show();
  }

  #listen(): void {
    const now = this.#env.clock.now();
    const own = this.#local.view.get().microphone.on ? this.#ownLevel : 0;
    const levels = new Map([[this.#selfId, own]]);
    for (const [socketId, { watch, seat, unpark }] of this.#peers)
      if (!unpark) levels.set(socketId, seat.media.audio ? watch.loudness(now) : 0);
    this.#speaking = listen(this.#speaking, levels, this.#selfId, now);
    const speakers = [...this.#speaking.speakers];
    const { lastSpeaker } = this.#speaking;
    const view = this.view.get();
    if (view.lastSpeaker !== lastSpeaker || !sameMembers(view.speakers, speakers))
      this.view.patch({ speakers, lastSpeaker });
  }

  // ---- what is seen

  #show(): void {
    const before = this.view.get().peers;
    const peers: Record<string, PeerView> = {};
    for (const [socketId, peer] of this.#peers) {
      if (peer.unpark) continue;
      const next = viewOf(socketId, peer);
      const last = before[socketId];
      peers[socketId] = last && sameMembers(last, next) ? last : next;
    }
    if (!sameMembers(before, peers)) this.view.patch({ peers });
  }
}

const viewOf = (socketId: string, { link, watch, seat }: Peer): PeerView => ({
  socketId,
  state: link.state,
  camera: link.camera,
  screen: seat.media.screen ? link.screen : null,
  ...watch.seen,
});

const configurationOf = ({ iceServers, relayOnly }: CallRoom): RTCConfiguration => ({
  iceServers: iceServers.map(({ urls, username, credential }) => ({
    urls,
    ...(username !== undefined && { username }),
    ...(credential !== undefined && { credential }),
  })),
  iceTransportPolicy: relayOnly ? 'relay' : 'all',
});

const connect = (configuration: RTCConfiguration): RTCPeerConnection => {
  try {
    return new RTCPeerConnection(configuration);
  } catch {
    // A server that this browser does not understand must not keep two apart who need none.
    return new RTCPeerConnection({ ...configuration, iceServers: [] });
  }
};

const browser: Env = { clock: realClock, connect, stream: (tracks) => new MediaStream(tracks) };

export const startMesh: StartCall = (options) => new Mesh(options, browser);
