// How long the interview still lasts, by the server's clock.
import { useEffect } from 'react';
import { useRoom, useServerNow } from '~/room';
import { t } from '~/text';
import { announce } from '~/ui';

const SAID_AT_MINUTES = [10, 5, 1];

/** What is left in milliseconds; null without an end. Says so aloud when it becomes little. */
export function useTimeLeft(): number | null {
  const endsAt = useRoom((view) => (view.room?.status === 'LIVE' ? view.room.endsAt : null));
  const now = useServerNow(endsAt !== null, endsAt ?? 0);
  const leftMs = endsAt === null ? null : Math.max(0, endsAt - now);
  const minutes = leftMs === null ? null : Math.ceil(leftMs / 60_000);
  useEffect(() => {
    if (minutes !== null && SAID_AT_MINUTES.includes(minutes))
      announce(t('interview.minutesLeft', { n: minutes }));
  }, [minutes]);
  return leftMs;
}
