// Who speaks. Loudness is 0 to 1 in steps of hearing: of the louder 50 dB of a voice.
export interface Speaking {
  /** Smoothed loudness, and since when somebody is quiet, of those who are or were heard. */
  voices: ReadonlyMap<string, Voice>;
  speakers: readonly string[]; // loudest first
  lastSpeaker: string | null; // somebody else's
}

interface Voice {
  loudness: number;
  speaks: boolean;
  quietSince: number;
}

export const silence: Speaking = { voices: new Map(), speakers: [], lastSpeaker: null };

const BEGINS = 0.4; // -40 dB
const CEASES = 0.25; // -47.5 dB
const PAUSE_MS = 800; // between words
const RISE = 0.5; // of the way to what is heard now, each time
const FALL = 0.3;
const LOUDER = 0.1; // by this much, to be put before somebody else

/** Of a linear level from 0 to 1, as the browser gives it. */
export const loudness = (level: number): number =>
  level > 0 ? Math.max(0, Math.min(1, (20 * Math.log10(level) + 60) / 50)) : 0;

const hear = (before: Voice | undefined, heard: number, at: number): Voice => {
  const last = before ?? { loudness: 0, speaks: false, quietSince: at };
  const step = heard > last.loudness ? RISE : FALL;
  const now = last.loudness + (heard - last.loudness) * step;
  const isQuiet = now < CEASES;
  const quietSince = isQuiet ? (last.loudness < CEASES ? last.quietSince : at) : at;
  const speaks = last.speaks ? !isQuiet || at - quietSince < PAUSE_MS : now > BEGINS;
  return { loudness: now, speaks, quietSince };
};

/** The order of before, but for those who are clearly louder now than the one before them. */
const order = (before: readonly string[], voices: ReadonlyMap<string, Voice>): string[] => {
  const speaks = (id: string) => voices.get(id)?.speaks ?? false;
  const loud = (id: string) => voices.get(id)?.loudness ?? 0;
  const now = before.filter(speaks);
  for (const id of voices.keys()) if (speaks(id) && !now.includes(id)) now.push(id);
  for (let i = 1; i < now.length; i++)
    for (let j = i; j > 0; j--) {
      const [a, b] = [now[j - 1] ?? '', now[j] ?? ''];
      if (loud(b) - loud(a) < LOUDER) break;
      [now[j - 1], now[j]] = [b, a];
    }
  return now;
};

/** After having listened once more. Who is not among `levels` has gone. */
export const listen = (
  before: Speaking,
  levels: ReadonlyMap<string, number>,
  selfId: string,
  at: number,
): Speaking => {
  const voices = new Map<string, Voice>();
  for (const [id, heard] of levels) voices.set(id, hear(before.voices.get(id), heard, at));
  const speakers = order(before.speakers, voices);
  const others = speakers.filter((id) => id !== selfId);
  const { lastSpeaker } = before;
  const stays = lastSpeaker !== null && (others.includes(lastSpeaker) || others.length === 0);
  const last = stays ? lastSpeaker : (others[0] ?? null);
  return { voices, speakers, lastSpeaker: last !== null && levels.has(last) ? last : null };
};

/** How loud the voice was that came last by this receiver; null if that is not known. */
export const receiverLevel = (receiver: RTCRtpReceiver, now: number): number | null => {
  const sources = receiver.getSynchronizationSources?.() ?? [];
  const [source] = sources;
  if (!source) return 0;
  if (source.audioLevel === undefined) return null;
  return now - source.timestamp > 500 ? 0 : source.audioLevel;
};
