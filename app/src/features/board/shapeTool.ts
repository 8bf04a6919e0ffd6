// Lines, arrows, rectangles, ellipses: from where one presses to where one lets go. A press without
// a way gives a shape of a common size.
import { newId } from '~/lib/ids';
import { boxOf, rounded, snapped, squared } from './geometry';
import type { Line, Outline, Pair } from './ops';
import type { Desk, Press, Tool } from './tools';

const SHORT = 4; // pixels: not a way
const COMMON: Pair = [160, 100];

type Kind = Line['type'] | Outline['type'];

const isLineKind = (kind: Kind): kind is Line['type'] => kind === 'line' || kind === 'arrow';

export const shapeTool = (desk: Desk, kind: Kind): Tool => {
  let from: Pair | null = null;
  let id = '';

  const shapeTo = (start: Pair, press: Press): Line | Outline => {
    const { ink, width, fill } = desk.style();
    const zoom = desk.zoom();
    const free: Pair = [press.x, press.y];
    const round = ([x, y]: Pair): Pair => [rounded(x, zoom), rounded(y, zoom)];
    if (isLineKind(kind)) {
      const to = press.shift ? snapped(start, free) : free;
      return { id, type: kind, color: ink, width, from: round(start), to: round(to) };
    }
    const box = boxOf(round(start), round(press.shift ? squared(start, free) : free));
    return { id, type: kind, color: ink, width, fill, ...box };
  };

  const end = (): void => {
    from = null;
    desk.draft([]);
  };

  return {
    down(press) {
      from = [press.x, press.y];
      id = newId();
    },
    move(presses) {
      const press = presses.at(-1);
      if (from && press) desk.draft([shapeTo(from, press)]);
    },
    up(press) {
      if (!from) return;
      const way = Math.hypot(press.x - from[0], press.y - from[1]) * desk.zoom();
      const [w, h] = COMMON;
      const start: Pair = way < SHORT ? [from[0] - w / 2, from[1] - h / 2] : from;
      const to = way < SHORT ? { ...press, x: start[0] + w, y: start[1] + h } : press;
      desk.record(desk.apply([shapeTo(start, to)]));
      const made = id;
      end();
      desk.selectTool('select');
      desk.select([made]);
    },
    cancel: end,
  };
};
