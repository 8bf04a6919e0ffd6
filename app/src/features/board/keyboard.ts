// Drawing by keys: a cross that arrows move, and Space or Enter for pressing and letting go.
import { announce } from '~/ui';
import { t } from '~/text';
import type { Board } from './engine';
import { nudge } from './commands';
import type { Pair } from './ops';
import type { Press } from './tools';
import { toBoard, toScreen, type View } from './view';

const STEP = 12; // pixels
const BIG_STEP = 60;
const NUDGE = 1; // of the board
const BIG_NUDGE = 10;
const MARGIN = 24; // pixels: closer to the edge the view goes along

const WAYS: Record<string, Pair> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export interface KeyDown {
  key: string;
  shiftKey: boolean;
  repeat: boolean;
}

export class Keyboard {
  #board: Board;
  #isPressed = false;

  constructor(board: Board) {
    this.#board = board;
  }

  /** Whether the key meant something to the canvas. */
  key({ key, shiftKey, repeat }: KeyDown): boolean {
    const way = WAYS[key];
    const { cross } = this.#board;
    if (way && cross) this.#move(way, shiftKey);
    else if (way && this.#board.state.get().selection.length > 0) {
      const by = shiftKey ? BIG_NUDGE : NUDGE;
      nudge(this.#board, way[0] * by, way[1] * by);
    } else if (way) this.#start();
    else if ((key === 'Enter' || (key === ' ' && cross)) && !repeat) this.#enter(shiftKey);
    else return false;
    return true;
  }

  /** Ends what is being drawn, then the cross, then the selection. */
  escape(): void {
    const board = this.#board;
    if (this.#isPressed) {
      board.tool.cancel();
      this.#isPressed = false;
      announce(t('board.keyGivenUp'));
    } else if (board.cross) {
      board.cross = null;
      announce(t('board.keyOff'));
    } else {
      board.tool.cancel();
      if (board.state.get().selection.length > 0) board.desk.select([]);
      else board.selectTool('select');
    }
    board.request();
  }

  /** The focus has gone elsewhere. */
  leave(): void {
    if (this.#isPressed) this.#board.tool.cancel();
    this.#isPressed = false;
    this.#board.cross = null;
    this.#board.request();
  }

  #start(): void {
    this.#board.cross = this.#board.centre();
    this.#board.request();
    announce(t('board.keyOn'));
  }

  #move([dx, dy]: Pair, isBig: boolean): void {
    const board = this.#board;
    if (!board.cross) return;
    const by = (isBig ? BIG_STEP : STEP) / board.state.get().view.zoom;
    const [x, y] = board.cross;
    board.cross = [x + dx * by, y + dy * by];
    this.#follow();
    board.presence.point(board.cross);
    if (this.#isPressed) board.tool.move([this.#press(false)]);
    board.request();
  }

  /** The cross stays in sight. */
  #follow(): void {
    const { view } = this.#board.state.get();
    const { width, height } = this.#board.size;
    const [x, y] = toScreen(view, ...(this.#board.cross ?? [0, 0]));
    const beyond = (at: number, side: number): number =>
      Math.min(0, at - MARGIN) + Math.max(0, at - side + MARGIN);
    const [dx, dy] = [beyond(x, width), beyond(y, height)];
    if (dx === 0 && dy === 0) return;
    const [left, top] = toBoard(view, dx, dy);
    const next: View = { ...view, x: left, y: top };
    this.#board.setView(next);
  }

  #enter(shift: boolean): void {
    const board = this.#board;
    if (!board.cross) {
      this.#start();
      return;
    }
    if (!this.#isPressed) {
      board.tool.down(this.#press(shift));
      this.#isPressed = true;
      const isAtOnce = ['text', 'note', 'image'].includes(board.state.get().tool);
      if (!isAtOnce) return announce(t('board.keyDown'));
    }
    this.#isPressed = false;
    board.tool.up(this.#press(shift));
    announce(t('board.keyUp'));
  }

  #press(shift: boolean): Press {
    const [x, y] = this.#board.cross ?? this.#board.centre();
    return { x, y, pressure: 0.5, shift, at: performance.now(), isDouble: false };
  }
}
