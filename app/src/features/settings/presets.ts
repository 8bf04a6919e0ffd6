// The four kinds of room, each with settings that suit it; one form shows them all.
import type { Mode, Settings } from '~/wire/types';

const timer = {
  focusMinutes: 25,
  breakMinutes: 5,
  longBreakMinutes: 15,
  rounds: 4,
  autoFocus: false,
  hostsOnly: false,
};

const common: Omit<Settings, 'mode'> = {
  isPublic: true,
  approval: false,
  maxParticipants: 200,
  locked: false,
  question: '',
  durationMinutes: 0,
  timer,
  proctor: { warnAt: 0, autoSubmitAt: 0 },
  iceTransportPolicy: 'all',
};

export const presets: Record<Mode, Settings> = {
  study: { ...common, mode: 'study' },
  focus: { ...common, mode: 'focus', timer: { ...timer, autoFocus: true } },
  call: { ...common, mode: 'call', isPublic: false, maxParticipants: 4 },
  interview: {
    ...common,
    mode: 'interview',
    isPublic: false,
    approval: true,
    maxParticipants: 20,
    durationMinutes: 60,
    proctor: { warnAt: 3, autoSubmitAt: 0 },
  },
};

export const modes: readonly Mode[] = ['study', 'focus', 'call', 'interview'];

/** The settings of another kind, with what was already set by hand kept where it means the same. */
export const withMode = (settings: Settings, mode: Mode): Settings => {
  const from = presets[settings.mode];
  const to = presets[mode];
  const next: Settings = { ...settings, mode };
  for (const key of ['isPublic', 'approval', 'maxParticipants', 'durationMinutes'] as const)
    if (settings[key] === from[key]) Object.assign(next, { [key]: to[key] });
  if (settings.timer.autoFocus === from.timer.autoFocus)
    next.timer = { ...settings.timer, autoFocus: to.timer.autoFocus };
  if (settings.proctor.warnAt === from.proctor.warnAt) next.proctor = to.proctor;
  return next;
};
