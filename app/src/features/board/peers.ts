// The others' cursors: where they are, who they are of. They glide from where they were to where
// they are said to be, and fade when nothing is heard of them.
import { colorOf } from './colors';
import { rounded } from './geometry';
import { FAR, type Pair } from './ops';

const GLIDE_MS = 70;
const REST_MS = 4000; // before it fades
const FADE_MS = 800;

export interface Peer {
  userId: string;
  name: string;
  color: string;
  at: Pair; // where it is shown
  goal: Pair;
  heardAt: number;
}

const isPlace = (value: unknown): value is number =>
  typeof value === 'number' && Math.abs(value) <= FAR;

export class Peers {
  #all = new Map<string, Peer>(); // by connection
  #steppedAt = 0;

  heard(socketId: string, userId: string, name: string, cursor: unknown, now: number): void {
    if (typeof cursor !== 'object' || cursor === null) return;
    const { x, y } = cursor as Record<string, unknown>;
    if (!isPlace(x) || !isPlace(y)) return;
    const before = this.#all.get(socketId);
    const goal: Pair = [x, y];
    const at = before && alphaOf(before, now) > 0 ? before.at : goal;
    const peer = { userId, name, color: colorOf(userId), at, goal, heardAt: now };
    this.#all.set(socketId, peer);
  }

  gone(socketId: string): void {
    this.#all.delete(socketId);
  }

  /** Moves them on; true: they are not there yet. */
  step(now: number, isCalm: boolean): boolean {
    const share = isCalm ? 1 : 1 - Math.exp(-(now - this.#steppedAt) / GLIDE_MS);
    this.#steppedAt = now;
    let isGliding = false;
    for (const [socketId, peer] of this.#all) {
      const [dx, dy] = [peer.goal[0] - peer.at[0], peer.goal[1] - peer.at[1]];
      const isThere = Math.hypot(dx, dy) < 0.3;
      peer.at = isThere ? peer.goal : [peer.at[0] + dx * share, peer.at[1] + dy * share];
      const left = alphaOf(peer, now);
      if (left <= 0) this.#all.delete(socketId);
      isGliding ||= !isThere || left < 1;
    }
    return isGliding;
  }

  /** When the next one begins to fade, in milliseconds; null: there is none. */
  restsFor(now: number): number | null {
    const rests = [...this.#all.values()].map((peer) => peer.heardAt + REST_MS - now);
    return rests.length > 0 ? Math.max(0, Math.min(...rests)) : null;
  }

  shown(now: number): { name: string; color: string; at: Pair; alpha: number }[] {
    return [...this.#all.values()].map((peer) => ({
      name: peer.name,
      color: peer.color,
      at: [rounded(peer.at[0], 4), rounded(peer.at[1], 4)],
      alpha: alphaOf(peer, now),
    }));
  }
}

const alphaOf = (peer: Peer, now: number): number =>
  Math.min(1, Math.max(0, 1 - (now - peer.heardAt - REST_MS) / FADE_MS));
