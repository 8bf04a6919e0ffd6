// What stands at the door: which room it is, before one has entered.
import { useEffect, useState } from 'react';
import { about, refreshSession, useSession, type Session } from '~/lib/session';
import { api } from '~/lib/api';
import { WireError } from '~/wire/errors';
import type { Room, Settings } from '~/wire/types';

/** Strangers are shown less of a guarded room. */
export type DoorRoom = Pick<Room, 'roomId' | 'title' | 'status'> &
  Partial<Pick<Room, 'joinLink'>> & { settings: Partial<Settings> };

/** Whether hosts are asked first. Who is shown the link (its maker, those let in before) is not. */
export const asksAtDoor = ({ settings, joinLink }: DoorRoom): boolean =>
  settings.approval === true && joinLink === undefined;

export type Door =
  | { state: 'looking' }
  | { state: 'missing' }
  | { state: 'members' } // this server lets nobody in without an account
  | { state: 'failed'; error: unknown }
  | { state: 'open'; room: DoorRoom; session: Exclude<Session, { state: 'unknown' }> };

export function useDoor(roomId: string): Door & { again(): void } {
  const session = useSession();
  const [door, setDoor] = useState<{ room?: DoorRoom; error?: unknown; isClosed?: boolean }>({});
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    const look = async (): Promise<void> => {
      try {
        await refreshSession();
        const { authMode } = await about();
        const path = `/api/rooms/${encodeURIComponent(roomId)}`;
        const room = await api.get<DoorRoom>(path, { signal: stop.signal });
        setDoor({ room, isClosed: authMode === 'required' });
      } catch (error) {
        if (!stop.signal.aborted) setDoor({ error });
      }
    };
    void look();
    return () => stop.abort();
  }, [roomId, attempt]);
  const again = (): void => {
    setDoor({});
    setAttempt((n) => n + 1);
  };
  return { ...stateOf(door, session), again };
}

const stateOf = (
  { room, error, isClosed }: { room?: DoorRoom; error?: unknown; isClosed?: boolean },
  session: Session,
): Door => {
  if (error instanceof WireError && error.status === 404) return { state: 'missing' };
  if (error instanceof WireError && error.status === 401) return { state: 'members' };
  if (error !== undefined) return { state: 'failed', error };
  if (!room || session.state === 'unknown') return { state: 'looking' };
  if (isClosed && session.state === 'guest') return { state: 'members' };
  return { state: 'open', room, session };
};
