// What the stage shows large and what small: everybody alike in a grid, or one picture with the
// others beside it.
import type { Seat } from '~/wire/types';

/** A picture of somebody: `id` tells it from the others. */
export interface TileItem {
  id: string;
  kind: 'camera' | 'screen';
  seat: Seat;
  own: boolean; // of this page
  ownPerson: boolean; // of the same person, in another tab or on another device
}

export const cameraId = (socketId: string) => `camera:${socketId}`;
export const screenId = (socketId: string) => `screen:${socketId}`;

/** One's own screen is left out: it would show itself in itself. */
export function tilesOf(
  seats: readonly Seat[],
  self: { socketId: string | null; userId: string } | null,
  withScreens: boolean,
): TileItem[] {
  const item = (seat: Seat, kind: TileItem['kind']): TileItem => ({
    id: kind === 'camera' ? cameraId(seat.socketId) : screenId(seat.socketId),
    kind,
    seat,
    own: seat.socketId === self?.socketId,
    ownPerson: seat.userId === self?.userId,
  });
  const cameras = seats.map((seat) => item(seat, 'camera'));
  const screens = withScreens
    ? seats.filter((seat) => seat.media.screen).map((seat) => item(seat, 'screen'))
    : [];
  return [
    ...screens.filter((tile) => !tile.own),
    ...cameras.filter((tile) => tile.own),
    ...cameras.filter((tile) => !tile.own),
  ];
}

export interface Choice {
  pinned: string | null;
  dismissed: readonly string[]; // screens that were put back among the others
}

export interface Layout {
  main: TileItem | null; // null: a grid of all
  rest: TileItem[];
}

/** `tiles` in the order in which they came: the newest screen is the one that is looked at. */
export function chooseLayout(tiles: readonly TileItem[], choice: Choice): Layout {
  const pinned = tiles.find((tile) => tile.id === choice.pinned);
  const shared = tiles.filter(
    (tile) => tile.kind === 'screen' && !choice.dismissed.includes(tile.id),
  );
  const main = pinned ?? shared.at(-1) ?? null;
  return { main, rest: tiles.filter((tile) => tile !== main) };
}

/** Whether the small pictures stand beside the large one, not below it. */
export const stripIsBeside = (width: number, height: number) =>
  width >= 720 ? width > height * 1.05 : width > height * 1.5;
