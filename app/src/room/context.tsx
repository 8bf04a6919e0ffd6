// The room for components: useRoom() reads it, useRoomClient() does something in it.
import { createContext, useContext, useMemo, type ReactNode } from 'react';
import { useStore } from '~/lib/store';
import type { Seat } from '~/wire/types';
import type { RoomClient } from './client';
import { isHostRole, peopleOf, type Person, type RoomView } from './view';

const Context = createContext<RoomClient | null>(null);

export function RoomProvider({ client, children }: { client: RoomClient; children: ReactNode }) {
  return <Context value={client}>{children}</Context>;
}

export function useRoomClient(): RoomClient {
  const client = useContext(Context);
  if (!client) throw new Error('there is no RoomProvider above');
  return client;
}

export function useRoom<S>(
  select: (view: RoomView) => S,
  same: (a: S, b: S) => boolean = Object.is,
): S {
  return useStore(useRoomClient().store, select, same);
}

/** Of this page's own connection. */
export function useSelfSeat(): Seat | undefined {
  return useRoom((view) => view.seats.find((s) => s.socketId === view.self?.socketId));
}

export function usePeople(): Person[] {
  const seats = useRoom((view) => view.seats);
  return useMemo(() => peopleOf(seats), [seats]);
}

/** Hosts and co-hosts: they let people in, mute and remove them. */
export function useIsHost(): boolean {
  return useRoom((view) => isHostRole(view.self?.role));
}

/** Hosts alone set the room and end it. */
export function useRunsRoom(): boolean {
  return useRoom((view) => view.self?.role === 'host');
}
