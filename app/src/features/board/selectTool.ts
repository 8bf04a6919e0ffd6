// Choosing, moving and resizing. What a press begins depends on where it falls: on a handle of the
// selection, on the selection, on a shape, or on nothing.
import { boxOf, frameOf, isIn, grown, moved, scaled, touches, union, type Box } from './geometry';
import { handleAt, handlesOf, pulled, type Handle } from './handles';
import { isLine, isWritten, type Line, type Pair, type Shape } from './ops';
import { newText } from './textTool';
import type { Desk, Press, Tool } from './tools';

const REACH = 6; // pixels
const SHORT = 3; // pixels: a click, not a way

type Doing =
  | { kind: 'move'; from: Press; shapes: Shape[] }
  | { kind: 'resize'; handle: Handle; box: Box; shapes: Shape[] }
  | { kind: 'bend'; end: 'from' | 'to'; line: Line }
  | { kind: 'marquee'; from: Press; kept: readonly string[] };

export const selectedShapes = (desk: Desk): Shape[] =>
  desk.selection().flatMap((id) => desk.scene.shape(id) ?? []);

const frameOfAll = (shapes: readonly Shape[]): Box | null => union(shapes.map(frameOf));

const onlyLine = (shapes: readonly Shape[]): Line | null => {
  const [first] = shapes;
  if (shapes.length !== 1 || !first) return null;
  return isLine(first) ? first : null;
};

const endAt = (line: Line, x: number, y: number, reach: number): 'from' | 'to' | null => {
  const isNear = ([px, py]: Pair): boolean => Math.hypot(px - x, py - y) <= reach;
  if (isNear(line.to)) return 'to';
  return isNear(line.from) ? 'from' : null;
};

/** What the shapes become while the pointer is at `press`. */
const changed = (doing: Doing, press: Press): Shape[] => {
  if (doing.kind === 'move') {
    const [dx, dy] = [press.x - doing.from.x, press.y - doing.from.y];
    return doing.shapes.map((shape) => moved(shape, dx, dy));
  }
  if (doing.kind === 'resize') {
    const isRigid = doing.shapes.every((s) => s.type === 'image' || s.type === 'text');
    const box = pulled(doing.box, doing.handle, press.x, press.y, press.shift !== isRigid);
    return doing.shapes.map((shape) => scaled(shape, doing.box, box));
  }
  if (doing.kind === 'bend') return [{ ...doing.line, [doing.end]: [press.x, press.y] }];
  return [];
};

/** What a press on the selection begins, if it is on it. */
const onSelection = (desk: Desk, press: Press): Doing | null => {
  const shapes = selectedShapes(desk);
  const frame = frameOfAll(shapes);
  if (!frame) return null;
  const line = onlyLine(shapes);
  const reach = (REACH * 1.5) / desk.zoom();
  const end = line && endAt(line, press.x, press.y, reach);
  if (line && end) return { kind: 'bend', end, line };
  const handle = line ? null : handleAt(handlesOf(frame, desk.zoom()), press.x, press.y, reach);
  if (handle) return { kind: 'resize', handle, box: frame, shapes };
  const isOn = shapes.length > 1 && isIn(grown(frame, REACH / desk.zoom()), press.x, press.y);
  return isOn && !press.shift ? { kind: 'move', from: press, shapes } : null;
};

const onShape = (desk: Desk, press: Press): Doing | null => {
  const item = desk.scene.top(press.x, press.y, REACH / desk.zoom(), desk.mayEdit);
  if (!item) return null;
  const chosen = desk.selection();
  const { id } = item.op;
  if (press.shift)
    desk.select(chosen.includes(id) ? chosen.filter((each) => each !== id) : [...chosen, id]);
  else if (!chosen.includes(id)) desk.select([id]);
  return { kind: 'move', from: press, shapes: selectedShapes(desk) };
};

const onNothing = (desk: Desk, press: Press): Doing => {
  const other = desk.scene.top(press.x, press.y, REACH / desk.zoom());
  if (other) desk.refuse(other);
  const kept = press.shift ? desk.selection() : [];
  desk.select(kept);
  return { kind: 'marquee', from: press, kept };
};

/** A second press opens a text, or begins one where nothing is. */
const open = (desk: Desk, press: Press): boolean => {
  const item = desk.scene.top(press.x, press.y, REACH / desk.zoom(), desk.mayEdit);
  if (!item) desk.edit(newText(desk, [press.x, press.y]), true);
  else if (isWritten(item.shape)) desk.edit(item.shape, false);
  else return false;
  return true;
};

const chooseIn = (desk: Desk, box: Box, kept: readonly string[]): void => {
  desk.marquee(box);
  const inside = desk.scene.items.filter(
    (item) => item.box && touches(item.box, box) && desk.mayEdit(item),
  );
  desk.select([...new Set([...kept, ...inside.map(({ op }) => op.id)])]);
};

const lookAt = (desk: Desk, x: number, y: number): string => {
  const press = { x, y, pressure: null, shift: false, at: 0, isDouble: false };
  const found = onSelection(desk, press);
  if (found?.kind === 'resize') return `${found.handle}-resize`;
  if (found?.kind === 'bend') return 'crosshair';
  if (found) return 'move';
  return desk.scene.top(x, y, REACH / desk.zoom(), desk.mayEdit) ? 'move' : 'default';
};

export const selectTool = (desk: Desk): Tool => {
  let doing: Doing | null = null;
  let result: Shape[] | null = null; // once it has really moved
  let start: Press | null = null;

  const end = (): void => {
    doing = result = start = null;
    desk.marquee(null);
    desk.fade([], 1);
    desk.draft([]);
  };

  return {
    down(press) {
      start = press;
      if (press.isDouble && open(desk, press)) return end();
      doing = onSelection(desk, press) ?? onShape(desk, press) ?? onNothing(desk, press);
    },
    move(presses) {
      const press = presses.at(-1);
      if (!press || !doing || !start) return;
      const way = Math.hypot(press.x - start.x, press.y - start.y) * desk.zoom();
      if (!result && way < SHORT && doing.kind !== 'marquee') return;
      if (doing.kind === 'marquee') {
        chooseIn(desk, boxOf([doing.from.x, doing.from.y], [press.x, press.y]), doing.kept);
        return;
      }
      result = changed(doing, press);
      desk.fade(
        result.map(({ id }) => id),
        0,
      );
      desk.draft(result);
    },
    up() {
      const shapes = result;
      end();
      if (shapes) desk.record(desk.apply(shapes.filter(({ id }) => desk.scene.find(id))));
    },
    cancel: end,
    hover: (x, y) => lookAt(desk, x, y),
  };
};
