// How much is left of the timer's phase, by the server's clock.
import { useRoom, useServerNow } from '~/room';
import type { Timer } from '~/wire/types';

export const remainingMs = (timer: Timer, serverNowMs: number): number =>
  timer.running && timer.endsAt !== null
    ? Math.max(0, timer.endsAt - serverNowMs)
    : timer.remainingMs;

/** The whole length of the phase, as far as the settings tell. */
export const phaseMs = ({ phase, settings }: Timer): number => {
  const minutes = {
    idle: settings.focusMinutes,
    focus: settings.focusMinutes,
    break: settings.breakMinutes,
    longBreak: settings.longBreakMinutes,
  };
  return minutes[phase] * 60_000;
};

/** 0 to 1. A phase that was begun with a length of its own counts from there. */
export const progress = (timer: Timer, leftMs: number): number => {
  if (timer.phase === 'idle') return 0;
  return 1 - leftMs / Math.max(phaseMs(timer), leftMs, 1);
};

export interface Countdown {
  timer: Timer;
  leftMs: number; // of an idle timer: what a focus would have
}

/** Renders again each second while the timer runs. */
export function useCountdown(): Countdown | null {
  const timer = useRoom((view) => view.timer);
  const now = useServerNow(timer?.running ?? false, timer?.endsAt ?? 0);
  if (!timer) return null;
  return { timer, leftMs: timer.phase === 'idle' ? phaseMs(timer) : remainingMs(timer, now) };
}
