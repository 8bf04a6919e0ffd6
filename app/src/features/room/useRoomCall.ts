// The call of a room: begins when the room is entered, hears of people as they come and go, and
// ends with the page.
import { useEffect, useMemo, useState } from 'react';
import { startMesh } from '~/features/call/mesh';
import type { Call, CallRoom, LocalMedia, Signals } from '~/features/call/types';
import { Store } from '~/lib/store';
import type { RoomClient, RoomView } from '~/room';

const signalsOf = (client: RoomClient): Signals => ({
  send: (to, kind, what) => client.signal(to, kind, what),
  on: (kind, listener) => {
    if (kind === 'offer') return client.on('signal:offer', (s) => listener(s.fromSocketId, s.sdp));
    if (kind === 'answer')
      return client.on('signal:answer', (s) => listener(s.fromSocketId, s.sdp));
    if (kind === 'ice')
      return client.on('signal:ice', (s) => listener(s.fromSocketId, s.candidate));
    return client.on('signal:data', (s) => listener(s.fromSocketId, s.data));
  },
});

const callRoomOf = (view: RoomView): CallRoom => ({
  selfId: view.self?.socketId ?? '',
  seats: view.seats,
  iceServers: view.iceServers,
  relayOnly: view.room?.settings.iceTransportPolicy === 'relay',
  limit: view.meshLimit,
});

const isSame = (a: CallRoom, b: CallRoom): boolean =>
  a.selfId === b.selfId &&
  a.seats === b.seats &&
  a.iceServers === b.iceServers &&
  a.relayOnly === b.relayOnly &&
  a.limit === b.limit;

/** null until the room has been entered. */
export function useRoomCall(client: RoomClient, local: LocalMedia, isIn: boolean): Call | null {
  const [call, setCall] = useState<Call | null>(null);
  const room = useMemo(() => new Store(callRoomOf(client.store.get())), [client]);
  useEffect(() => {
    if (!isIn) return;
    const follow = (): void => {
      const view = client.store.get();
      const next = callRoomOf(view);
      if (view.phase === 'in' && !isSame(next, room.get())) room.set(next);
    };
    follow();
    const unwatch = client.store.watch(follow);
    const begun = startMesh({ room, local, signals: signalsOf(client) });
    setCall(begun);
    return () => {
      unwatch();
      begun.close();
      setCall(null);
    };
  }, [client, local, room, isIn]);
  return call;
}
