// What tells people that a phase is over: a chime, a notification, the page's title. The server
// says when; a message wakes a page in the background, so nothing here counts.
import { useEffect } from 'react';
import { recall } from '~/lib/storage';
import { useRoom, useRoomClient } from '~/room';
import { formatDuration, t } from '~/text';
import { announce, useTitle } from '~/ui';
import type { Timer } from '~/wire/types';
import { useCountdown } from './countdown';

export interface AlertWishes {
  sound: boolean;
  notification: boolean;
}

export const ALERTS = 'timer.alerts';
export const defaultAlerts: AlertWishes = { sound: true, notification: false };

const NOTES = { focusEnded: [523.25, 659.25, 783.99], breakEnded: [783.99, 659.25, 523.25] };
type Over = keyof typeof NOTES;

const isOver = (cause: string): cause is Over => cause in NOTES;

/** Three soft tones. */
export function chime(kind: Over): void {
  const audio = new AudioContext();
  NOTES[kind].forEach((frequency, n) => {
    const at = audio.currentTime + n * 0.22;
    const tone = new OscillatorNode(audio, { frequency });
    const volume = new GainNode(audio, { gain: 0 });
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.2, at + 0.03);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.9);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 1);
  });
  setTimeout(() => void audio.close(), 2500);
}

/** Whether notifications may be shown from now on. */
export async function allowNotifications(): Promise<boolean> {
  if (!('Notification' in window)) return false;
  return (await Notification.requestPermission()) === 'granted';
}

const notify = (text: string): void => {
  if (!('Notification' in window) || Notification.permission !== 'granted') return;
  if (document.visibilityState === 'visible') return;
  try {
    new Notification(t('timer.title'), { body: text, icon: '/icon-192.png', tag: 'stoa-timer' });
  } catch {
    // some phones show notifications of service workers only
  }
};

const tell = (over: Over): void => {
  const text = over === 'focusEnded' ? t('timer.focusEnded') : t('timer.breakEnded');
  const wishes = recall(ALERTS, defaultAlerts);
  if (wishes.sound) chime(over);
  if (wishes.notification) notify(text);
  announce(text);
};

/** What was over by itself while the line was lost. */
const missed = (before: Timer | null, { phase, serverNow }: Timer): Over | null => {
  if (!before?.running || before.phase === phase || serverNow < (before.endsAt ?? Infinity))
    return null;
  return before.phase === 'focus' ? 'focusEnded' : 'breakEnded';
};

/** Once in the room. */
export function useTimerAlerts(): void {
  const client = useRoomClient();
  useEffect(() => {
    let known = client.store.get().timer;
    const stops = [
      client.on('timer:state', (said) => {
        known = said;
        if (isOver(said.cause)) tell(said.cause);
      }),
      client.on('joined', ({ roomState: { timer } }) => {
        const over = missed(known, timer);
        known = timer;
        if (over) tell(over);
      }),
    ];
    return () => stops.forEach((stop) => stop());
  }, [client]);
}

/** The countdown is in the tab's title, where a page in the background shows it. */
export function useTimerTitle(): void {
  const countdown = useCountdown();
  const title = useRoom((view) => view.room?.title ?? '');
  const isShown = countdown !== null && countdown.timer.running;
  useTitle(isShown ? `${formatDuration(countdown.leftMs)} · ${title}` : title);
}
