// What a candidate's page tells the hosts: a state machine that is fed with what the page looks
// like and says what to report. It touches no page; useProctor.ts feeds it.
//
//   screen:  never --in full screen--> in --out--> out --in--> in     ENTER, EXIT, ENTER
//   person:  here --hidden, or unfocused for a moment--> away --seen and focused--> here
//
// Nothing is reported unless it is armed: the interview runs, and the candidate has agreed. What
// the page itself asks for (a permission, a file) is an excuse: the browser's own window takes the
// focus then, and some browsers leave full screen for it.
import type { ReportKind } from '~/wire/types';

/** A switch makes several events; what is undone within this time was none. */
export const SETTLE_MS = 400;
/** After an excuse, the time to go back to full screen. */
export const GRACE_MS = 8000;
/** A key held down copies many times: once in this time counts. */
export const CLIP_MS = 1000;

/** What can be seen of the page. */
export interface Look {
  fullscreen: boolean;
  hidden: boolean;
  focused: boolean;
}

export type Sight =
  | ({ type: 'look' } & Look)
  | ({ type: 'arm' } & Look)
  | { type: 'disarm' }
  | { type: 'excuse'; begins: boolean }
  | { type: 'clip'; kind: 'COPY' | 'PASTE' };

export interface Watch {
  armed: boolean;
  look: Look;
  excuses: number;
  screen: 'never' | 'in' | 'out';
  away: boolean;
  blurDue: number | null; // when being unfocused counts
  exitDue: number | null; // when being out of full screen counts, after an excuse
  clips: { COPY: number; PASTE: number }; // when last
}

export interface Seen {
  watch: Watch;
  reports: ReportKind[];
  wakeAt: number | null; // look again then
}

export const unarmed: Watch = {
  armed: false,
  look: { fullscreen: false, hidden: false, focused: true },
  excuses: 0,
  screen: 'never',
  away: false,
  blurDue: null,
  exitDue: null,
  clips: { COPY: -Infinity, PASTE: -Infinity },
};

/** What the screen says; changes `watch`. */
function judgeScreen(watch: Watch, now: number): ReportKind[] {
  if (watch.look.fullscreen) {
    watch.exitDue = null;
    if (watch.screen === 'in') return [];
    watch.screen = 'in';
    return ['FULLSCREEN_ENTER'];
  }
  const isHeld = watch.excuses > 0 || (watch.exitDue !== null && now < watch.exitDue);
  if (watch.screen !== 'in' || isHeld) return [];
  watch.screen = 'out';
  watch.exitDue = null;
  return ['FULLSCREEN_EXIT'];
}

/** Whether the person is here; changes `watch`. */
function judgePerson(watch: Watch, now: number): ReportKind[] {
  const { hidden, focused } = watch.look;
  if (!hidden && focused) {
    watch.blurDue = null;
    if (!watch.away) return [];
    watch.away = false;
    return ['TAB_FOCUS'];
  }
  if (watch.away) return [];
  if (!hidden) {
    // no window of the page's own hides it, so only the focus is excused
    watch.blurDue = watch.excuses > 0 ? null : (watch.blurDue ?? now + SETTLE_MS);
    if (watch.blurDue === null || now < watch.blurDue) return [];
  }
  watch.away = true;
  watch.blurDue = null;
  return ['TAB_BLUR'];
}

function clip(watch: Watch, kind: 'COPY' | 'PASTE', now: number): ReportKind[] {
  if (now - watch.clips[kind] < CLIP_MS) return [];
  watch.clips = { ...watch.clips, [kind]: now };
  return [kind];
}

function excuse(watch: Watch, begins: boolean, now: number): void {
  watch.excuses = Math.max(0, watch.excuses + (begins ? 1 : -1));
  if (watch.excuses > 0 || begins) return;
  if (watch.screen === 'in' && !watch.look.fullscreen) watch.exitDue = now + GRACE_MS;
}

const earliest = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b);

export function see(before: Watch, sight: Sight, now: number): Seen {
  if (sight.type === 'disarm')
    return { watch: { ...unarmed, excuses: before.excuses }, reports: [], wakeAt: null };
  const watch = { ...before };
  if (sight.type === 'arm') watch.armed = true;
  if (sight.type === 'arm' || sight.type === 'look') {
    const { fullscreen, hidden, focused } = sight;
    watch.look = { fullscreen, hidden, focused };
  }
  if (sight.type === 'excuse') excuse(watch, sight.begins, now);
  if (!watch.armed) return { watch, reports: [], wakeAt: null };
  const reports = [
    ...judgeScreen(watch, now),
    ...judgePerson(watch, now),
    ...(sight.type === 'clip' ? clip(watch, sight.kind, now) : []),
  ];
  return { watch, reports, wakeAt: earliest(watch.blurDue, watch.exitDue) };
}
