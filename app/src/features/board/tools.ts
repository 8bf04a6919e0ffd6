// What the tools share: how a press of pen, finger, mouse or key comes to them, and what they may
// do with the board. Each tool is a small machine: down, move, up, or cancel.
import type { Box } from './geometry';
import type { Fill, Font, Note, Pair, Shape, Stroke, Text } from './ops';
import type { Change } from './history';
import type { Item, Scene } from './scene';

export const TOOLS = [
  'select',
  'hand',
  'pen',
  'highlighter',
  'line',
  'arrow',
  'rect',
  'ellipse',
  'text',
  'note',
  'image',
  'eraser',
] as const;
export type ToolName = (typeof TOOLS)[number];

export interface Style {
  ink: string;
  marker: string; // the highlighter's colour
  note: string;
  width: number;
  fill: Fill;
  size: number; // of letters
  font: Font;
}

export const WIDTHS = [2, 4, 8, 16] as const;
export const SIZES = [16, 24, 36, 60] as const;

/** What a chosen width comes to in a stroke. */
export const strokeWidth = (kind: Stroke['kind'], width: number): number =>
  width * (kind === 'pen' ? 1.4 : 5);

export interface Press {
  x: number; // of the board
  y: number;
  pressure: number | null; // null: the device knows none
  shift: boolean;
  at: number; // ms
  isDouble: boolean;
}

export interface Desk {
  readonly scene: Scene;
  zoom(): number;
  style(): Style;
  mayEdit(item: Item): boolean;
  /** Says why this is not to be changed. */
  refuse(item: Item): void;

  /** Shapes that are not on the board yet: shown, and the first one told to the others. */
  draft(shapes: readonly Shape[]): void;
  fade(ids: Iterable<string>, alpha: number): void;
  marquee(box: Box | null): void;

  /** Does it, and gives what is needed to undo it. */
  apply(put: readonly Shape[], remove?: readonly string[]): Change[];
  record(changes: readonly Change[]): void;

  selection(): readonly string[];
  select(ids: readonly string[]): void;
  selectTool(tool: ToolName): void;
  edit(shape: Text | Note, isNew: boolean): void;
  addImage(at: Pair): void;
}

export interface Tool {
  down(press: Press): void;
  move(presses: readonly Press[]): void;
  up(press: Press): void;
  cancel(): void;
  /** The pointer's look over the board. */
  hover?(x: number, y: number): string;
}
