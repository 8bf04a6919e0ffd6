// How well a connection does, from what the browser counts: two looks at it, some seconds apart,
// make a measure; measures make a grade that does not flicker.
import type { Quality } from './types';

interface Inbound {
  received: number;
  lost: number;
  frozenMs: number;
}

/** One look at a connection. */
export interface Sample {
  atMs: number;
  audio: Inbound;
  video: Inbound;
  jitterMs: number; // of the voice
  lossThere: number | null; // the share of what we send that does not arrive
  roundTripMs: number | null;
  relayed: boolean;
  framesDecoded: number; // of the camera
  voiceLevel: number | null; // linear
}

export interface Measure {
  loss: number; // 0 to 1
  roundTripMs: number | null;
  jitterMs: number;
  frozen: number; // share of the time
}

type Stat = Record<string, unknown>;
type Report = Iterable<readonly [string, unknown]>;

const number = (value: unknown): number =>
  typeof value === 'number' && Number.isFinite(value) ? value : 0;

const nothing = (): Inbound => ({ received: 0, lost: 0, frozenMs: 0 });

const add = (sum: Inbound, stat: Stat): void => {
  sum.received += number(stat.packetsReceived);
  sum.lost += number(stat.packetsLost);
  sum.frozenMs += number(stat.totalFreezesDuration) * 1000;
};

const selectedPair = (stats: Map<string, Stat>): Stat | undefined => {
  const all = [...stats.values()];
  const transport = all.find((s) => s.type === 'transport' && s.selectedCandidatePairId);
  const named = stats.get(String(transport?.selectedCandidatePairId ?? ''));
  // Firefox marks the pair itself.
  return named ?? all.find((s) => s.type === 'candidate-pair' && s.selected === true);
};

const isRelay = (stats: Map<string, Stat>, id: unknown): boolean =>
  stats.get(String(id))?.candidateType === 'relay';

/** The parts of a report that count. `voice` and `camera` are the ids of these tracks. */
export const readSample = (
  report: Report,
  { voice, camera }: { voice: string; camera: string },
  atMs: number,
): Sample => {
  const stats = new Map([...report].map(([id, stat]) => [id, stat as Stat]));
  const audio = nothing();
  const video = nothing();
  let [framesDecoded, jitterMs] = [0, 0];
  let lossThere: number | null = null;
  let voiceLevel: number | null = null;
  for (const stat of stats.values()) {
    if (stat.type === 'inbound-rtp') {
      add(stat.kind === 'audio' ? audio : video, stat);
      if (stat.trackIdentifier === camera) framesDecoded += number(stat.framesDecoded);
      if (stat.trackIdentifier === voice) {
        jitterMs = number(stat.jitter) * 1000;
        voiceLevel = typeof stat.audioLevel === 'number' ? stat.audioLevel : null;
      }
    } else if (stat.type === 'remote-inbound-rtp')
      lossThere = Math.max(lossThere ?? 0, number(stat.fractionLost));
  }
  const pair = selectedPair(stats);
  const roundTrip = pair?.currentRoundTripTime;
  return {
    atMs,
    audio,
    video,
    jitterMs,
    lossThere,
    roundTripMs: typeof roundTrip === 'number' ? Math.round(roundTrip * 1000) : null,
    relayed:
      pair !== undefined &&
      (isRelay(stats, pair.localCandidateId) || isRelay(stats, pair.remoteCandidateId)),
    framesDecoded,
    voiceLevel,
  };
};

const lossOf = (before: Inbound, after: Inbound): number => {
  const lost = Math.max(0, after.lost - before.lost);
  const all = lost + Math.max(0, after.received - before.received);
  return all < 10 ? 0 : lost / all; // a few packets tell nothing
};

export const measure = (before: Sample, after: Sample): Measure => {
  const passed = Math.max(1, after.atMs - before.atMs);
  const frozenMs = Math.max(0, after.video.frozenMs - before.video.frozenMs);
  return {
    loss: Math.max(
      lossOf(before.audio, after.audio),
      lossOf(before.video, after.video),
      after.lossThere ?? 0,
    ),
    roundTripMs: after.roundTripMs,
    jitterMs: after.jitterMs,
    frozen: Math.min(1, frozenMs / passed),
  };
};

type Known = Exclude<Quality, 'unknown'>;

export const judge = ({ loss, roundTripMs, jitterMs, frozen }: Measure): Known => {
  const rtt = roundTripMs ?? 0;
  if (loss > 0.08 || rtt > 600 || jitterMs > 100 || frozen > 0.5) return 'poor';
  if (loss > 0.025 || rtt > 300 || jitterMs > 40 || frozen > 0.1) return 'fair';
  return 'good';
};

/** A quality, and for how many measures in a row it was another one. */
export interface Grade {
  quality: Quality;
  other: number;
}

export const ungraded: Grade = { quality: 'unknown', other: 0 };

const rank = { unknown: 0, good: 3, fair: 2, poor: 1 };
const WORSE_AFTER = 2;
const BETTER_AFTER = 3;

export const grade = (before: Grade, now: Known): Grade => {
  if (before.quality === 'unknown') return { quality: now, other: 0 };
  if (before.quality === now) return { quality: now, other: 0 };
  const other = before.other + 1;
  const enough = rank[now] < rank[before.quality] ? WORSE_AFTER : BETTER_AFTER;
  return other >= enough ? { quality: now, other: 0 } : { quality: before.quality, other };
};
