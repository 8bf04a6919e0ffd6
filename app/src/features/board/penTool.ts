// The pen and the highlighter. What comes from the hand is smoothed a little and thinned out; a
// stroke that gets long goes to the board in parts, so that no op is too large and little is lost
// with a tab.
import { newId } from '~/lib/ids';
import { rounded, simplified } from './geometry';
import type { Change } from './history';
import { MAX_STROKE_POINTS, type Pair, type Point, type Stroke } from './ops';
import { strokeWidth, type Desk, type Press, type Tool } from './tools';

const SMOOTHING = 0.35; // how far a point stays behind the hand
const NEAR = 0.9; // pixels: closer points say nothing
const TOLERANCE = 0.3; // pixels, when points are thinned out
const FAST = 3.5; // pixels a millisecond: where a mouse draws its thinnest line

/** Points of one stroke as the hand makes them. */
interface Hand {
  last: Press;
  pressure: number;
}

const round2 = (value: number): number => Math.round(value * 100) / 100;

/** A mouse has no pressure: slow is thick. */
const pressureOf = (press: Press, hand: Hand, zoom: number): number => {
  if (press.pressure !== null) return press.pressure;
  const { last, pressure } = hand;
  const distance = Math.hypot(press.x - last.x, press.y - last.y) * zoom;
  const speed = distance / Math.max(1, press.at - last.at);
  const wanted = 0.62 - 0.4 * Math.min(1, speed / FAST);
  return pressure + (wanted - pressure) * 0.2;
};

const finished = (stroke: Stroke, zoom: number): Stroke => {
  const points = simplified(stroke.points, TOLERANCE / zoom, stroke.width);
  const round = ([x, y, pressure]: Point): Point =>
    pressure === undefined
      ? [rounded(x, zoom), rounded(y, zoom)]
      : [rounded(x, zoom), rounded(y, zoom), round2(pressure)];
  return { ...stroke, points: points.map(round) };
};

const pointOf = (kind: Stroke['kind'], at: Pair, pressure: number): Point =>
  kind === 'pen' ? [...at, round2(pressure)] : at;

const begun = (desk: Desk, kind: Stroke['kind'], points: Point[]): Stroke => {
  const style = desk.style();
  const color = kind === 'pen' ? style.ink : style.marker;
  const width = strokeWidth(kind, style.width);
  return { id: newId(), type: 'stroke', kind, color, width, points };
};

export const penTool = (desk: Desk, kind: Stroke['kind']): Tool => {
  let stroke: Stroke | null = null;
  let hand: Hand | null = null;
  let changes: Change[] = []; // of the parts that are on the board already

  const add = (press: Press, isLast: boolean): void => {
    const before = stroke?.points.at(-1);
    if (!stroke || !hand || !before) return;
    const stay = isLast ? 0 : SMOOTHING;
    const at: Pair = [
      press.x + (before[0] - press.x) * stay,
      press.y + (before[1] - press.y) * stay,
    ];
    const zoom = desk.zoom();
    if (Math.hypot(at[0] - before[0], at[1] - before[1]) * zoom < NEAR) return;
    const pressure = pressureOf(press, hand, zoom);
    hand = { last: press, pressure };
    stroke = { ...stroke, points: [...stroke.points, pointOf(kind, at, pressure)] };
    if (stroke.points.length < MAX_STROKE_POINTS) return;
    changes.push(...desk.apply([finished(stroke, zoom)]));
    stroke = begun(desk, kind, stroke.points.slice(-2));
  };

  const end = (): void => {
    stroke = hand = null;
    changes = [];
    desk.draft([]);
  };

  return {
    down(press) {
      const pressure = press.pressure ?? 0.5;
      hand = { last: press, pressure };
      stroke = begun(desk, kind, [pointOf(kind, [press.x, press.y], pressure)]);
      desk.draft([stroke]);
    },
    move(presses) {
      for (const press of presses) add(press, false);
      if (stroke) desk.draft([stroke]);
    },
    up(press) {
      add(press, true);
      if (stroke) changes.push(...desk.apply([finished(stroke, desk.zoom())]));
      desk.record(changes);
      end();
    },
    cancel() {
      const ids = changes.map(({ id }) => id);
      end();
      if (ids.length > 0) desk.apply([], ids);
    },
  };
};
