// Browsers may refuse to play what nobody clicked for. Elements that were refused wait here for a
// click.
import { Store } from '~/lib/store';

const waiting = new Set<HTMLMediaElement>();

export const playback = new Store({ blocked: false });

const update = () => playback.patch({ blocked: waiting.size > 0 });

export async function play(element: HTMLMediaElement): Promise<void> {
  try {
    await element.play();
    waiting.delete(element);
  } catch (error) {
    // Another stream that came meanwhile is no refusal.
    if (error instanceof DOMException && error.name === 'NotAllowedError') waiting.add(element);
  }
  update();
}

/** To be called by a click. */
export const playAll = () => {
  for (const element of [...waiting]) void play(element);
};

export const forgetElement = (element: HTMLMediaElement) => {
  if (waiting.delete(element)) update();
};

export const canChooseSpeaker = () =>
  typeof HTMLMediaElement !== 'undefined' && 'setSinkId' in HTMLMediaElement.prototype;

/** A speaker that is gone leaves the sound where it is. */
export async function playOn(element: HTMLMediaElement, speakerId: string): Promise<void> {
  if (!canChooseSpeaker() || element.sinkId === speakerId) return;
  await element.setSinkId(speakerId).catch(() => undefined);
}
