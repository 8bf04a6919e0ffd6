// What React shows of the board, and how it begins: with the look that was chosen last.
import { recall } from '~/lib/storage';
import { isColor, PALETTE } from './colors';
import type { Note, Text } from './ops';
import { BACKGROUNDS, type Background } from './paper';
import { SIZES, WIDTHS, type Style, type ToolName } from './tools';
import type { View } from './view';

export interface Editing {
  shape: Text | Note;
  isNew: boolean;
}

export interface BoardState {
  tool: ToolName;
  style: Style;
  view: View;
  background: Background;
  selection: readonly string[];
  editing: Editing | null;
  canUndo: boolean;
  canRedo: boolean;
  version: number; // counts the changes of what is on the board
  isEmpty: boolean;
}

const YELLOW = '#dba815';

/** What is kept may be of an older version, or anybody's. */
const keptStyle = (): Style => {
  const kept = recall<Partial<Record<keyof Style, unknown>>>('board.style', {});
  const color = (value: unknown, otherwise: string): string => (isColor(value) ? value : otherwise);
  const one = <T>(choices: readonly T[], value: unknown, otherwise: T): T =>
    choices.find((choice) => choice === value) ?? otherwise;
  return {
    ink: color(kept.ink, PALETTE[0].hex),
    marker: color(kept.marker, YELLOW),
    note: color(kept.note, YELLOW),
    width: one<number>(WIDTHS, kept.width, 4),
    fill: one(['none', 'soft', 'solid'] as const, kept.fill, 'none'),
    size: one<number>(SIZES, kept.size, 24),
    font: one(['sans', 'serif', 'mono'] as const, kept.font, 'sans'),
  };
};

export const startState = (): BoardState => {
  const background = recall<Background>('board.background', 'dots');
  return {
    tool: 'pen',
    style: keptStyle(),
    view: { x: 0, y: 0, zoom: 1 },
    background: BACKGROUNDS.includes(background) ? background : 'dots',
    selection: [],
    editing: null,
    canUndo: false,
    canRedo: false,
    version: 0,
    isEmpty: true,
  };
};
