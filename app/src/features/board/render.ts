// Two canvases on top of each other. The lower one holds the board as it is: it is drawn anew only
// where something changed. The upper one is drawn anew at each step of what is going on: the stroke
// under the pen, the selection, the others' cursors.
//
// When one pans, the lower picture is shifted, and drawn where it has come into sight. When one
// zooms over more than can be drawn in a frame, it is stretched as it is, and drawn anew at the
// end, and meanwhile as often as its cost allows: what a drawing costs shows in how long the frames
// after it take, for browsers draw later than they are told to.
import { drawDot, drawShape, isPrepared, prepare, sketchStroke, type Ink, type Look } from './draw';
import { grown, touches, type Box } from './geometry';
import { drawPaper, type Background } from './paper';
import type { Shape } from './ops';
import type { Damage, Item, Scene } from './scene';
import { boxInView, type Size, type View } from './view';

const SWIFT_MS = 10; // what is drawn so fast is drawn at each frame
const PREPARE_MS = 10; // of a frame, for outlines that are not there yet
const FRAME_MS = 17;
const WATCHED_FRAMES = 3; // after a drawing
const SETTLE_MS = 120;
const TINY = 1.5; // pixels

export interface Papers {
  scene: HTMLCanvasElement;
  live: HTMLCanvasElement;
}

export interface Surroundings extends Look {
  background: Background;
  line: string; // colour of dots and lines
}

/** How much of an item is to be seen, where that is not all: 0 hides it. */
export type Fading = ReadonlyMap<string, number>;

const inkOf = (canvas: HTMLCanvasElement): CanvasRenderingContext2D => {
  const ink = canvas.getContext('2d');
  if (!ink) throw new Error('this browser has no canvas');
  return ink;
};

export class Renderer {
  size: Size = { width: 0, height: 0 };
  #papers: Papers;
  #ink: CanvasRenderingContext2D;
  #liveInk: CanvasRenderingContext2D;
  #scene: Scene;
  #look: () => Surroundings;
  #view: View = { x: 0, y: 0, zoom: 1 };
  #drawn: View | null = null; // the view of the lower picture
  #areas: Box[] = [];
  #tops: Item[] = [];
  #isAllOld = true;
  #fading: Fading = new Map();
  #cost = 0; // of the last whole drawing, in ms
  #drawnAt = 0;
  #movedAt = 0;
  #frameAt = 0; // when the last frame began
  #watched = 0; // frames whose length still tells the cost
  #unready: Shape[] = []; // drawn as sketches
  #ratio = 1;

  constructor(papers: Papers, scene: Scene, look: () => Surroundings) {
    this.#papers = papers;
    this.#ink = inkOf(papers.scene);
    this.#liveInk = inkOf(papers.live);
    this.#scene = scene;
    this.#look = look;
  }

