// How large tiles may be, so that as many people as there are fill the room that there is.

export interface Shape {
  columns: number;
  rows: number;
  tileWidth: number;
  tileHeight: number;
}

export interface Area {
  width: number;
  height: number;
}

const WIDEST = 16 / 9;
const TALLEST = 4 / 3;
/** On an upright screen faces may stand upright as well: the grid would be half empty else. */
const TALLEST_UPRIGHT = 3 / 4;

const MOST_ON_A_PAGE = 25;
const SMALLEST: Area = { width: 150, height: 112 };

/** A tile of a shape that faces look well in, as large as a cell has room for. */
const fitTile = (cellWidth: number, cellHeight: number, tallest: number): Area => {
  const ratio = Math.min(WIDEST, Math.max(tallest, cellWidth / cellHeight));
  const width = Math.min(cellWidth, cellHeight * ratio);
  return { width, height: width / ratio };
};

/** The grid with the largest tiles; of equals the one with fewer empty places. */
export function bestGrid(count: number, area: Area, gap: number): Shape {
  const tallest = area.height > area.width ? TALLEST_UPRIGHT : TALLEST;
  let best: Shape = { columns: 1, rows: Math.max(1, count), tileWidth: 0, tileHeight: 0 };
  let bestScore = 0;
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const cellWidth = (area.width - gap * (columns - 1)) / columns;
    const cellHeight = (area.height - gap * (rows - 1)) / rows;
    if (cellWidth <= 0 || cellHeight <= 0) continue;
    const tile = fitTile(cellWidth, cellHeight, tallest);
    const empty = columns * rows - count;
    const score = tile.width * tile.height * (1 - 0.02 * empty);
    if (score <= bestScore) continue;
    bestScore = score;
    best = {
      columns,
      rows,
      tileWidth: Math.floor(tile.width),
      tileHeight: Math.floor(tile.height),
    };
  }
  return best;
}

/** How many tiles one page holds without becoming too small to know a face in. */
export function pageSize(area: Area, gap: number): number {
  const fits = (room: number, size: number) => Math.floor((room + gap) / (size + gap));
  const places = fits(area.width, SMALLEST.width) * fits(area.height, SMALLEST.height);
  return Math.min(MOST_ON_A_PAGE, Math.max(1, places));
}

export interface Page<T> {
  items: T[];
  page: number; // from 0, within what there is
  pages: number;
}

export function pageOf<T>(items: readonly T[], wanted: number, size: number): Page<T> {
  const pages = Math.max(1, Math.ceil(items.length / size));
  const page = Math.min(Math.max(0, wanted), pages - 1);
  return { items: items.slice(page * size, (page + 1) * size), page, pages };
}

/**
 * Brings who speaks to the first page, in the place of who has been silent there for longest.
 * Nobody else moves. The first place is one's own and stays.
 */
export function bringForward(
  order: readonly string[],
  size: number,
  speaker: string | null,
  spokeAt: Readonly<Record<string, number>>,
): string[] {
  const from = speaker === null ? -1 : order.indexOf(speaker);
  const next = [...order];
  if (from < size || size < 2) return next;
  let to = 1;
  for (let i = 1; i < size; i++)
    if ((spokeAt[next[i] ?? ''] ?? 0) <= (spokeAt[next[to] ?? ''] ?? 0)) to = i;
  const moved = next[from];
  const silent = next[to];
  if (moved === undefined || silent === undefined) return next;
  next[to] = moved;
  next[from] = silent;
  return next;
}

/** `order` without those who left, and with those who came at its end. */
export function keepOrder(order: readonly string[], present: readonly string[]): string[] {
  const here = new Set(present);
  const kept = order.filter((id) => here.has(id));
  const known = new Set(kept);
  return [...kept, ...present.filter((id) => !known.has(id))];
}
