// What the stage and the controls know of a call, whichever way its media travels: from browser to
// browser (mesh.ts), or by a media server beside it. Nothing outside this folder knows more.
import type { Store } from '~/lib/store';
import type { IceServer, Seat } from '~/wire/types';

// ---- what one gives

export type DeviceKind = 'microphone' | 'camera' | 'speaker';

/** Why a device is not on although it was asked for. */
export type DeviceProblem = 'denied' | 'missing' | 'busy' | 'insecure' | 'unknown';

export interface Device {
  id: string;
  label: string; // empty before anybody allowed anything
}

export interface LocalView {
  microphone: { on: boolean; starting: boolean; problem: DeviceProblem | null; deviceId: string };
  camera: { on: boolean; starting: boolean; problem: DeviceProblem | null; deviceId: string };
  speakerId: string; // '' : the browser's own choice
  devices: Record<DeviceKind, Device[]>;
  cameraStream: MediaStream | null; // own picture, for showing it
  screen: ScreenShare | null;
  talking: boolean; // held push-to-talk
}

export type ScreenHint = 'detail' | 'motion';

export interface ScreenShare {
  stream: MediaStream;
  hint: ScreenHint;
  hasAudio: boolean;
}

/** One's own devices. They live longer than a call: the preview before it has them already. */
export interface LocalMedia {
  readonly view: Store<LocalView>;
  /** 0 to 1, of the microphone, also while it is muted; called about 15 times a second. */
  watchLevel(watcher: (level: number) => void): () => void;
  setMicrophone(on: boolean): Promise<void>;
  setCamera(on: boolean): Promise<void>;
  /** While held, the microphone is on. */
  holdToTalk(held: boolean): void;
  chooseDevice(kind: DeviceKind, id: string): Promise<void>;
  /** Asks what to share; false if nothing was chosen. */
  shareScreen(options: { hint: ScreenHint; audio: boolean }): Promise<boolean>;
  stopScreen(): void;
  refreshDevices(): Promise<void>;
  close(): void;
}

// ---- what one gets

/** new: nothing tried yet. retrying: it failed, and is tried anew by itself. failed: given up;
 * retry() begins anew. */
export type PeerState = 'new' | 'connecting' | 'connected' | 'retrying' | 'failed';

export type Quality = 'unknown' | 'good' | 'fair' | 'poor';

export interface PeerView {
  socketId: string;
  state: PeerState;
  camera: MediaStream | null; // picture and voice
  screen: MediaStream | null;
  quality: Quality;
  relayed: boolean; // by a TURN server
  roundTripMs: number | null;
  framesDecoded: number; // of the camera, for those who ask whether it moves
}

export interface CallView {
  /** 'mesh' is encrypted from end to end. */
  way: 'mesh';
  full: boolean; // oneself is beyond the limit: no media, everything else works
  limit: number;
  peers: Record<string, PeerView>; // by socket id
  speakers: string[]; // socket ids of those who speak, loudest first; one's own as well
  lastSpeaker: string | null; // somebody else's
}

export interface Call {
  readonly view: Store<CallView>;
  retry(socketId: string): void;
  close(): void;
}

/** What a call needs of the room. */
export interface CallRoom {
  selfId: string; // own socket id
  seats: readonly Seat[]; // all connections, one's own too
  iceServers: readonly IceServer[];
  relayOnly: boolean;
  limit: number;
}

export interface Signals {
  send(to: string, kind: 'offer' | 'answer' | 'ice' | 'data', what: unknown): void;
  on(
    kind: 'offer' | 'answer' | 'ice' | 'data',
    listener: (from: string, what: unknown) => void,
  ): () => void;
}

/** Made once the room is entered. `room` changes as people come and go. */
export type StartCall = (options: {
  room: Store<CallRoom>;
  local: LocalMedia;
  signals: Signals;
}) => Call;
