// Who is in the mesh. Everybody computes it from the same seats, so nobody has to be asked.
import type { Seat } from '~/wire/types';

/** Socket ids are ASCII: comparing by UTF-16 unit is comparing by byte, as the server does. */
const byId = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** The first `limit` seats, the longest present first. */
export const callersOf = (seats: readonly Seat[], limit: number): Seat[] =>
  seats
    .filter((seat) => seat.role !== 'waiting')
    .sort((a, b) => Date.parse(a.joinedAt) - Date.parse(b.joinedAt) || byId(a.socketId, b.socketId))
    .slice(0, limit);

export interface Callers {
  full: boolean; // oneself is beyond the limit
  peers: Seat[]; // whom one has a connection with
}

/** What one's own part is; null while one's own seat is not among the seats. */
export const ownCallers = (
  seats: readonly Seat[],
  selfId: string,
  limit: number,
): Callers | null => {
  const self = seats.find((seat) => seat.socketId === selfId);
  if (!self) return null;
  const callers = callersOf(seats, limit);
  if (!callers.includes(self)) return { full: true, peers: [] };
  // Another tab of the same person would only be an echo.
  return { full: false, peers: callers.filter((seat) => seat.userId !== self.userId) };
};

/** Of a pair the smaller id makes the first offer, and its offer stands when both made one. */
export const isPolite = (selfId: string, peerId: string): boolean => selfId > peerId;
