import type { CSSProperties } from 'react';
import { formatDuration, t } from '~/text';
import type { Phase, Timer } from '~/wire/types';
import { progress } from './countdown';

export const phaseName = (phase: Phase): string =>
  ({
    idle: t('timer.idle'),
    focus: t('timer.focus'),
    break: t('timer.break'),
    longBreak: t('timer.longBreak'),
  })[phase];

/** Which of the rounds before a long break it is, from 1; 0: none yet. */
const roundInSet = ({ round, settings }: Timer): number =>
  round === 0 ? 0 : ((round - 1) % Math.max(1, settings.rounds)) + 1;

function Rounds({ timer }: { timer: Timer }) {
  const now = roundInSet(timer);
  const n = Math.min(timer.settings.rounds, 12);
  return (
    <p className="timer-rounds">
      <span className="timer-dots" aria-hidden="true">
        {Array.from({ length: n }, (_, at) => (
          <span key={at} className="timer-dot" data-done={at < now || undefined} />
        ))}
      </span>
      {now > 0 ? t('timer.round', { n: now, of: timer.settings.rounds }) : t('timer.noRound')}
    </p>
  );
}

/** The large countdown. */
export function TimerDial({ timer, leftMs }: { timer: Timer; leftMs: number }) {
  const style = { '--timer-progress': progress(timer, leftMs) } as CSSProperties;
  return (
    <div className="timer-dial" data-phase={timer.phase} data-running={timer.running || undefined}>
      <svg className="timer-ring" viewBox="0 0 200 200" aria-hidden="true" style={style}>
        <circle className="timer-ring-ground" cx="100" cy="100" r="92" pathLength="1" />
        <circle className="timer-ring-done" cx="100" cy="100" r="92" pathLength="1" />
      </svg>
      <div className="timer-face">
        <p className="timer-phase">{phaseName(timer.phase)}</p>
        <p className="timer-left" role="timer" aria-label={t('timer.left')}>
          {formatDuration(leftMs)}
        </p>
        <Rounds timer={timer} />
      </div>
    </div>
  );
}
