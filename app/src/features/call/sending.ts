// How much is sent to each of the others. In a mesh everything is sent as often as there are
// others, so a common upload of a home line is shared out.
import type { ScreenHint } from './types';
import { SLOTS, type Slot, type Slots } from './slots';

const UPLOAD_BPS = 3_000_000; // cameras to all others together
const SCREEN_BPS = 4_000_000; // the screen to all others together

const between = (low: number, value: number, high: number) =>
  Math.max(low, Math.min(high, Math.round(value)));

export interface Limits {
  maxBitrate: number;
  maxFramerate?: number;
  scaleResolutionDownBy?: number;
  degradationPreference?: RTCDegradationPreference;
}

export const limitsOf = (slot: Slot, peers: number, hint: ScreenHint): Limits => {
  const among = Math.max(1, peers);
  switch (slot) {
    case 'microphone':
      return { maxBitrate: 48_000 };
    case 'screenAudio':
      return { maxBitrate: 96_000 };
    case 'camera':
      return {
        maxBitrate: between(200_000, UPLOAD_BPS / among, 1_700_000),
        maxFramerate: among > 3 ? 20 : among > 1 ? 24 : 30,
        // Encoding 720p many times over is more than a laptop can do, and the tiles are small then.
        scaleResolutionDownBy: among > 2 ? 2 : among > 1 ? 1.5 : 1,
        degradationPreference: 'balanced',
      };
    case 'screen':
      return {
        maxBitrate: between(500_000, SCREEN_BPS / among, 2_500_000),
        maxFramerate: hint === 'motion' ? 30 : 15,
        degradationPreference: hint === 'motion' ? 'maintain-framerate' : 'maintain-resolution',
      };
  }
};

const limit = async (sender: RTCRtpSender, limits: Limits): Promise<void> => {
  const parameters = sender.getParameters();
  const [encoding] = parameters.encodings ?? [];
  if (!encoding) return;
  const { degradationPreference, ...rest } = limits;
  const same =
    parameters.degradationPreference === degradationPreference &&
    Object.entries(rest).every(([k, v]) => encoding[k as keyof typeof encoding] === v);
  if (same) return;
  Object.assign(encoding, rest);
  if (degradationPreference) parameters.degradationPreference = degradationPreference;
  await sender.setParameters(parameters);
};

/** Sets the limits of all that is sent. A browser that does not take them sends as it likes. */
export const limitAll = async (slots: Slots, peers: number, hint: ScreenHint): Promise<void> => {
  const senders = SLOTS.flatMap(({ slot }) => {
    const sender = slots[slot]?.sender;
    return sender ? [{ slot, sender }] : [];
  });
  await Promise.allSettled(
    senders.map(({ slot, sender }) => limit(sender, limitsOf(slot, peers, hint))),
  );
};
