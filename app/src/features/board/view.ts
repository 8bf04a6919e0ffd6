// Where on the endless board one looks: the point in the upper left corner, and how large it is
// shown.
import type { Box } from './geometry';
import type { Pair } from './ops';

export interface View {
  x: number;
  y: number;
  zoom: number;
}

export interface Size {
  width: number;
  height: number;
}

export const MIN_ZOOM = 0.1;
export const MAX_ZOOM = 8;
const STEPS = [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8];

export const clampZoom = (zoom: number): number => Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, zoom));

export const toBoard = (view: View, x: number, y: number): Pair => [
  view.x + x / view.zoom,
  view.y + y / view.zoom,
];

export const toScreen = (view: View, x: number, y: number): Pair => [
  (x - view.x) * view.zoom,
  (y - view.y) * view.zoom,
];

export const panned = (view: View, dx: number, dy: number): View => ({
  ...view,
  x: view.x - dx / view.zoom,
  y: view.y - dy / view.zoom,
});

/** The point of the board under (x, y) of the screen stays there. */
export const zoomedAt = (view: View, zoom: number, x: number, y: number): View => {
  const [bx, by] = toBoard(view, x, y);
  const next = clampZoom(zoom);
  return { x: bx - x / next, y: by - y / next, zoom: next };
};

export const nextZoom = (zoom: number, direction: 1 | -1): number => {
  const further = direction > 0 ? STEPS : [...STEPS].reverse();
  const found = further.find((step) => (step - zoom) * direction > 0.001);
  return found ?? clampZoom(zoom);
};

export const boxInView = (view: View, { width, height }: Size): Box => ({
  x: view.x,
  y: view.y,
  w: width / view.zoom,
  h: height / view.zoom,
});

/** All of the box, in the middle, not larger than it is. */
export const fitted = (box: Box | null, size: Size, margin = 64): View => {
  if (!box) return { x: -size.width / 2, y: -size.height / 2, zoom: 1 };
  const room = (side: number): number => Math.max(40, side - 2 * Math.min(margin, side / 6));
  const zoom = clampZoom(
    Math.min(1, room(size.width) / Math.max(box.w, 1), room(size.height) / Math.max(box.h, 1)),
  );
  return {
    x: box.x + box.w / 2 - size.width / 2 / zoom,
    y: box.y + box.h / 2 - size.height / 2 / zoom,
    zoom,
  };
};
