// Where shapes are, what a point hits, and how they move and grow. Nothing here draws.
import { isLine, isOutline } from './ops';
import type { Line, Outline, Pair, Point, Shape, Stroke } from './ops';

export interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
}

// ---- boxes

export const boxOf = (a: Pair, b: Pair): Box => ({
  x: Math.min(a[0], b[0]),
  y: Math.min(a[1], b[1]),
  w: Math.abs(a[0] - b[0]),
  h: Math.abs(a[1] - b[1]),
});

export const grown = (box: Box, by: number): Box => ({
  x: box.x - by,
  y: box.y - by,
  w: box.w + 2 * by,
  h: box.h + 2 * by,
});

export const touches = (a: Box, b: Box): boolean =>
  a.x <= b.x + b.w && b.x <= a.x + a.w && a.y <= b.y + b.h && b.y <= a.y + a.h;

export const holds = (outer: Box, inner: Box): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.w <= outer.x + outer.w &&
  inner.y + inner.h <= outer.y + outer.h;

export const isIn = (box: Box, x: number, y: number): boolean =>
  x >= box.x && y >= box.y && x <= box.x + box.w && y <= box.y + box.h;

export const union = (boxes: readonly Box[]): Box | null => {
  if (boxes.length === 0) return null;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const box of boxes) {
    left = Math.min(left, box.x);
    top = Math.min(top, box.y);
    right = Math.max(right, box.x + box.w);
    bottom = Math.max(bottom, box.y + box.h);
  }
  return { x: left, y: top, w: right - left, h: bottom - top };
};

const boxOfPoints = (points: readonly Point[]): Box => {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x);
    bottom = Math.max(bottom, y);
  }
  return { x: left, y: top, w: right - left, h: bottom - top };
};

export const arrowHead = ({ width, from, to }: Line): number => {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  return Math.min(10 + width * 2.5, length * 0.6);
};

/** The frame by which a shape is taken hold of, without the thickness of its lines. */
export const frameOf = (shape: Shape): Box => {
  if (shape.type === 'stroke') return boxOfPoints(shape.points);
  if (isLine(shape)) return boxOf(shape.from, shape.to);
  return { x: shape.x, y: shape.y, w: shape.w, h: shape.h };
};

/** Everything that the shape inks. */
export const boundsOf = (shape: Shape): Box => {
  const frame = frameOf(shape);
  if (shape.type === 'arrow') return grown(frame, shape.width / 2 + arrowHead(shape) / 2);
  if (shape.type === 'stroke') return grown(frame, shape.width * 0.85);
  if (shape.type === 'note') return grown(frame, 8); // its shadow
  return grown(frame, 'width' in shape ? shape.width / 2 : 1);
};

// ---- hitting

const distanceToSegment = (x: number, y: number, a: Point, b: Point): number => {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const square = dx * dx + dy * dy;
  const along = square === 0 ? 0 : ((x - a[0]) * dx + (y - a[1]) * dy) / square;
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(x - a[0] - t * dx, y - a[1] - t * dy);
};

const hitsStroke = ({ points, width }: Stroke, x: number, y: number, reach: number): boolean => {
  const near = width / 2 + reach;
  let before = points[0];
  if (!before) return false;
  for (const point of points) {
    if (distanceToSegment(x, y, before, point) <= near) return true;
    before = point;
  }
  return false;
};

const hitsOutline = (shape: Outline, x: number, y: number, reach: number): boolean => {
  const near = shape.width / 2 + reach;
  const isFilled = shape.fill !== 'none';
  if (shape.type === 'rect') {
    if (!isIn(grown(shape, near), x, y)) return false;
    const isDeep = shape.w > 2 * near && shape.h > 2 * near && isIn(grown(shape, -near), x, y);
    return isFilled || !isDeep;
  }
  const [rx, ry] = [shape.w / 2, shape.h / 2];
  const [dx, dy] = [x - shape.x - rx, y - shape.y - ry];
  const ring = (by: number): number =>
    rx + by > 0 && ry + by > 0 ? Math.hypot(dx / (rx + by), dy / (ry + by)) : Infinity;
  return ring(near) <= 1 && (isFilled || ring(-near) >= 1);
};

/** Whether the point is on the shape, or not further from it than `reach`. */
export const hits = (shape: Shape, x: number, y: number, reach: number): boolean => {
  if (!isIn(grown(boundsOf(shape), reach), x, y)) return false;
  if (shape.type === 'stroke') return hitsStroke(shape, x, y, reach);
  if (isLine(shape))
    return distanceToSegment(x, y, shape.from, shape.to) <= shape.width / 2 + reach;
  if (isOutline(shape)) return hitsOutline(shape, x, y, reach);
  return true;
};

