// Looks at one connection every two seconds, and keeps what was seen.
import type { PeerLink } from './peer';
import { loudness, receiverLevel } from './speaking';
import { grade, judge, measure, readSample, ungraded, type Sample } from './stats';
import type { Quality } from './types';

export const LOOK_MS = 2000;

export interface Seen {
  quality: Quality;
  relayed: boolean;
  roundTripMs: number | null;
  framesDecoded: number;
}

const unseen: Seen = { quality: 'unknown', relayed: false, roundTripMs: null, framesDecoded: 0 };

export class Watch {
  seen: Seen = unseen;
  #link: PeerLink;
  #last: Sample | null = null;
  #grade = ungraded;

  constructor(link: PeerLink) {
    this.#link = link;
  }

  async look(now: number): Promise<void> {
    if (this.#link.state !== 'connected') {
      this.#forget();
      return;
    }
    const { microphone, camera } = this.#link.slots;
    const ids = {
      voice: microphone?.receiver.track.id ?? '',
      camera: camera?.receiver.track.id ?? '',
    };
    const report = await this.#link.stats().catch(() => null);
    if (!report || this.#link.state !== 'connected') return;
    const sample = readSample(report.entries(), ids, now);
    if (this.#last) this.#grade = grade(this.#grade, judge(measure(this.#last, sample)));
    this.#last = sample;
    const { relayed, roundTripMs, framesDecoded } = sample;
    this.seen = { quality: this.#grade.quality, relayed, roundTripMs, framesDecoded };
  }

  /** How loud the other one is now. */
  loudness(now: number): number {
    const receiver = this.#link.slots.microphone?.receiver;
    if (!receiver || this.#link.state !== 'connected') return 0;
    const level = receiverLevel(receiver, now);
    return loudness(level ?? this.#last?.voiceLevel ?? 0);
  }

  #forget(): void {
    this.#last = null;
    this.#grade = ungraded;
    this.seen = { ...unseen, framesDecoded: this.seen.framesDecoded };
  }
}
