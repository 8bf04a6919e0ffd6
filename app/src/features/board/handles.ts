// The eight handles of a selection, and what pulling one does to its frame.
import type { Box } from './geometry';
import type { Pair } from './ops';

export type Handle = 'nw' | 'n' | 'ne' | 'e' | 'se' | 's' | 'sw' | 'w';

export const FRAME_GAP = 5; // pixels between the content and the frame
const ROOM_FOR_MIDDLES = 44; // pixels: shorter sides have handles at the corners alone
const LEAST = 4; // of the board: no side gets shorter

export const handlesOf = (frame: Box, zoom: number): [Handle, Pair][] => {
  const gap = FRAME_GAP / zoom;
  const [left, top] = [frame.x - gap, frame.y - gap];
  const [right, bottom] = [frame.x + frame.w + gap, frame.y + frame.h + gap];
  const [midX, midY] = [(left + right) / 2, (top + bottom) / 2];
  const corners: [Handle, Pair][] = [
    ['se', [right, bottom]],
    ['nw', [left, top]],
    ['ne', [right, top]],
    ['sw', [left, bottom]],
  ];
  if (frame.w * zoom > ROOM_FOR_MIDDLES) corners.push(['n', [midX, top]], ['s', [midX, bottom]]);
  if (frame.h * zoom > ROOM_FOR_MIDDLES) corners.push(['w', [left, midY]], ['e', [right, midY]]);
  return corners;
};

export const handleAt = (
  handles: readonly [Handle, Pair][],
  x: number,
  y: number,
  reach: number,
): Handle | null =>
  handles.find(([, at]) => Math.hypot(at[0] - x, at[1] - y) <= reach)?.[0] ?? null;

/** The frame when a handle is pulled to a point; the opposite side stays. */
export const pulled = (box: Box, handle: Handle, x: number, y: number, isEven: boolean): Box => {
  const isLeft = handle.includes('w');
  const isTop = handle.includes('n');
  const right = box.x + box.w;
  const bottom = box.y + box.h;
  let w = isLeft ? right - x : handle.includes('e') ? x - box.x : box.w;
  let h = isTop ? bottom - y : handle.includes('s') ? y - box.y : box.h;
  w = Math.max(LEAST, w);
  h = Math.max(LEAST, h);
  if (isEven && box.w > 0 && box.h > 0) {
    const byWidth = handle.length === 2 ? w / box.w > h / box.h : 'ew'.includes(handle);
    const scale = byWidth ? w / box.w : h / box.h;
    [w, h] = [box.w * scale, box.h * scale];
  }
  return { x: isLeft ? right - w : box.x, y: isTop ? bottom - h : box.y, w, h };
};