// ---- changing

/** Coordinates as they travel: a tenth, or a hundredth of what is drawn much enlarged. */
export const rounded = (value: number, zoom = 1): number => {
  const scale = zoom > 2 ? 100 : 10;
  return Math.round(value * scale) / scale;
};

const mapped = (
  shape: Shape,
  at: (p: Pair) => Pair,
  size: (w: number, h: number) => Pair,
): Shape => {
  const round = (pair: Pair): Pair => [rounded(pair[0], 4), rounded(pair[1], 4)];
  if (shape.type === 'stroke') {
    const points = shape.points.map((point): Point => {
      const [x, y] = round(at([point[0], point[1]]));
      return point[2] === undefined ? [x, y] : [x, y, point[2]];
    });
    return { ...shape, points };
  }
  if (isLine(shape)) return { ...shape, from: round(at(shape.from)), to: round(at(shape.to)) };
  const [x, y] = round(at([shape.x, shape.y]));
  const [w, h] = round(size(shape.w, shape.h));
  return { ...shape, x, y, w, h };
};

export const moved = (shape: Shape, dx: number, dy: number): Shape =>
  mapped(
    shape,
    ([x, y]) => [x + dx, y + dy],
    (w, h) => [w, h],
  );

/** As the content of a frame that becomes another one, no side of which is turned over. */
export const scaled = (shape: Shape, from: Box, to: Box): Shape => {
  const fx = from.w > 0 ? to.w / from.w : 1;
  const fy = from.h > 0 ? to.h / from.h : 1;
  const next = mapped(
    shape,
    ([x, y]) => [to.x + (x - from.x) * fx, to.y + (y - from.y) * fy],
    (w, h) => [w * fx, h * fy],
  );
  if (next.type !== 'text' || shape.type !== 'text') return next;
  const size = Math.min(400, Math.max(4, shape.size * Math.min(fx, fy)));
  const by = size / shape.size;
  return { ...next, size: rounded(size), w: rounded(shape.w * by), h: rounded(shape.h * by) };
};

/** Squares and circles; lines in steps of 45 degrees. */
export const squared = (from: Pair, to: Pair): Pair => {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const side = Math.max(Math.abs(dx), Math.abs(dy));
  return [from[0] + (dx < 0 ? -side : side), from[1] + (dy < 0 ? -side : side)];
};

export const snapped = (from: Pair, to: Pair): Pair => {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const angle = (Math.round(Math.atan2(dy, dx) / (Math.PI / 4)) * Math.PI) / 4;
  const length = Math.hypot(dx, dy);
  return [from[0] + Math.cos(angle) * length, from[1] + Math.sin(angle) * length];
};

/**
 * Leaves out points that lie no further than `tolerance` from the line between those that stay
 * (Ramer, Douglas and Peucker). Pressure counts as a third dimension, as thick as the stroke: else
 * straight lines would lose it.
 */
export const simplified = (points: readonly Point[], tolerance: number, width: number): Point[] => {
  const last = points.length - 1;
  if (last < 2) return [...points];
  const stays = new Uint8Array(points.length);
  stays[0] = stays[last] = 1;
  const spans: Pair[] = [[0, last]];
  for (let span = spans.pop(); span; span = spans.pop()) {
    const [first, end] = span;
    const far = furthest(points, first, end, width);
    if (far.distance <= tolerance) continue;
    stays[far.at] = 1;
    spans.push([first, far.at], [far.at, end]);
  }
  return points.filter((_, i) => stays[i]);
};

const furthest = (
  points: readonly Point[],
  first: number,
  end: number,
  width: number,
): { at: number; distance: number } => {
  const found = { at: first, distance: -1 };
  const [a, b] = [points[first], points[end]];
  if (!a || !b) return found;
  const depth = (point: Point): number => (point[2] ?? 0.5) * width * 0.6;
  const [ux, uy, uz] = [b[0] - a[0], b[1] - a[1], depth(b) - depth(a)];
  const square = ux * ux + uy * uy + uz * uz;
  for (let i = first + 1; i < end; i++) {
    const p = points[i];
    if (!p) continue;
    const [vx, vy, vz] = [p[0] - a[0], p[1] - a[1], depth(p) - depth(a)];
    const t = square > 0 ? Math.min(1, Math.max(0, (vx * ux + vy * uy + vz * uz) / square)) : 0;
    const distance = Math.hypot(vx - t * ux, vy - t * uy, vz - t * uz);
    if (distance > found.distance) {
      found.at = i;
      found.distance = distance;
    }
  }
  return found;
};
