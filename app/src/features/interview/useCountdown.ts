// How long the interview still lasts, by the server's clock.
import { useEffect, useState } from 'react';
import { useRoom } from '~/room';
import { t } from '~/text';
import { announce } from '~/ui';

const SAID_AT_MINUTES = [10, 5, 1];

/** Time by the server's clock, renewed at each of its seconds. */
export function useServerNow(isRunning = true): number {
  const skewMs = useRoom((view) => view.clockSkewMs);
  const [now, setNow] = useState(() => Date.now() + skewMs);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const tick = (): void => {
      const server = Date.now() + skewMs;
      setNow(server);
      timer = setTimeout(tick, 1000 - (server % 1000) + 5);
    };
    if (isRunning) tick();
    return () => clearTimeout(timer);
  }, [skewMs, isRunning]);
  return now;
}

/** What is left in milliseconds; null without an end. Says so aloud when it becomes little. */
export function useCountdown(): number | null {
  const endsAt = useRoom((view) => (view.room?.status === 'LIVE' ? view.room.endsAt : null));
  const now = useServerNow(endsAt !== null);
  const leftMs = endsAt === null ? null : Math.max(0, endsAt - now);
  const minutes = leftMs === null ? null : Math.ceil(leftMs / 60_000);
  useEffect(() => {
    if (minutes !== null && SAID_AT_MINUTES.includes(minutes))
      announce(t('interview.minutesLeft', { n: minutes }));
  }, [minutes]);
  return leftMs;
}
