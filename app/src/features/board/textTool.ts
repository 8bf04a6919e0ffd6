// Texts, sticky notes and pictures: placed with one press. A text that is there already is opened.
import { newId } from '~/lib/ids';
import { rounded } from './geometry';
import { LINE_HEIGHT, type Note, type Pair, type Text } from './ops';
import type { Desk, Press, Tool } from './tools';

const NOTE_SIDE = 200;

export const newText = (desk: Desk, [x, y]: Pair): Text => {
  const { ink, size, font } = desk.style();
  const top = y - (size * LINE_HEIGHT) / 2;
  return {
    id: newId(),
    type: 'text',
    color: ink,
    ...{ x: rounded(x), y: rounded(top), w: 1, h: size * LINE_HEIGHT },
    ...{ text: '', size, font },
  };
};

const newNote = (desk: Desk, [x, y]: Pair): Note => {
  const { note, size, font } = desk.style();
  const half = NOTE_SIDE / 2;
  return {
    id: newId(),
    type: 'note',
    color: note,
    ...{ x: rounded(x - half), y: rounded(y - half), w: NOTE_SIDE, h: NOTE_SIDE },
    ...{ text: '', size: Math.min(size, 36), font },
  };
};

export const textTool = (desk: Desk, kind: 'text' | 'note'): Tool => {
  let press: Press | null = null;
  const isText = (shape: unknown): shape is Text | Note =>
    (shape as Text | Note | null)?.type === kind;
  return {
    down: (at) => void (press = at),
    move: () => {},
    up() {
      if (!press) return;
      const at: Pair = [press.x, press.y];
      press = null;
      const there = desk.scene.top(...at, 2, (item) => isText(item.shape) && desk.mayEdit(item));
      desk.selectTool('select');
      if (isText(there?.shape)) desk.edit(there.shape, false);
      else desk.edit(kind === 'text' ? newText(desk, at) : newNote(desk, at), true);
    },
    cancel: () => void (press = null),
    hover: () => (kind === 'text' ? 'text' : 'copy'),
  };
};

export const imageTool = (desk: Desk): Tool => ({
  down: () => {},
  move: () => {},
  up({ x, y }) {
    desk.selectTool('select');
    desk.addImage([x, y]);
  },
  cancel: () => {},
  hover: () => 'copy',
});
