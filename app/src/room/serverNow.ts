import { useEffect, useState } from 'react';
import { useRoom } from './context';

/** Until a clock that shows each second begun shows another one. */
export const msToNextSecond = (leftMs: number): number =>
  ((((leftMs - 1) % 1000) + 1000) % 1000) + 20;

/**
 * Time by the server's clock: compared, not counted, so that a page that slept is right when it
 * wakes. Renewed whenever what is left until `end` shows another second.
 */
export function useServerNow(isRunning = true, end = 0): number {
  const skewMs = useRoom((view) => view.clockSkewMs);
  const [ticks, tick] = useState(0);
  const now = Date.now() + skewMs;
  useEffect(() => {
    if (!isRunning) return;
    const again = (): void => tick((n) => n + 1);
    const timer = setTimeout(again, msToNextSecond(end - Date.now() - skewMs));
    document.addEventListener('visibilitychange', again);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', again);
    };
  }, [isRunning, end, skewMs, ticks]);
  return now;
}
