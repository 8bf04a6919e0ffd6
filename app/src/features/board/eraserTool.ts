// The eraser takes whole shapes, those that one may change. What it has touched is pale until one
// lets go.
import type { Desk, Press, Tool } from './tools';

const REACH = 6; // pixels
const PALE = 0.2;

export const eraserTool = (desk: Desk): Tool => {
  let last: Press | null = null;
  const touched = new Set<string>();

  const touch = (x: number, y: number): void => {
    for (const item of desk.scene.all(x, y, REACH / desk.zoom()))
      if (desk.mayEdit(item)) touched.add(item.op.id);
  };

  /** Along the way from the last place, so that quick hands miss nothing. */
  const wipe = (press: Press): void => {
    const from = last ?? press;
    const [dx, dy] = [press.x - from.x, press.y - from.y];
    const steps = Math.min(200, Math.ceil((Math.hypot(dx, dy) * desk.zoom()) / REACH));
    for (let i = 0; i <= steps; i++) {
      const share = steps === 0 ? 1 : i / steps;
      touch(from.x + dx * share, from.y + dy * share);
    }
    last = press;
    desk.fade(touched, PALE);
  };

  const end = (): void => {
    last = null;
    touched.clear();
    desk.fade([], 1);
  };

  return {
    down: wipe,
    move(presses) {
      if (last) for (const press of presses) wipe(press);
    },
    up() {
      if (!last) return;
      const ids = [...touched];
      end();
      desk.record(desk.apply([], ids));
    },
    cancel: end,
    hover: () => 'cell',
  };
};
