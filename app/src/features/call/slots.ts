// Which m-line carries what: the first audio is the voice, the second the screen's sound; the first
// video is the camera, the second the screen. So offers of other clients fit, too, and turning
// something on or off is a matter of the sender's track and never of a new offer.
import type { OwnTracks } from './ownTracks';

export type Slot = 'microphone' | 'camera' | 'screen' | 'screenAudio';

/** In the order in which an offer has them. */
export const SLOTS: readonly { slot: Slot; kind: 'audio' | 'video'; nth: number }[] = [
  { slot: 'microphone', kind: 'audio', nth: 0 },
  { slot: 'camera', kind: 'video', nth: 0 },
  { slot: 'screen', kind: 'video', nth: 1 },
  { slot: 'screenAudio', kind: 'audio', nth: 1 },
];

export type Slots = Partial<Record<Slot, RTCRtpTransceiver>>;

const isAlive = (transceiver: RTCRtpTransceiver) =>
  transceiver.direction !== 'stopped' && transceiver.currentDirection !== 'stopped';

export const slotsOf = (pc: RTCPeerConnection): Slots => {
  const alive = pc.getTransceivers().filter(isAlive);
  const slots: Slots = {};
  for (const { slot, kind, nth } of SLOTS) {
    const found = alive.filter((t) => t.receiver.track.kind === kind)[nth];
    if (found) slots[slot] = found;
  }
  return slots;
};

/** Makes those that are missing; unless `all`, only those that something is to be sent by. In
 * order: a later one of its kind is never made before an earlier one. */
export const makeSlots = (
  pc: RTCPeerConnection,
  streams: Streams,
  tracks: OwnTracks,
  all: boolean,
): void => {
  const slots = slotsOf(pc);
  const needed = SLOTS.map(({ slot }) => all || tracks[slot] !== null);
  SLOTS.forEach(({ slot, kind }, i) => {
    const later = SLOTS.some((other, j) => j > i && other.kind === kind && needed[j]);
    if (slots[slot] || !(needed[i] || later)) return;
    pc.addTransceiver(kind, { direction: 'sendrecv', streams: [streams.of(slot)] });
  });
};

/** The two streams that tracks are said to belong to: other clients go by these. */
export class Streams {
  #camera: MediaStream;
  #screen: MediaStream;
  #told = new WeakSet<RTCRtpSender>();

  constructor(make: (tracks: MediaStreamTrack[]) => MediaStream) {
    this.#camera = make([]);
    this.#screen = make([]);
  }

  of(slot: Slot): MediaStream {
    return slot === 'screen' || slot === 'screenAudio' ? this.#screen : this.#camera;
  }

  /** For transceivers that an offer of the other side has made. */
  tell(slot: Slot, sender: RTCRtpSender): void {
    if (this.#told.has(sender)) return;
    this.#told.add(sender);
    sender.setStreams?.(this.of(slot));
  }
}

const receives = (transceiver: RTCRtpTransceiver | undefined): transceiver is RTCRtpTransceiver =>
  transceiver?.currentDirection === 'sendrecv' || transceiver?.currentDirection === 'recvonly';

/** What comes in by these slots. */
export const incoming = (slots: Slots, ...wanted: Slot[]): MediaStreamTrack[] =>
  wanted
    .map((slot) => slots[slot])
    .filter(receives)
    .map((transceiver) => transceiver.receiver.track);

/** Lets the senders send what is to be sent. */
export const fillSlots = async (
  slots: Slots,
  streams: Streams,
  tracks: OwnTracks,
): Promise<void> => {
  const filled = SLOTS.map(async ({ slot }) => {
    const transceiver = slots[slot];
    if (!transceiver) return;
    if (transceiver.direction !== 'sendrecv') transceiver.direction = 'sendrecv';
    streams.tell(slot, transceiver.sender);
    const track = tracks[slot];
    if (transceiver.sender.track !== track) await transceiver.sender.replaceTrack(track);
  });
  await Promise.all(filled);
};

/** A stream of these tracks: the same as before if they are. */
export const streamOf = (
  tracks: MediaStreamTrack[],
  before: MediaStream | null,
  make: (tracks: MediaStreamTrack[]) => MediaStream,
): MediaStream | null => {
  if (tracks.length === 0) return null;
  const had = before?.getTracks() ?? [];
  const isSame = had.length === tracks.length && tracks.every((track) => had.includes(track));
  return isSame ? before : make(tracks);
};
