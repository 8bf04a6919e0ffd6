// An RTCPeerConnection that knows signalling states, m-lines, rollback, ICE generations and
// certificates, and nothing of media. Its descriptions are made of the lines that peer.ts reads.
// Two of them are connected as soon as each knows the other's newest description and a candidate.
import type { World } from './world';

type Kind = 'audio' | 'video';
type Direction = RTCRtpTransceiverDirection;

interface FakeTransceiver {
  mid: string | null;
  direction: Direction;
  currentDirection: Direction | null;
  receiver: { track: { id: string; kind: Kind } };
  sender: FakeSender;
  byAddTrack: boolean;
}

interface FakeSender {
  track: MediaStreamTrack | null;
  replaceTrack(track: MediaStreamTrack | null): Promise<void>;
  getParameters(): { encodings: object[] };
  setParameters(): Promise<void>;
}

interface Content {
  ufrag: string;
  certificate: string;
  media: { mid: string; kind: Kind; direction: Direction }[];
}

const write = (content: Content): string =>
  [
    'v=0',
    `a=fingerprint:sha-256 ${content.certificate}`,
    ...content.media.map(({ mid }) => `m=x ${mid}\r\na=ice-ufrag:${content.ufrag}`),
    `a=content:${JSON.stringify(content)}`,
    '',
  ].join('\r\n');

const read = (sdp: string): Content => {
  const text = /^a=content:(.+)$/m.exec(sdp)?.[1];
  if (!text) throw new DOMException('not a description', 'OperationError');
  return JSON.parse(text) as Content;
};

const SENDS: readonly Direction[] = ['sendrecv', 'sendonly'];
const RECEIVES: readonly Direction[] = ['sendrecv', 'recvonly'];

/** What is left of `ours` by what the other side wants. */
const meet = (ours: Direction, theirs: Direction): Direction => {
  const sends = SENDS.includes(ours) && RECEIVES.includes(theirs);
  const receives = RECEIVES.includes(ours) && SENDS.includes(theirs);
  return sends ? (receives ? 'sendrecv' : 'sendonly') : receives ? 'recvonly' : 'inactive';
};

const CANDIDATE = 'a=candidate:1';

let count = 0;

/** All that were made and are not closed, for finding the other end. */
export const living = new Set<FakePeerConnection>();

export class FakePeerConnection {
  signalingState: RTCSignalingState = 'stable';
  connectionState: RTCPeerConnectionState = 'new';
  currentRemoteDescription: RTCSessionDescriptionInit | null = null;
  onnegotiationneeded: (() => void) | null = null;
  onicecandidate: ((event: { candidate: unknown }) => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;
  offersMade = 0;
  rollbacks = 0; // of what had been agreed upon: Chromium does not get over it
  certificate: string;
  ufrag = ''; // of the newest local description
  ufragAgreed = '';
  candidates = new Set<string>(); // ufrags of the other side's candidates
  #name: string;
  #world: World;
  #transceivers: FakeTransceiver[] = [];
  #pendingLocal: RTCSessionDescriptionInit | null = null;
  #currentLocal: RTCSessionDescriptionInit | null = null;
  #pendingRemote: RTCSessionDescriptionInit | null = null;
  #needed = false;
  broken = new Set<string>(); // ufrags whose paths are gone for good
  #gathered = ''; // the ufrag that candidates were found for
  #restart = false;
  #closed = false;

  constructor(world: World, owner: string) {
    this.#world = world;
    this.#name = `${owner}-${++count}`;
    this.certificate = `C${count}`;
    living.add(this);
  }

  /** With the candidates that are found by now. */
  get localDescription(): RTCSessionDescriptionInit | null {
    const description = this.#pendingLocal ?? this.#currentLocal;
    const isGathered = description !== null && this.#gathered === this.ufrag;
    if (!isGathered) return description;
    return { ...description, sdp: `${description.sdp ?? ''}${CANDIDATE}\r\n` };
  }

  get remoteDescription() {
    return this.#pendingRemote ?? this.currentRemoteDescription;
  }

  getTransceivers = () => this.#transceivers;
  setConfiguration(): void {}
  getStats = () => Promise.resolve(new Map());

  addTransceiver(kind: Kind, { direction = 'sendrecv' as Direction } = {}): FakeTransceiver {
    const made = this.#make(kind, direction);
    this.#check();
    return made;
  }

  addTrack(track: MediaStreamTrack): void {
    const made = this.#make(track.kind as Kind, 'sendrecv');
    made.byAddTrack = true;
    made.sender.track = track;
    this.#check();
  }

  restartIce(): void {
    if (!this.localDescription) return;
    this.#restart = true;
    this.#check();
  }

  async setLocalDescription(): Promise<void> {
    await this.#turn();
    if (this.signalingState === 'have-remote-offer') this.#answer();
    else if (this.signalingState === 'stable') this.#offer();
    else throw new DOMException('not now', 'InvalidStateError');
    this.#gather();
    this.#check();
  }

  async setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    await this.#turn();
    const content = read(description.sdp ?? '');
    if (description.type === 'offer') this.#takeOffer(description, content);
    else if (this.signalingState === 'have-local-offer') this.#takeAnswer(description, content);
    else throw new DOMException('no offer to answer', 'InvalidStateError');
    if (description.sdp?.includes(CANDIDATE)) this.candidates.add(content.ufrag);
    this.#check();
  }

