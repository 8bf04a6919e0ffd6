// What lies over the board for a moment: drafts of one's own and of others, the frame around what
// is selected, the rectangle that selects, the cursors. Drawn in the board's coordinates.
import { NOTE_INK } from './colors';
import { drawShape, type Look } from './draw';
import { frameOf, grown, union, type Box } from './geometry';
import { drawGrowing } from './growing';
import { FRAME_GAP, handlesOf } from './handles';
import { isLine, type Pair, type Shape, type Stroke } from './ops';
import { cssFont } from './textLayout';

export interface Cursor {
  name: string;
  color: string;
  at: Pair;
  alpha: number;
}

export interface Overlay {
  drafts: readonly Shape[];
  growing: readonly Stroke[]; // drafts to which points are added
  selected: readonly Shape[];
  marquee: Box | null;
  cursors: readonly Cursor[];
  cross: Pair | null; // the keyboard's cursor
  accent: string;
  paper: string;
}

type Ink = CanvasRenderingContext2D;

const LABEL = 12; // pixels, letters of a cursor's name
const LONG_NAME = 24;

const drawFrame = (ink: Ink, box: Box, zoom: number): void => {
  const { x, y, w, h } = grown(box, FRAME_GAP / zoom);
  ink.strokeRect(x, y, w, h);
};

const drawKnob = (ink: Ink, [x, y]: Pair, zoom: number, isRound: boolean): void => {
  const half = 4.5 / zoom;
  ink.beginPath();
  if (isRound) ink.arc(x, y, half, 0, Math.PI * 2);
  else ink.roundRect(x - half, y - half, 2 * half, 2 * half, half / 2);
  ink.fill();
  ink.stroke();
};

const drawSelection = (ink: Ink, overlay: Overlay, zoom: number): void => {
  const { selected } = overlay;
  const [only] = selected;
  const frame = union(selected.map(frameOf));
  if (!frame || !only) return;
  ink.strokeStyle = overlay.accent;
  ink.fillStyle = overlay.paper;
  ink.lineWidth = 1.2 / zoom;
  if (selected.length === 1 && isLine(only)) {
    drawKnob(ink, only.from, zoom, true);
    drawKnob(ink, only.to, zoom, true);
    return;
  }
  if (selected.length > 1) {
    ink.globalAlpha = 0.4;
    for (const shape of selected.slice(0, 300)) drawFrame(ink, grown(frameOf(shape), -1), zoom);
    ink.globalAlpha = 1;
  }
  drawFrame(ink, frame, zoom);
  for (const [, at] of handlesOf(frame, zoom)) drawKnob(ink, at, zoom, false);
};

const drawMarquee = (ink: Ink, { marquee, accent }: Overlay, zoom: number): void => {
  if (!marquee) return;
  const { x, y, w, h } = marquee;
  ink.strokeStyle = ink.fillStyle = accent;
  ink.lineWidth = 1 / zoom;
  ink.globalAlpha = 0.08;
  ink.fillRect(x, y, w, h);
  ink.globalAlpha = 1;
  ink.strokeRect(x, y, w, h);
};

const isPale = (color: string): boolean => {
  const n = Number.parseInt(color.slice(1), 16);
  return 0.299 * (n >> 16) + 0.587 * ((n >> 8) & 255) + 0.114 * (n & 255) > 140;
};

/** In pixels, the origin at the cursor's tip. */
const drawCursor = (ink: Ink, { name, color }: Cursor): void => {
  ink.fillStyle = color;
  ink.strokeStyle = '#ffffff';
  ink.lineWidth = 1.5;
  ink.beginPath();
  for (const [x, y] of [
    [0, 0],
    [4.5, 15],
    [7.5, 8.6],
    [14, 6.2],
  ] as const)
    ink.lineTo(x, y);
  ink.closePath();
  ink.stroke();
  ink.fill();
  const label = name.length > LONG_NAME ? name.slice(0, LONG_NAME - 1) + '…' : name;
  ink.font = `600 ${cssFont('sans', LABEL)}`;
  ink.textBaseline = 'middle';
  const width = ink.measureText(label).width + 14;
  ink.beginPath();
  ink.roundRect(12, 15, width, 21, 7);
  ink.fill();
  ink.fillStyle = isPale(color) ? NOTE_INK : '#ffffff';
  ink.fillText(label, 19, 26);
};

const drawCross = (ink: Ink, [x, y]: Pair, { accent, paper }: Overlay, zoom: number): void => {
  const arm = 14 / zoom;
  for (const [color, width] of [
    [paper, 5],
    [accent, 2],
  ] as const) {
    ink.strokeStyle = color;
    ink.lineWidth = width / zoom;
    ink.beginPath();
    ink.moveTo(x - arm, y);
    ink.lineTo(x + arm, y);
    ink.moveTo(x, y - arm);
    ink.lineTo(x, y + arm);
    ink.stroke();
  }
};

export const drawOverlay = (ink: Ink, overlay: Overlay, look: Look, zoom: number): void => {
  for (const shape of overlay.drafts) drawShape(ink, shape, look);
  for (const stroke of overlay.growing) drawGrowing(ink, stroke, look);
  drawSelection(ink, overlay, zoom);
  drawMarquee(ink, overlay, zoom);
  for (const cursor of overlay.cursors) {
    ink.save();
    ink.globalAlpha = cursor.alpha;
    ink.translate(...cursor.at);
    ink.scale(1 / zoom, 1 / zoom);
    drawCursor(ink, cursor);
    ink.restore();
  }
  if (overlay.cross) drawCross(ink, overlay.cross, overlay, zoom);
};
