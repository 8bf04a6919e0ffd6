// Pen, finger and mouse on the canvas. One finger draws, two pan and zoom; where a pen was seen,
// fingers only pan, so that a hand may lie on the glass. The middle button and the space bar pan
// too.
import type { Board } from './engine';
import type { Pair } from './ops';
import type { Press } from './tools';
import { panned, toBoard, zoomedAt } from './view';

const WHEEL_ZOOM = 0.0022; // a step of the wheel of 100 is a quarter more
const MAX_WHEEL = 60;
const LINE_PIXELS = 16; // wheels that count in lines
const DOUBLE_MS = 350;
const DOUBLE_PIXELS = 8;

interface Finger {
  at: Pair; // of the canvas, in pixels
  type: string;
}

interface Click {
  time: number;
  at: Pair;
}

export class Input {
  isSpaceHeld = false;
  #board: Board;
  #canvas: HTMLCanvasElement;
  #fingers = new Map<number, Finger>();
  #doing: 'nothing' | 'tool' | 'pan' | 'pinch' = 'nothing';
  #pointer = -1; // whose the tool is
  #hasPen = false;
  #click: Click = { time: 0, at: [0, 0] };
  #abort = new AbortController();

  constructor(board: Board, canvas: HTMLCanvasElement) {
    this.#board = board;
    this.#canvas = canvas;
    const options = { signal: this.#abort.signal };
    canvas.addEventListener('pointerdown', (event) => this.#down(event), options);
    canvas.addEventListener('pointermove', (event) => this.#move(event), options);
    canvas.addEventListener('pointerup', (event) => this.#up(event), options);
    canvas.addEventListener('pointercancel', (event) => this.#cancel(event), options);
    canvas.addEventListener('wheel', (event) => this.#wheel(event), { ...options, passive: false });
    canvas.addEventListener('contextmenu', (event) => event.preventDefault(), options);
  }

  close(): void {
    this.#abort.abort();
  }

  /** Where the canvas is meant; the transform of a window that moves is in it. */
  #place(event: { clientX: number; clientY: number }): Pair {
    const { left, top } = this.#canvas.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  }

  #press(event: PointerEvent, isDouble = false): Press {
    const [x, y] = toBoard(this.#board.state.get().view, ...this.#place(event));
    const isPen = event.pointerType === 'pen' && event.pressure > 0;
    return {
      x,
      y,
      pressure: isPen ? event.pressure : null,
      shift: event.shiftKey,
      at: event.timeStamp,
      isDouble,
    };
  }

  #wantsPan(event: PointerEvent): boolean {
    if (event.button === 1 || this.isSpaceHeld) return true;
    if (this.#board.state.get().tool === 'hand') return true;
    return event.pointerType === 'touch' && this.#hasPen;
  }

  #down(event: PointerEvent): void {
    this.#canvas.dataset['pointed'] = ''; // no focus ring for those who see where they are
    this.#canvas.focus({ preventScroll: true });
    if (event.button > 1) return;
    event.preventDefault();
    this.#hasPen ||= event.pointerType === 'pen';
    this.#canvas.setPointerCapture(event.pointerId);
    this.#fingers.set(event.pointerId, { at: this.#place(event), type: event.pointerType });
    if (this.#fingers.size === 2 && this.#doing !== 'pinch') {
      if (this.#doing === 'tool') this.#board.tool.cancel();
      this.#doing = 'pinch';
    } else if (this.#doing !== 'nothing') return;
    else if (this.#wantsPan(event)) this.#startPan();
    else this.#startTool(event);
  }

  #startPan(): void {
    this.#doing = 'pan';
    this.#canvas.style.cursor = 'grabbing';
  }

  #startTool(event: PointerEvent): void {
    this.#doing = 'tool';
    this.#pointer = event.pointerId;
    this.#board.cross = null;
    const at = this.#place(event);
    const before = this.#click;
    const isNear = Math.hypot(at[0] - before.at[0], at[1] - before.at[1]) < DOUBLE_PIXELS;
    const isDouble = isNear && event.timeStamp - before.time < DOUBLE_MS;
    this.#click = { time: isDouble ? 0 : event.timeStamp, at };
    this.#board.tool.down(this.#press(event, isDouble));
  }

  #move(event: PointerEvent): void {
    const finger = this.#fingers.get(event.pointerId);
    const at = this.#place(event);
    this.#board.presence.point(toBoard(this.#board.state.get().view, ...at));
    if (!finger) return this.#hover(event);
    if (this.#doing === 'tool' && event.pointerId === this.#pointer) {
      const events = event.getCoalescedEvents?.() ?? [];
      this.#board.tool.move((events.length > 0 ? events : [event]).map((e) => this.#press(e)));
    } else if (this.#doing === 'pan') {
      const [dx, dy] = [at[0] - finger.at[0], at[1] - finger.at[1]];
      this.#board.setView(panned(this.#board.state.get().view, dx, dy));
    } else if (this.#doing === 'pinch') this.#pinch(event.pointerId, at);
    finger.at = at;
  }

  #hover(event: PointerEvent): void {
    const { tool } = this.#board;
    const { x, y } = this.#press(event);
    const isPanning = this.isSpaceHeld;
    this.#canvas.style.cursor = isPanning ? 'grab' : (tool.hover?.(x, y) ?? 'crosshair');
  }

  /** What is between the two fingers stays between them. */
  #pinch(pointerId: number, at: Pair): void {
    const [one, two] = [...this.#fingers.entries()];
    if (!one || !two) return;
    const [moving, still] = one[0] === pointerId ? [one[1], two[1]] : [two[1], one[1]];
    if (moving !== this.#fingers.get(pointerId)) return;
    const apart = (a: Pair): number => Math.hypot(a[0] - still.at[0], a[1] - still.at[1]);
    const middle = (a: Pair): Pair => [(a[0] + still.at[0]) / 2, (a[1] + still.at[1]) / 2];
    const [before, after] = [middle(moving.at), middle(at)];
    const { view } = this.#board.state.get();
    const shifted = panned(view, after[0] - before[0], after[1] - before[1]);
    const zoom = (view.zoom * Math.max(1, apart(at))) / Math.max(1, apart(moving.at));
    this.#board.setView(zoomedAt(shifted, zoom, ...after));
  }

  #up(event: PointerEvent): void {
    if (!this.#fingers.delete(event.pointerId)) return;
    if (this.#doing === 'tool' && event.pointerId === this.#pointer) {
      this.#board.tool.up(this.#press(event));
      this.#doing = 'nothing';
    }
    this.#rest(event);
  }

  #cancel(event: PointerEvent): void {
    if (!this.#fingers.delete(event.pointerId)) return;
    if (this.#doing === 'tool' && event.pointerId === this.#pointer) this.#board.tool.cancel();
    this.#rest(event);
  }

  #rest(event: PointerEvent): void {
    if (this.#fingers.size > 0) return; // a pinch ends with its last finger: none may draw
    this.#doing = 'nothing';
    if (event.pointerType !== 'touch') this.#hover(event);
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PIXELS : 1;
    const { view } = this.#board.state.get();
    if (event.ctrlKey || event.metaKey) {
      const delta = Math.min(MAX_WHEEL, Math.max(-MAX_WHEEL, event.deltaY * unit));
      const zoom = view.zoom * Math.exp(-delta * WHEEL_ZOOM * 2);
      this.#board.setView(zoomedAt(view, zoom, ...this.#place(event)));
      return;
    }
    const [dx, dy] = event.shiftKey ? [event.deltaY, event.deltaX] : [event.deltaX, event.deltaY];
    this.#board.setView(panned(view, -dx * unit, -dy * unit));
  }
}
