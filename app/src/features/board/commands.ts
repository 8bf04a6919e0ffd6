// What one does with the selection, by key, menu or button.
import { newId } from '~/lib/ids';
import { isWritten, type Shape } from './ops';
import { moved } from './geometry';
import { measure } from './draw';
import { sizeOfText } from './textLayout';
import type { Board } from './engine';
import { strokeWidth, type Style } from './tools';

const CLONE_STEP = 24;

export const selectAll = (board: Board): void => {
  const { desk, scene } = board;
  board.selectTool('select');
  const mine = scene.items.filter((item) => item.shape && desk.mayEdit(item));
  desk.select(mine.map(({ op }) => op.id));
};

export const removeSelected = (board: Board): number => {
  const ids = board.selected().map(({ id }) => id);
  board.desk.record(board.desk.apply([], ids));
  return ids.length;
};

/** Puts shapes on the board as new ones, and selects them. */
export const addShapes = (board: Board, shapes: readonly Shape[]): void => {
  const fresh = shapes.map(({ by: _, ...shape }) => ({ ...shape, id: newId() }) as Shape);
  board.desk.record(board.desk.apply(fresh));
  board.selectTool('select');
  board.desk.select(fresh.map(({ id }) => id));
};

export const duplicateSelected = (board: Board): void =>
  addShapes(
    board,
    board.selected().map((shape) => moved(shape, CLONE_STEP, CLONE_STEP)),
  );

export const nudge = (board: Board, dx: number, dy: number): void => {
  const shapes = board.selected().map((shape) => moved(shape, dx, dy));
  board.desk.record(board.desk.apply(shapes));
};

/** The board's order is that of drawing: taken off and drawn again, a shape is uppermost. */
export const bringToFront = (board: Board): void => {
  const shapes = board.selected();
  const ids = shapes.map(({ id }) => id);
  board.desk.apply([], ids);
  board.desk.apply(shapes);
  board.desk.select(ids);
};

/** Texts are as large as their letters make them. */
export const fittedText = (shape: Shape): Shape =>
  shape.type === 'text'
    ? { ...shape, ...sizeOfText(shape.text, shape.size, shape.font, measure) }
    : shape;

const restyled = (shape: Shape, style: Partial<Style>, color: string | undefined): Shape => {
  const next = { ...shape };
  if (color !== undefined) next.color = color;
  if (style.width !== undefined && 'width' in next)
    next.width = next.type === 'stroke' ? strokeWidth(next.kind, style.width) : style.width;
  if (style.fill !== undefined && 'fill' in next) next.fill = style.fill;
  if (!isWritten(next)) return next;
  if (style.size !== undefined) next.size = style.size;
  if (style.font !== undefined) next.font = style.font;
  return fittedText(next);
};

/** For what is drawn next, and for what is selected. */
export const setStyle = (board: Board, style: Partial<Style>): void => {
  board.setStyle(style);
  const color = style.ink ?? style.marker ?? style.note;
  const shapes = board.selected();
  if (shapes.length === 0) return;
  board.desk.record(board.desk.apply(shapes.map((shape) => restyled(shape, style, color))));
};
