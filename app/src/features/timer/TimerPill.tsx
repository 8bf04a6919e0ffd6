import { Coffee, Target, Timer as TimerIcon } from 'lucide-react';
import { useRoom } from '~/room';
import { formatDuration, t } from '~/text';
import { useCountdown } from './countdown';
import { phaseName } from './TimerDial';

/** The timer and the room's goal, always in sight; opens the whole timer. */
export function TimerPill({ open, onToggle }: { open: boolean; onToggle(): void }) {
  const countdown = useCountdown();
  const goal = useRoom((view) => view.goal);
  if (!countdown) return null;
  const { timer, leftMs } = countdown;
  const isBreak = timer.phase === 'break' || timer.phase === 'longBreak';
  return (
    <button
      type="button"
      className="timer-pill"
      data-phase={timer.phase}
      data-running={timer.running || undefined}
      aria-expanded={open}
      onClick={onToggle}
    >
      {isBreak ? <Coffee aria-hidden="true" /> : <TimerIcon aria-hidden="true" />}
      <span className="timer-pill-phase">{phaseName(timer.phase)}</span>
      <span className="timer-pill-left">{formatDuration(leftMs)}</span>
      {!timer.running && timer.phase !== 'idle' && (
        <span className="timer-pill-paused">{t('timer.paused')}</span>
      )}
      {goal && (
        <span className="timer-pill-goal" data-done={goal.done || undefined}>
          <Target aria-hidden="true" />
          <bdi>{goal.text}</bdi>
        </span>
      )}
    </button>
  );
}
