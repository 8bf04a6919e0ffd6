// One connection to one other browser: perfect negotiation. The side with the smaller id makes the
// first offer, and when both made one at once, its offer stands. The other side then takes its own
// back, and does so by a new RTCPeerConnection: after a rollback Chromium shows no picture any
// more.
// So that this is rare, the polite side asks the other one for what it wants, and makes an offer of
// its own only if nothing comes.
//
// Everything that touches the RTCPeerConnection goes through one queue, so no two of its operations
// are ever interleaved. Candidates wait until a description names their ice-ufrag, so neither
// their order nor an offer that was passed over matters. When it is worthless the
// RTCPeerConnection is replaced (notes.ts: generations); when, retry.ts says.
import type { Clock } from '~/lib/clock';
import { isPolite } from './callers';
import { Candidates } from './candidates';
import {
  fingerprintOf,
  readDescription,
  readNote,
  writeDescription,
  type Description,
  type Note,
  type Tag,
} from './notes';
import type { OwnTracks } from './ownTracks';
import { Retry, type Act } from './retry';
import { limitAll } from './sending';
import { fillSlots, incoming, makeSlots, slotsOf, streamOf, Streams, type Slots } from './slots';
import type { PeerState } from './types';

/** What the browser gives; tests give something else. */
export interface Env {
  clock: Clock;
  connect(configuration: RTCConfiguration): RTCPeerConnection;
  stream(tracks: MediaStreamTrack[]): MediaStream;
}

export type SignalKind = 'offer' | 'answer' | 'ice' | 'data';

interface Options {
  env: Env;
  selfId: string;
  peerId: string;
  configuration: RTCConfiguration;
  tracks: OwnTracks;
  peers: number;
  send(kind: SignalKind, what: unknown): void;
  changed(): void;
}

/** One RTCPeerConnection and what belongs to it. */
interface Life {
  pc: RTCPeerConnection;
  streams: Streams;
  over: Promise<void>; // operations of a closed RTCPeerConnection may never come to an end
  end(): void;
  offered: { round: number; at: number } | null; // said, and not answered yet
  answered: Tag | null; // the offer that was answered last
}

const BUNDLE = 'max-bundle'; // may not change in a life
const REPEAT_MS = 2000;

export class PeerLink {
  readonly peerId: string;
  camera: MediaStream | null = null;
  screen: MediaStream | null = null;
  #options: Options;
  #polite: boolean;
  #retry: Retry;
  #generation = 0;
  #round = 0;
  #life: Life;
  #queue: Promise<void> = Promise.resolve();
  #candidates = new Candidates();
  #tracks: OwnTracks;
  #peers: number;
  #configuration: RTCConfiguration;
  #closed = false;

