// What is left of the interview, always in sight.
import { Clock3 } from 'lucide-react';
import { formatDuration, t } from '~/text';
import { VisuallyHidden } from '~/ui';
import { useTimeLeft } from './useTimeLeft';

const SOON_MS = 5 * 60_000;

export function TimeLeft() {
  const leftMs = useTimeLeft();
  if (leftMs === null) return <span className="interview-clock">{t('interview.noEnd')}</span>;
  const isSoon = leftMs <= SOON_MS;
  return (
    <span className={isSoon ? 'interview-clock interview-clock--soon' : 'interview-clock'}>
      <Clock3 aria-hidden size={16} />
      <VisuallyHidden>{t('interview.timeLeft')}</VisuallyHidden>
      <span role="timer" aria-live="off">
        {formatDuration(leftMs)}
      </span>
    </span>
  );
}
