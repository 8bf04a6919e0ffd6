import { useCallback, useEffect, useRef } from 'react';
import { useRoomClient } from '~/room';

const IDLE_MS = 3000;

/** Tells the others that one writes: at once, and when it is over. */
export function useTyping(): { write: () => void; stop: () => void } {
  const client = useRoomClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const stop = useCallback(() => {
    if (timer.current === undefined) return;
    clearTimeout(timer.current);
    timer.current = undefined;
    client.setTyping(false);
  }, [client]);
  const write = useCallback(() => {
    if (timer.current === undefined) client.setTyping(true);
    clearTimeout(timer.current);
    timer.current = setTimeout(stop, IDLE_MS);
  }, [client, stop]);
  useEffect(() => stop, [stop]);
  return { write, stop };
}
