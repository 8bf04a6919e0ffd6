// Full screen of the whole page, where the browser has it.
import { useSyncExternalStore } from 'react';
import { excused } from '~/lib/excuse';

interface Keyboard {
  lock?(keys: string[]): Promise<void>;
}

const hasIt = (): boolean =>
  document.fullscreenEnabled && 'requestFullscreen' in document.documentElement;

export const isFullscreen = (): boolean => document.fullscreenElement !== null;

const watch = (changed: () => void): (() => void) => {
  document.addEventListener('fullscreenchange', changed);
  return () => document.removeEventListener('fullscreenchange', changed);
};

export function useFullscreen(): { isOn: boolean; isPossible: boolean } {
  const isOn = useSyncExternalStore(watch, isFullscreen);
  return { isOn, isPossible: hasIt() };
}

/** Only by a click or a key. Whether it is on then. */
export async function enterFullscreen(): Promise<boolean> {
  if (!hasIt()) return false;
  try {
    if (!isFullscreen()) await excused(document.documentElement.requestFullscreen());
  } catch {
    return isFullscreen();
  }
  // So that Escape closes the search, and only holding it leaves; not every browser can.
  const { keyboard } = navigator as Navigator & { keyboard?: Keyboard };
  await keyboard?.lock?.(['Escape']).catch(() => undefined);
  return isFullscreen();
}

export async function leaveFullscreen(): Promise<void> {
  if (isFullscreen()) await document.exitFullscreen().catch(() => undefined);
}
