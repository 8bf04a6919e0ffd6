// A microphone or a camera: on or off, whatever was asked for last. Opening takes its time, and
// people change their minds meanwhile; so one thing is done after the other.
import { mediaDevices, openInput, problemOf, type InputKind } from './devices';
import type { DeviceProblem } from './types';

interface Options {
  kind: InputKind;
  deviceId: string;
  changed(): void;
}

export class Input {
  /** What it gives, also while a microphone is muted. */
  track: MediaStreamTrack | null = null;
  on = false;
  starting = false;
  problem: DeviceProblem | null = null;
  deviceId: string;
  #kind: InputKind;
  #changed: () => void;
  #wanted = false;
  #queue: Promise<void> = Promise.resolve();
  #closed = false;

  constructor({ kind, deviceId, changed }: Options) {
    this.#kind = kind;
    this.deviceId = deviceId;
    this.#changed = changed;
  }

  /** Never fails: `problem` says what is wrong. */
  set(on: boolean): Promise<void> {
    this.#wanted = on && !this.#closed;
    // Being silent must not wait for anything.
    if (!on) this.#off();
    return this.#settle();
  }

  choose(deviceId: string): Promise<void> {
    this.deviceId = deviceId;
    this.problem = null;
    this.#queue = this.#queue.then(() => {
      this.#stop();
      this.on = false;
    });
    return this.#settle();
  }

  close(): void {
    this.#closed = true;
    this.#wanted = false;
    this.on = false;
    this.#stop();
  }

  #settle(): Promise<void> {
    this.#queue = this.#queue.then(async () => {
      if (this.#wanted && !this.on) await this.#start();
      else if (!this.#wanted) this.#off();
      this.#changed();
    });
    return this.#queue;
  }

  #off(): void {
    this.on = false;
    if (this.#kind === 'camera')
      this.#stop(); // so that its light goes out
    else if (this.track) this.track.enabled = false;
    this.#changed();
  }

  async #start(): Promise<void> {
    this.problem = null;
    if (!this.track) await this.#open();
    if (!this.track) return;
    this.track.enabled = true;
    this.on = true;
  }

  async #open(): Promise<void> {
    if (!mediaDevices()) {
      this.problem = 'insecure';
      return;
    }
    this.starting = true;
    this.#changed();
    try {
      this.#take(await openInput(this.#kind, this.deviceId));
    } catch (error) {
      this.problem = problemOf(error);
    }
    this.starting = false;
  }

  #take(track: MediaStreamTrack): void {
    if (!this.#wanted) {
      track.stop(); // no longer asked for
      return;
    }
    this.track = track;
    this.deviceId = track.getSettings().deviceId ?? this.deviceId;
    track.onended = () => this.#gone();
  }

  /** Pulled out, or taken away: another one will do. */
  #gone(): void {
    this.#stop();
    this.on = false;
    this.deviceId = '';
    if (this.#wanted) void this.#settle();
    else this.#changed();
  }

  #stop(): void {
    if (!this.track) return;
    this.track.onended = null;
    this.track.stop();
    this.track = null;
  }
}
