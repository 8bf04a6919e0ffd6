import { Pause, Play, RotateCcw, SkipForward } from 'lucide-react';
import { useIsHost, useRoomClient } from '~/room';
import { t } from '~/text';
import { attempt, Button, IconButton } from '~/ui';
import type { Timer } from '~/wire/types';

/** Some rooms leave the timer to their hosts. */
export const useMaySetTimer = (timer: Timer): boolean => {
  const isHost = useIsHost();
  return isHost || !timer.settings.hostsOnly;
};

function StartOrPause({ timer }: { timer: Timer }) {
  const client = useRoomClient();
  if (timer.running)
    return (
      <Button icon={<Pause />} onClick={() => void attempt(client.pauseTimer())}>
        {t('timer.pause')}
      </Button>
    );
  const isPaused = timer.phase !== 'idle';
  const go = (): Promise<unknown> => (isPaused ? client.resumeTimer() : client.startTimer('focus'));
  return (
    <Button variant="primary" icon={<Play />} onClick={() => void attempt(go())}>
      {isPaused ? t('timer.resume') : t('timer.start')}
    </Button>
  );
}

export function TimerButtons({ timer }: { timer: Timer }) {
  const client = useRoomClient();
  const isIdle = timer.phase === 'idle';
  const isBreak = !isIdle && timer.phase !== 'focus';
  if (!useMaySetTimer(timer)) return <p className="timer-note">{t('timer.hostsOnly')}</p>;
  return (
    <div className="timer-buttons">
      <IconButton
        label={t('timer.reset')}
        icon={<RotateCcw />}
        disabled={isIdle && timer.round === 0}
        onClick={() => void attempt(client.resetTimer())}
      />
      <StartOrPause timer={timer} />
      <IconButton
        label={isBreak ? t('timer.skipBreak') : t('timer.skipFocus')}
        icon={<SkipForward />}
        disabled={isIdle}
        onClick={() => void attempt(client.skipTimer())}
      />
    </div>
  );
}
