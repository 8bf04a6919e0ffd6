// Puts shapes on a canvas. What is costly to find out about a shape (its outline, its lines of
// text) is remembered with it: a shape never changes, it is replaced.
import { NOTE_INK, noteColor, shown } from './colors';
import { isLine, isOutline, LINE_HEIGHT } from './ops';
import type { Image, Line, Note, Outline, Shape, Stroke, Text } from './ops';
import { boundsOf } from './geometry';
import {
  arrowBarbs,
  cornerOf,
  HIGHLIGHT_ALPHA,
  outlineOf,
  SOFT_ALPHA,
  traceOutline,
} from './outline';
import {
  cssFont,
  layoutNote,
  layoutText,
  NOTE_PADDING,
  type Layout,
  type Measure,
} from './textLayout';

export type Ink = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** What a drawing depends on beside the shapes. */
export interface Look {
  isDark: boolean;
  picture(url: string): CanvasImageSource | null; // null: not here yet, or broken
}

const paths = new WeakMap<Stroke, Path2D>();
const layouts = new WeakMap<Text | Note, Layout>();

let meter: CanvasRenderingContext2D | null = null;

/** Of this browser's fonts. */
export const measure: Measure = (line, font) => {
  meter ??= document.createElement('canvas').getContext('2d');
  if (!meter) return line.length * 10;
  meter.font = font;
  return meter.measureText(line).width;
};

export const isPrepared = (shape: Shape): boolean => shape.type !== 'stroke' || paths.has(shape);

const pathOf = (stroke: Stroke): Path2D => {
  let path = paths.get(stroke);
  if (!path) {
    path = new Path2D();
    traceOutline(path, outlineOf(stroke));
    paths.set(stroke, path);
  }
  return path;
};

/** Makes what drawing it will take. */
export const prepare = (shape: Shape | undefined): void => {
  if (shape?.type === 'stroke') pathOf(shape);
};

const layoutOf = (shape: Text | Note): Layout => {
  let layout = layouts.get(shape);
  if (!layout) {
    layout = shape.type === 'note' ? layoutNote(shape, measure) : layoutText(shape);
    layouts.set(shape, layout);
  }
  return layout;
};

const drawStroke = (ink: Ink, stroke: Stroke, { isDark }: Look): void => {
  ink.fillStyle = shown(stroke.color, isDark);
  if (stroke.kind === 'highlighter') ink.globalAlpha *= HIGHLIGHT_ALPHA;
  ink.fill(pathOf(stroke));
};

/** The stroke as a thin polyline: for the moment, until its outline is there. */
export const sketchStroke = (ink: Ink, stroke: Stroke, { isDark }: Look): void => {
  ink.strokeStyle = shown(stroke.color, isDark);
  ink.lineWidth = stroke.width * 0.7;
  ink.beginPath();
  for (const [x, y] of stroke.points) ink.lineTo(x, y);
  ink.stroke();
};

const drawLine = (ink: Ink, line: Line, { isDark }: Look): void => {
  ink.strokeStyle = shown(line.color, isDark);
  ink.lineWidth = line.width;
  ink.beginPath();
  ink.moveTo(...line.from);
  ink.lineTo(...line.to);
  if (line.type === 'arrow') {
    const [left, right] = arrowBarbs(line);
    ink.moveTo(...left);
    ink.lineTo(...line.to);
    ink.lineTo(...right);
  }
  ink.stroke();
};

const drawOutline = (ink: Ink, shape: Outline, { isDark }: Look): void => {
  const { x, y, w, h } = shape;
  ink.strokeStyle = ink.fillStyle = shown(shape.color, isDark);
  ink.lineWidth = shape.width;
  ink.beginPath();
  if (shape.type === 'rect') ink.roundRect(x, y, w, h, cornerOf(w, h));
  else ink.ellipse(x + w / 2, y + h / 2, w / 2, h / 2, 0, 0, Math.PI * 2);
  if (shape.fill !== 'none') {
    const alpha = ink.globalAlpha;
    if (shape.fill === 'soft') ink.globalAlpha = alpha * SOFT_ALPHA;
    ink.fill();
    ink.globalAlpha = alpha;
  }
  ink.stroke();
};

const drawLines = (ink: Ink, shape: Text | Note, x: number, y: number): void => {
  const { lines, size } = layoutOf(shape);
  ink.font = cssFont(shape.font, size);
  ink.textBaseline = 'middle';
  lines.forEach((line, i) => ink.fillText(line, x, y + (i + 0.5) * size * LINE_HEIGHT));
};

const drawText = (ink: Ink, text: Text, { isDark }: Look): void => {
  ink.fillStyle = shown(text.color, isDark);
  drawLines(ink, text, text.x, text.y);
};

const drawNote = (ink: Ink, note: Note, { isDark }: Look): void => {
  ink.save();
  ink.fillStyle = noteColor(note.color, isDark);
  ink.shadowColor = 'rgb(0 0 0 / 0.22)';
  ink.shadowBlur = 10;
  ink.shadowOffsetY = 3;
  ink.beginPath();
  ink.roundRect(note.x, note.y, note.w, note.h, 4);
  ink.fill();
  ink.shadowColor = 'transparent';
  ink.clip();
  ink.fillStyle = NOTE_INK;
  drawLines(ink, note, note.x + NOTE_PADDING, note.y + NOTE_PADDING);
  ink.restore();
};

const drawImage = (ink: Ink, image: Image, look: Look): void => {
  const { x, y, w, h } = image;
  const picture = look.picture(image.fileUrl);
  if (picture) {
    ink.drawImage(picture, x, y, w, h);
    return;
  }
  ink.strokeStyle = ink.fillStyle = '#8a857c';
  ink.lineWidth = 1;
  ink.globalAlpha *= 0.6;
  ink.strokeRect(x, y, w, h);
  ink.globalAlpha *= 0.2;
  ink.fillRect(x, y, w, h);
};

/** The canvas is already turned to the board's coordinates. `alpha`: of what is about to go. */
export const drawShape = (ink: Ink, shape: Shape, look: Look, alpha = 1): void => {
  ink.globalAlpha = alpha;
  if (shape.type === 'stroke') drawStroke(ink, shape, look);
  else if (isLine(shape)) drawLine(ink, shape, look);
  else if (isOutline(shape)) drawOutline(ink, shape, look);
  else if (shape.type === 'text') drawText(ink, shape, look);
  else if (shape.type === 'note') drawNote(ink, shape, look);
  else drawImage(ink, shape, look);
  ink.globalAlpha = 1;
};

/** So small on the screen that a dot will do. */
export const drawDot = (ink: Ink, shape: Shape, { isDark }: Look): void => {
  const box = boundsOf(shape);
  ink.fillStyle = shown(shape.color, isDark);
  ink.fillRect(box.x, box.y, box.w, box.h);
};