  async addIceCandidate(init: RTCIceCandidateInit): Promise<void> {
    await this.#turn();
    if (!this.remoteDescription) throw new DOMException('too early', 'InvalidStateError');
    const ufrag = init.usernameFragment ?? '';
    if (read(this.remoteDescription.sdp ?? '').ufrag !== ufrag)
      throw new DOMException('of another generation', 'OperationError');
    this.candidates.add(ufrag);
  }

  close(): void {
    this.#closed = true;
    this.connectionState = 'closed';
    living.delete(this);
  }

  become(state: RTCPeerConnectionState): void {
    if (this.#closed || this.connectionState === state) return;
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }

  /** Closed ones never come to an end with anything, as in browsers. */
  async #turn(): Promise<void> {
    await this.#world.soon(this.#name);
    if (this.#closed) await new Promise(() => {});
  }

  #make(kind: Kind, direction: Direction): FakeTransceiver {
    const sender: FakeSender = {
      track: null,
      replaceTrack: async (track) => {
        await this.#turn();
        sender.track = track;
      },
      getParameters: () => ({ encodings: [{}] }),
      setParameters: async () => {},
    };
    const made: FakeTransceiver = {
      mid: null,
      direction,
      currentDirection: null,
      receiver: { track: { id: `${this.#name}-${this.#transceivers.length}`, kind } },
      sender,
      byAddTrack: false,
    };
    this.#transceivers.push(made);
    return made;
  }

