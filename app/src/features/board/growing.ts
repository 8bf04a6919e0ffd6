// A stroke that grows, drawn at each frame. Only its end is new: what lies before is outlined once,
// piece by piece. Pieces share a point, and being round at their ends they join.
import { shown } from './colors';
import type { Ink, Look } from './draw';
import type { Stroke } from './ops';
import { HIGHLIGHT_ALPHA, outlineOf, traceOutline } from './outline';

const PIECE = 48; // points
const MOST = 40; // strokes that are remembered

interface Grown {
  done: number; // points in finished pieces
  path: Path2D; // all of these
  pieces: Path2D[];
}

const strokes = new Map<string, Grown>(); // by id, the newest last

const grownOf = ({ id, points }: Stroke): Grown => {
  let grown = strokes.get(id);
  if (!grown || grown.done > points.length) {
    strokes.delete(id);
    grown = { done: 0, path: new Path2D(), pieces: [] };
    strokes.set(id, grown);
    const [oldest] = strokes.keys();
    if (strokes.size > MOST && oldest !== undefined) strokes.delete(oldest);
  }
  return grown;
};

const outlined = (stroke: Stroke, from: number, to?: number): Path2D => {
  const path = new Path2D();
  traceOutline(path, outlineOf({ ...stroke, points: stroke.points.slice(from, to) }));
  return path;
};

/** Points are only ever added to the stroke of an id. */
export const drawGrowing = (ink: Ink, stroke: Stroke, { isDark }: Look): void => {
  const grown = grownOf(stroke);
  while (stroke.points.length - grown.done > PIECE + 1) {
    const piece = outlined(stroke, grown.done, grown.done + PIECE + 1);
    grown.pieces.push(piece);
    grown.path.addPath(piece);
    grown.done += PIECE;
  }
  const end = outlined(stroke, grown.done);
  ink.fillStyle = shown(stroke.color, isDark);
  if (stroke.kind === 'pen') {
    for (const piece of grown.pieces) ink.fill(piece);
    ink.fill(end);
    return;
  }
  const whole = new Path2D(grown.path); // one fill: where pieces meet, ink is no thicker
  whole.addPath(end);
  ink.globalAlpha = HIGHLIGHT_ALPHA;
  ink.fill(whole);
  ink.globalAlpha = 1;
};
