// The list of public rooms, looked up again every so often while somebody looks.
import { useEffect, useState } from 'react';
import { api } from '~/lib/api';
import type { ListedRoom } from '~/wire/types';

export interface LobbyRoom extends ListedRoom {
  participantCount: number;
}

const AGAIN_MS = 8000;
const LIMIT = 100;

export interface Rooms {
  rooms: LobbyRoom[] | null; // null: not known yet
  error: unknown;
}

export function useRooms(): Rooms {
  const [found, setFound] = useState<Rooms>({ rooms: null, error: undefined });
  useEffect(() => {
    const stop = new AbortController();
    const look = async (): Promise<void> => {
      try {
        const query = { limit: LIMIT };
        const { rooms } = await api.get<{ rooms: LobbyRoom[] }>('/api/rooms', {
          query,
          signal: stop.signal,
        });
        setFound({ rooms, error: undefined });
      } catch (error) {
        if (!stop.signal.aborted) setFound((now) => ({ ...now, error }));
      }
    };
    const lookIfSeen = (): void => {
      if (document.visibilityState === 'visible') void look();
    };
    void look();
    const timer = setInterval(lookIfSeen, AGAIN_MS);
    document.addEventListener('visibilitychange', lookIfSeen);
    return () => {
      stop.abort();
      clearInterval(timer);
      document.removeEventListener('visibilitychange', lookIfSeen);
    };
  }, []);
  return found;
}

/** Where people are comes first, then what is new; a word of the title narrows it. */
export const arrange = (rooms: readonly LobbyRoom[], word: string): LobbyRoom[] => {
  const wanted = word.trim().toLocaleLowerCase();
  return rooms
    .filter((r) => `${r.title} ${r.roomId}`.toLocaleLowerCase().includes(wanted))
    .toSorted(
      (a, b) => b.participantCount - a.participantCount || b.createdAt.localeCompare(a.createdAt),
    );
};