  #content(): Content {
    const media = this.#transceivers
      .filter((t) => t.mid !== null)
      .sort((a, b) => Number(a.mid) - Number(b.mid))
      .map((t) => ({ mid: t.mid ?? '', kind: t.receiver.track.kind, direction: t.direction }));
    return { ufrag: this.ufrag, certificate: this.certificate, media };
  }

  #offer(): void {
    if (!this.ufragAgreed || this.#restart) this.ufrag = `${this.#name}u${++count}`;
    else this.ufrag = this.ufragAgreed;
    let next = Math.max(-1, ...this.#transceivers.map((t) => Number(t.mid ?? -1)));
    for (const t of this.#transceivers) t.mid ??= String(++next);
    this.#pendingLocal = { type: 'offer', sdp: write(this.#content()) };
    this.signalingState = 'have-local-offer';
    this.offersMade++;
    this.#needed = false;
  }

  #answer(): void {
    const offer = read(this.#pendingRemote?.sdp ?? '');
    const known = this.currentRemoteDescription?.sdp;
    const isRestart = !known || read(known).ufrag !== offer.ufrag;
    if (!this.ufragAgreed || isRestart) this.ufrag = `${this.#name}u${++count}`;
    else this.ufrag = this.ufragAgreed;
    const content = this.#content();
    content.media = offer.media.map(({ mid, kind, direction }) => {
      const t = this.#transceivers.find((one) => one.mid === mid);
      const met = t ? meet(t.direction, direction) : 'inactive';
      if (t) t.currentDirection = met;
      return { mid, kind, direction: met };
    });
    this.#currentLocal = { type: 'answer', sdp: write(content) };
    this.currentRemoteDescription = this.#pendingRemote;
    this.#agree();
    if (isRestart) this.#restart = false;
  }

  #takeOffer(description: RTCSessionDescriptionInit, content: Content): void {
    if (this.signalingState === 'have-local-offer') this.#rollback();
    for (const { mid, kind } of content.media) {
      if (this.#transceivers.some((t) => t.mid === mid)) continue;
      const free = this.#transceivers.find(
        (t) => t.mid === null && t.byAddTrack && t.receiver.track.kind === kind,
      );
      (free ?? this.#make(kind, 'recvonly')).mid = mid;
    }
    this.#pendingRemote = description;
    this.signalingState = 'have-remote-offer';
  }

  #takeAnswer(description: RTCSessionDescriptionInit, content: Content): void {
    const ours = read(this.#pendingLocal?.sdp ?? '');
    const isSame =
      ours.media.length === content.media.length &&
      ours.media.every(({ mid, kind }, i) => {
        const theirs = content.media[i];
        return theirs?.mid === mid && theirs.kind === kind;
      });
    if (!isSame) throw new DOMException('other m-lines', 'InvalidAccessError');
    for (const { mid, direction } of content.media) {
      const t = this.#transceivers.find((one) => one.mid === mid);
      if (t) t.currentDirection = meet(t.direction, direction);
    }
    this.#currentLocal = this.#pendingLocal;
    this.currentRemoteDescription = description;
    this.#agree();
    this.#restart = false;
  }

  #agree(): void {
    this.#pendingLocal = this.#pendingRemote = null;
    this.ufragAgreed = this.ufrag;
    this.signalingState = 'stable';
  }

  #rollback(): void {
    if (this.#currentLocal) this.rollbacks++;
    const agreed = this.#currentLocal ? read(this.#currentLocal.sdp ?? '').media : [];
    for (const t of this.#transceivers) if (!agreed.some(({ mid }) => mid === t.mid)) t.mid = null;
    this.#pendingLocal = null;
    this.ufrag = this.ufragAgreed;
    this.signalingState = 'stable';
  }

  #gather(): void {
    const { ufrag } = this;
    const tell = (candidate: unknown) => {
      if (!this.#closed) this.onicecandidate?.({ candidate });
    };
    const init = { candidate: 'candidate:1', sdpMid: '0', usernameFragment: ufrag };
    this.#world.put(`${this.#name}-ice`, () => {
      this.#gathered = ufrag;
      tell({ ...init, toJSON: () => init });
    });
    this.#world.put(`${this.#name}-ice`, () => tell(null));
  }

  /** negotiationneeded is told once it is stable, and only if it is still so. */
  #check(): void {
    const isNeeded = () =>
      !this.#closed &&
      this.signalingState === 'stable' &&
      (this.#restart || this.#transceivers.some((t) => t.mid === null));
    if (this.#needed || !isNeeded()) return;
    this.#needed = true;
    this.#world.put(`${this.#name}-needed`, () => {
      this.#needed = false;
      if (isNeeded()) this.onnegotiationneeded?.();
    });
  }
}

/** Lets those be connected who are able to, and the others not. What was once broken needs ICE to
 * be restarted. */
export const connectAll = (isUp: boolean): void => {
  for (const one of living) {
    const knows = one.currentRemoteDescription?.sdp;
    if (!knows) continue;
    const theirs = read(knows);
    const other = [...living].find((pc) => pc.certificate === theirs.certificate);
    const back = other?.currentRemoteDescription?.sdp;
    const works =
      isUp &&
      other !== undefined &&
      back !== undefined &&
      read(back).certificate === one.certificate &&
      read(back).ufrag === one.ufragAgreed &&
      !one.broken.has(one.ufragAgreed) &&
      !other.broken.has(other.ufragAgreed) &&
      theirs.ufrag === other.ufragAgreed &&
      one.candidates.has(theirs.ufrag) &&
      other.candidates.has(one.ufragAgreed);
    if (works) one.become('connected');
    else {
      if (one.connectionState === 'disconnected') one.become('failed');
      if (one.connectionState !== 'connected') continue;
      if (!isUp) one.broken.add(one.ufragAgreed);
      one.become('disconnected');
    }
  }
};
