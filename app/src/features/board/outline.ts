// The outline of a stroke, by perfect-freehand. Points with a pressure make it thicker or thinner;
// those without, as of clients that know none, give an even line of the width they say.
import { getStroke } from 'perfect-freehand';
import type { Line, Pair, Stroke } from './ops';
import { arrowHead } from './geometry';

export const outlineOf = (stroke: Stroke, isWhole = true): Pair[] => {
  const hasPressure = stroke.kind === 'pen' && stroke.points.some((p) => p[2] !== undefined);
  return getStroke(stroke.points, {
    size: stroke.width,
    thinning: hasPressure ? 0.55 : 0,
    smoothing: 0.5,
    streamline: 0,
    simulatePressure: false,
    last: isWhole,
  }) as Pair[];
};

/** What draws a closed outline with rounded corners; a Path2D does, and so does a text of SVG. */
export interface Pencil {
  moveTo(x: number, y: number): void;
  quadraticCurveTo(cx: number, cy: number, x: number, y: number): void;
  closePath(): void;
}

export const traceOutline = (pencil: Pencil, outline: readonly Pair[]): void => {
  const [first, second] = outline;
  if (!first || !second) return;
  pencil.moveTo((first[0] + second[0]) / 2, (first[1] + second[1]) / 2);
  for (let i = 1; i <= outline.length; i++) {
    const [x, y] = outline[i % outline.length] ?? first;
    const [nx, ny] = outline[(i + 1) % outline.length] ?? first;
    pencil.quadraticCurveTo(x, y, (x + nx) / 2, (y + ny) / 2);
  }
  pencil.closePath();
};

/** The two ends of an arrow's head; its tip is the line's end. */
export const arrowBarbs = (line: Line): [Pair, Pair] => {
  const angle = Math.atan2(line.to[1] - line.from[1], line.to[0] - line.from[0]);
  const length = arrowHead(line);
  const barb = (turn: number): Pair => [
    line.to[0] - Math.cos(angle + turn) * length,
    line.to[1] - Math.sin(angle + turn) * length,
  ];
  return [barb(0.45), barb(-0.45)];
};

export const CORNER = 6; // radius of a rectangle's corners, at most a quarter of its side
export const cornerOf = (w: number, h: number): number => Math.min(CORNER, w / 4, h / 4);
export const HIGHLIGHT_ALPHA = 0.38;
export const SOFT_ALPHA = 0.18;