  constructor(options: Options) {
    const { env, selfId, peerId } = options;
    this.peerId = peerId;
    this.#options = options;
    this.#tracks = options.tracks;
    this.#peers = options.peers;
    this.#configuration = options.configuration;
    this.#polite = isPolite(selfId, peerId);
    this.#retry = new Retry({
      clock: env.clock,
      polite: this.#polite,
      isPending: () => this.#life.offered !== null,
      act: (what) => this.#act(what),
      changed: () => options.changed(),
    });
    this.#life = this.#begin();
  }

  get state(): PeerState {
    return this.#retry.state;
  }

  start(): void {
    this.#retry.start();
    this.#open();
  }

  retry(): void {
    this.#retry.again(true);
    this.#note('retry');
  }

  receive(kind: SignalKind, what: unknown): void {
    if (this.#closed) return;
    if (kind === 'ice') {
      this.#candidates.hold(what);
      this.#do(({ pc }) => this.#candidates.add(pc));
    } else if (kind === 'data') this.#onNote(what);
    else {
      const description = readDescription(kind, what);
      if (!description) return;
      if (kind === 'answer') this.#do((life) => this.#onAnswer(life, description));
      else
        this.#do(
          (life) => this.#onOffer(life, description),
          () => this.#makeWay(description),
        );
    }
  }

  /** What is sent from now on, and to how many. */
  give(tracks: OwnTracks, peers: number): void {
    if (this.#tracks === tracks && this.#peers === peers) return;
    this.#tracks = tracks;
    this.#peers = peers;
    this.#do((life) => this.#fit(life));
  }

  configure(configuration: RTCConfiguration): void {
    const before = this.#configuration.iceTransportPolicy;
    this.#configuration = configuration;
    try {
      this.#life.pc.setConfiguration({ ...configuration, bundlePolicy: BUNDLE });
    } catch {
      // the next RTCPeerConnection gets it
    }
    if (before === configuration.iceTransportPolicy) return;
    // A browser that restarts ICE keeps the paths that it has, allowed or not.
    if (configuration.iceTransportPolicy === 'relay') {
      this.#retry.rebuilt();
      this.#act('rebuild');
    } else this.#restart();
  }

  get slots(): Slots {
    return slotsOf(this.#life.pc);
  }

  stats(): Promise<RTCStatsReport> {
    return this.#life.pc.getStats();
  }

  close(): void {
    this.#closed = true;
    this.#retry.stop();
    this.#end();
  }

  // ---- lives

  #begin(): Life {
    const { env } = this.#options;
    const pc = env.connect({ ...this.#configuration, bundlePolicy: BUNDLE });
    let end = () => {};
    const over = new Promise<void>((resolve) => (end = resolve));
    const streams = new Streams(env.stream);
    const life: Life = { pc, streams, over, end, offered: null, answered: null };
    pc.onnegotiationneeded = () => this.#do((now) => this.#offer(now), undefined, life);
    pc.onicecandidate = ({ candidate }) => this.#send('ice', candidate?.toJSON() ?? null);
    pc.onconnectionstatechange = () => this.#retry.link(pc.connectionState);
    return life;
  }

  #end(): void {
    const { pc, end } = this.#life;
    pc.onnegotiationneeded = pc.onicecandidate = pc.onconnectionstatechange = null;
    pc.close();
    end();
  }

  #renew(generation: number): void {
    this.#end();
    this.#generation = generation;
    this.#life = this.#begin();
    this.#show();
  }

  /** Makes the first offer, or asks for it. */
  #open(): void {
    if (this.#polite) this.#note('fresh');
    else this.#offerAll();
  }

  #offerAll(): void {
    makeSlots(this.#life.pc, this.#life.streams, this.#tracks, true);
    this.#do((life) => this.#fit(life));
  }

  // ---- trying again

  #act(what: Act): void {
    if (what === 'rebuild') {
      this.#renew(this.#generation + 1);
      this.#open();
    } else if (what === 'restart') this.#restart();
    else this.#sayAgain();
  }

  #restart(): void {
    const { pc } = this.#life;
    if (this.#polite) this.#note('restart');
    else if (pc.remoteDescription) pc.restartIce();
    else this.#sayAgain();
  }

  #sayAgain(): void {
    const { pc, offered } = this.#life;
    if (offered) this.#say(this.#life, 'offer');
    else if (!pc.remoteDescription) this.#offerAll();
    else pc.restartIce();
  }

  // ---- what is said

  #send(kind: SignalKind, what: unknown): void {
    if (!this.#closed) this.#options.send(kind, what);
  }

  #note(call: Note['call']): void {
    this.#send('data', { call, n: this.#generation } satisfies Note);
  }

  #say(life: Life, kind: 'offer' | 'answer'): void {
    const sdp = life.pc.localDescription?.sdp;
    if (!sdp || life !== this.#life) return;
    let tag = life.answered;
    if (kind === 'offer') {
      const round = life.offered?.round ?? ++this.#round;
      life.offered = { round, at: this.#options.env.clock.now() };
      this.#retry.offered();
      tag = { generation: this.#generation, round };
    }
    this.#send(kind, writeDescription(kind, sdp, tag));
  }

  /** Queues `task`. `before` is run at its turn, and may begin a new life. With `only`, the task
   * is dropped if that life is over. */
  #do(task: (life: Life) => Promise<void>, before?: () => void, only?: Life): void {
    this.#queue = this.#queue.then(async () => {
      if (this.#closed || (only && only !== this.#life)) return;
      before?.();
      const life = this.#life;
      try {
        await Promise.race([task(life), life.over]);
      } catch {
        if (!this.#closed && life === this.#life) this.#retry.broke();
      }
    });
  }

  async #offer(life: Life): Promise<void> {
    // Otherwise the browser asks again once it is stable.
    if (life.pc.signalingState !== 'stable') return;
    life.offered = null;
    await life.pc.setLocalDescription();
    this.#say(life, 'offer');
  }

  // ---- what is heard

  /** Before an offer is used: whether it needs another RTCPeerConnection than the present one. */
  #makeWay({ sdp, tag }: Description): void {
    const { pc } = this.#life;
    if (tag && tag.generation > this.#generation) {
      this.#renew(tag.generation);
      return;
    }
    const collides = pc.signalingState === 'have-local-offer';
    if (collides && !this.#polite) return;
    const known = pc.currentRemoteDescription?.sdp;
    const isOther = known !== undefined && fingerprintOf(known) !== fingerprintOf(sdp);
    if (isOther || (collides && known === undefined)) this.#renew(this.#generation);
    else if (collides && tag) {
      this.#renew(this.#generation + 1);
      this.#retry.rebuilt();
      this.#open();
    }
  }

  async #onOffer(life: Life, { sdp, tag }: Description): Promise<void> {
    const { pc } = life;
    if (tag && tag.generation < this.#generation) {
      this.#note('reset');
      return;
    }
    if (pc.signalingState === 'have-local-offer' && !this.#polite) {
      // Ours stands. They may never have heard it, if theirs comes that late.
      const { now } = this.#options.env.clock;
      if (life.offered && now() - life.offered.at > REPEAT_MS) this.#say(life, 'offer');
      return;
    }
    if (tag && tag.round === life.answered?.round && pc.signalingState === 'stable') {
      // The same one once more: our answer was lost, or is on its way.
      if (pc.localDescription?.type === 'answer') this.#say(life, 'answer');
      return;
    }
    await pc.setRemoteDescription({ type: 'offer', sdp });
    life.answered = tag;
    await this.#fit(life);
    await pc.setLocalDescription();
    this.#say(life, 'answer');
    await this.#settle(life);
  }

  async #onAnswer(life: Life, { sdp, tag }: Description): Promise<void> {
    const { pc, offered } = life;
    if (pc.signalingState !== 'have-local-offer') return;
    if (tag && (tag.generation !== this.#generation || tag.round !== offered?.round)) return;
    const known = pc.currentRemoteDescription?.sdp;
    if (known !== undefined && fingerprintOf(known) !== fingerprintOf(sdp)) {
      this.#act('rebuild'); // they have a new one, and ours belongs to their old one
      this.#retry.rebuilt();
      return;
    }
    await pc.setRemoteDescription({ type: 'answer', sdp });
    await this.#settle(life);
  }

  /** A round is over: both know what the other one wants. */
  async #settle(life: Life): Promise<void> {
    if (life !== this.#life) return;
    life.offered = null;
    this.#retry.heard();
    await this.#candidates.add(life.pc);
    await this.#fit(life);
    this.#show();
  }

  #onNote(what: unknown): void {
    const note = readNote(what);
    if (!note) return;
    const { call, n } = note;
    const isNew = n > this.#generation;
    if (call === 'retry' && (isNew || this.state === 'failed')) this.#retry.again(false);
    if (isNew) {
      this.#renew(n);
      this.#retry.rebuilt();
      // The impolite side makes an offer by itself; but a reset may come from an old connection.
      if (!this.#polite || call === 'reset') this.#open();
    } else if (call === 'fresh' && !this.#polite) this.#onFresh(n);
    else if (call === 'restart' && !this.#polite) this.#onRestart(n);
  }

  #onRestart(n: number): void {
    if (n < this.#generation) this.#note('reset');
    else this.#sayAgain();
  }

  /** The other side waits for our offer. */
  #onFresh(n: number): void {
    const { pc, offered } = this.#life;
    if (n < this.#generation) this.#note('reset');
    else if (pc.currentRemoteDescription) {
      this.#renew(n); // ours belongs to one that they have no longer
      this.#retry.rebuilt();
      this.#open();
    } else if (offered) this.#say(this.#life, 'offer');
  }

  // ---- media

  /** Lets the senders send what is to be sent. */
  async #fit({ pc, streams }: Life): Promise<void> {
    if (pc.remoteDescription) makeSlots(pc, streams, this.#tracks, false);
    const slots = slotsOf(pc);
    await fillSlots(slots, streams, this.#tracks);
    if (pc.signalingState === 'stable') await limitAll(slots, this.#peers, this.#tracks.screenHint);
  }

  /** Looks at what comes in. The streams stay the same ones while their tracks do. */
  #show(): void {
    const slots = slotsOf(this.#life.pc);
    const { stream } = this.#options.env;
    const camera = streamOf(incoming(slots, 'microphone', 'camera'), this.camera, stream);
    const screen = streamOf(incoming(slots, 'screen', 'screenAudio'), this.screen, stream);
    if (camera === this.camera && screen === this.screen) return;
    this.camera = camera;
    this.screen = screen;
    this.#options.changed();
  }
}
