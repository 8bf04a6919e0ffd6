// Light or dark: by the system, or as people choose. theme.ts applies what is kept before the first
// paint; from then on this does.
import { useSyncExternalStore } from 'react';

import { keep, recall } from './storage';
import { Store, useStore } from './store';

export type Theme = 'system' | 'light' | 'dark';

const lightGround = '#f6f3ec';
const darkGround = '#17191b';

const kept = recall<unknown>('theme', 'system');
export const theme = new Store<Theme>(kept === 'light' || kept === 'dark' ? kept : 'system');

const systemDark = globalThis.matchMedia?.('(prefers-color-scheme: dark)');

/** The browser's own bars, where it colours them by the page. */
function colourBars(): void {
  const bars = document.querySelectorAll<HTMLMetaElement>('meta[name=theme-color]');
  const chosen = theme.get();

  for (const bar of bars) {
    const own = chosen === 'system' ? bar.media.includes('dark') : chosen === 'dark';
    bar.content = own ? darkGround : lightGround;
  }
}

function apply(next: Theme): void {
  const { dataset } = document.documentElement;
  if (next === 'system') delete dataset.theme;
  else dataset.theme = next;
  theme.set(next);
  colourBars();
}

export function setTheme(next: Theme): void {
  keep('theme', next);
  apply(next);
}

const watchSystem = (watcher: () => void) => {
  systemDark?.addEventListener('change', watcher);
  return () => systemDark?.removeEventListener('change', watcher);
};

export const useTheme = (): Theme => useStore(theme, (chosen) => chosen);

export function useIsDark(): boolean {
  const chosen = useTheme();
  const isSystemDark = useSyncExternalStore(watchSystem, () => systemDark?.matches ?? false);
  return chosen === 'system' ? isSystemDark : chosen === 'dark';
}

if (globalThis.document && theme.get() !== 'system') colourBars();