  setSize(size: Size, ratio: number): void {
    this.size = size;
    this.#ratio = Math.min(3, ratio);
    for (const canvas of [this.#papers.scene, this.#papers.live]) {
      canvas.width = Math.max(1, Math.round(size.width * this.#ratio));
      canvas.height = Math.max(1, Math.round(size.height * this.#ratio));
    }
    this.#isAllOld = true;
    this.setView(this.#view);
  }

  /** On whole pixels: so a picture can be shifted. */
  setView(view: View): void {
    const scale = view.zoom * this.#ratio;
    const snapped = (at: number): number => Math.round(at * scale) / scale;
    this.#view = { x: snapped(view.x), y: snapped(view.y), zoom: view.zoom };
    this.#movedAt = performance.now();
  }

  damage(damage: Damage): void {
    if (damage.kind === 'all') this.#isAllOld = true;
    else if (damage.kind === 'area') this.#areas.push(damage.box);
    else if (damage.items.length > 0) this.#tops.push(...damage.items);
  }

  fade(fading: Fading): void {
    const ids = new Set([...this.#fading.keys(), ...fading.keys()]);
    for (const id of ids) {
      const box = this.#fading.get(id) === fading.get(id) ? null : this.#scene.find(id)?.box;
      if (box) this.#areas.push(box);
    }
    this.#fading = fading;
  }

  /** Draws what is old; true: there is more to do in the next frame. */
  draw(live: (ink: CanvasRenderingContext2D) => void): boolean {
    if (this.size.width === 0) return false;
    const now = performance.now();
    this.#watchCost(now);
    this.#prepareMore(now);
    const more = this.#drawScene(now);
    const ink = this.#liveInk;
    ink.setTransform(1, 0, 0, 1, 0, 0);
    ink.clearRect(0, 0, ink.canvas.width, ink.canvas.height);
    this.#turn(ink);
    live(ink);
    return more || this.#unready.length > 0 || this.#watched > 0;
  }

  #watchCost(now: number): void {
    if (this.#watched > 0) {
      this.#cost = Math.max(this.#cost, now - this.#frameAt - FRAME_MS);
      this.#watched--;
    }
    this.#frameAt = now;
  }

  /** A few outlines at a time; when all are there, they take the sketches' place. */
  #prepareMore(now: number): void {
    if (this.#unready.length === 0) return;
    while (this.#unready.length > 0 && performance.now() - now < PREPARE_MS)
      prepare(this.#unready.pop());
    if (this.#unready.length === 0) this.#isAllOld = true;
  }

  /** To the board's coordinates. */
  #turn(ink: Ink): void {
    const { x, y, zoom } = this.#view;
    const scale = zoom * this.#ratio;
    ink.setTransform(scale, 0, 0, scale, -x * scale, -y * scale);
    ink.lineCap = ink.lineJoin = 'round';
  }

  #drawScene(now: number): boolean {
    if (this.#isAllOld || !this.#drawn) this.#drawAll(now);
    else if (this.#drawn.zoom !== this.#view.zoom) {
      if (!this.#isTime(now)) {
        this.#stretch(this.#drawn);
        return true;
      }
      this.#drawAll(now);
    } else {
      this.#shift(this.#drawn);
      this.#drawAreas();
    }
    return false;
  }

  #isTime(now: number): boolean {
    if (this.#cost < SWIFT_MS || now - this.#movedAt > SETTLE_MS) return true;
    return now - this.#drawnAt > this.#cost * 6;
  }

  /** Shows the picture of another view where it belongs in this one. */
  #stretch(from: View): void {
    const { x, y, zoom } = this.#view;
    const [dx, dy] = [(from.x - x) * zoom, (from.y - y) * zoom];
    const { style } = this.#papers.scene;
    style.transform = `translate(${dx}px, ${dy}px) scale(${zoom / from.zoom})`;
  }

  /** Moves the picture to where it belongs now; draws what comes into sight. */
  #shift(from: View): void {
    const { x, y, zoom } = this.#view;
    const scale = zoom * this.#ratio;
    const [dx, dy] = [Math.round((from.x - x) * scale), Math.round((from.y - y) * scale)];
    this.#papers.scene.style.transform = '';
    if (dx === 0 && dy === 0) return;
    this.#drawn = this.#view;
    const ink = this.#ink;
    ink.setTransform(1, 0, 0, 1, 0, 0);
    ink.globalAlpha = 1;
    ink.globalCompositeOperation = 'copy';
    ink.drawImage(ink.canvas, dx, dy);
    ink.globalCompositeOperation = 'source-over';
    const { w, h } = boxInView(this.#view, this.size);
    const [sx, sy] = [Math.min(w, Math.abs(dx) / scale), Math.min(h, Math.abs(dy) / scale)];
    if (dx !== 0) this.#drawBox({ x: dx > 0 ? x : x + w - sx, y, w: sx, h });
    if (dy !== 0) this.#drawBox({ x, y: dy > 0 ? y : y + h - sy, w, h: sy });
  }

  #drawAll(now: number): void {
    this.#drawn = this.#view;
    this.#papers.scene.style.transform = '';
    this.#areas = [];
    this.#tops = [];
    this.#isAllOld = false;
    this.#drawBox(boxInView(this.#view, this.size));
    this.#cost = performance.now() - now;
    this.#drawnAt = performance.now();
    this.#watched = WATCHED_FRAMES;
  }

  /** Only the parts that changed; or what came on top of all, if that is all. */
  #drawAreas(): void {
    const [areas, tops] = [this.#areas, this.#tops];
    this.#areas = [];
    this.#tops = [];
    const inView = boxInView(this.#view, this.size);
    if (areas.length === 0) {
      this.#turn(this.#ink);
      this.#drawItems(tops, inView);
      return;
    }
    const all = [...areas, ...tops.flatMap(({ box }) => box ?? [])];
    for (const area of merged(all.filter((each) => touches(each, inView)))) this.#drawBox(area);
  }

  /** A part of the board, from the paper up, on whole pixels. */
  #drawBox(box: Box): void {
    const ink = this.#ink;
    const { background, line } = this.#look();
    const { x, y, zoom } = this.#view;
    const scale = zoom * this.#ratio;
    const left = Math.floor((box.x - x) * scale) - 1;
    const top = Math.floor((box.y - y) * scale) - 1;
    const [width, height] = [Math.ceil(box.w * scale) + 3, Math.ceil(box.h * scale) + 3];
    ink.save();
    ink.setTransform(1, 0, 0, 1, 0, 0);
    ink.beginPath();
    ink.rect(left, top, width, height);
    ink.clip();
    ink.clearRect(left, top, width, height);
    ink.scale(this.#ratio, this.#ratio);
    drawPaper(ink, background, this.#view, { ...this.size, ratio: this.#ratio }, line);
    this.#turn(ink);
    this.#drawItems(this.#scene.items, grown(box, 3 / scale));
    ink.restore();
  }

  #drawItems(items: readonly Item[], area: Box): void {
    const look = this.#look();
    const tiny = TINY / this.#view.zoom;
    const until = performance.now() + PREPARE_MS;
    for (const { op, shape, box } of items) {
      if (!shape || !box || !touches(box, area)) continue;
      const alpha = this.#fading.get(op.id) ?? 1;
      if (alpha === 0) continue;
      if (box.w < tiny && box.h < tiny) drawDot(this.#ink, shape, look);
      else if (shape.type === 'stroke' && !isPrepared(shape) && performance.now() > until) {
        sketchStroke(this.#ink, shape, look);
        this.#unready.push(shape);
      } else drawShape(this.#ink, shape, look, alpha);
    }
  }
}

/** A few far from each other stay apart; many are one. */
const merged = (boxes: readonly Box[]): Box[] => {
  const result: Box[] = [];
  for (const box of boxes) {
    const near = result.findIndex((other) => touches(box, other));
    const other = result[near];
    if (other && near >= 0) result[near] = around(box, other);
    else result.push(box);
  }
  return result.length <= 8 ? result : [result.reduce(around)];
};

const around = (a: Box, b: Box): Box => {
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  return {
    x,
    y,
    w: Math.max(a.x + a.w, b.x + b.w) - x,
    h: Math.max(a.y + a.h, b.y + b.h) - y,
  };
};
