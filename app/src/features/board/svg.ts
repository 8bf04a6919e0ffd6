// The board as SVG, written by hand: every text and every attribute goes through escaped().
// Pictures are put in as data, so that the file stands alone.
import { noteColor, NOTE_INK } from './colors';
import { boundsOf, grown, rounded, union, type Box } from './geometry';
import { isLine, isOutline, LINE_HEIGHT } from './ops';
import type { Image, Line, Note, Outline, Pair, Shape, Stroke, Text } from './ops';
import {
  arrowBarbs,
  cornerOf,
  HIGHLIGHT_ALPHA,
  outlineOf,
  SOFT_ALPHA,
  traceOutline,
} from './outline';
import {
  FONTS,
  layoutNote,
  layoutText,
  NOTE_PADDING,
  type Layout,
  type Measure,
} from './textLayout';

export const PICTURE_MARGIN = 24;

const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g; // in XML, even escaped

const LONELY = /[\ud800-\udfff]/gu; // half of a pair: not to be written in UTF-8

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escaped = (text: string): string =>
  text
    .replace(LONELY, '')
    .replace(FORBIDDEN, '')
    .replace(/[&<>"']/g, (char) => ENTITIES[char] ?? '');

type Attributes = Record<string, string | number>;

const element = (name: string, attributes: Attributes, content?: string): string => {
  const written = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${typeof value === 'number' ? rounded(value, 4) : escaped(value)}"`,
  );
  const start = `<${name}${written.join('')}`;
  return content === undefined ? `${start}/>` : `${start}>${content}</${name}>`;
};

const n = (value: number): string => String(rounded(value, 4));

const strokeSvg = (stroke: Stroke): string => {
  const d: string[] = [];
  traceOutline(
    {
      moveTo: (x, y) => d.push(`M${n(x)} ${n(y)}`),
      quadraticCurveTo: (cx, cy, x, y) => d.push(`Q${n(cx)} ${n(cy)} ${n(x)} ${n(y)}`),
      closePath: () => d.push('Z'),
    },
    outlineOf(stroke),
  );
  const fade: Attributes = stroke.kind === 'highlighter' ? { 'fill-opacity': HIGHLIGHT_ALPHA } : {};
  return element('path', { d: d.join(''), fill: stroke.color, ...fade });
};

const pen = (shape: Line | Outline): Attributes => ({
  stroke: shape.color,
  'stroke-width': shape.width,
  'stroke-linecap': 'round',
  'stroke-linejoin': 'round',
});

const lineSvg = (line: Line): string => {
  const to = ([x, y]: Pair): string => `L${n(x)} ${n(y)}`;
  let d = `M${n(line.from[0])} ${n(line.from[1])}${to(line.to)}`;
  if (line.type === 'arrow') {
    const [[x, y], right] = arrowBarbs(line);
    d += `M${n(x)} ${n(y)}${to(line.to)}${to(right)}`;
  }
  return element('path', { d, fill: 'none', ...pen(line) });
};

const outlineSvg = (shape: Outline): string => {
  const { x, y, w, h, fill, color } = shape;
  const soft: Attributes = fill === 'soft' ? { 'fill-opacity': SOFT_ALPHA } : {};
  const ink = { fill: fill === 'none' ? 'none' : color, ...soft, ...pen(shape) };
  if (shape.type === 'rect')
    return element('rect', { x, y, width: w, height: h, rx: cornerOf(w, h), ...ink });
  return element('ellipse', { cx: x + w / 2, cy: y + h / 2, rx: w / 2, ry: h / 2, ...ink });
};

const linesSvg = ({ lines, size }: Layout, at: Pair, font: Text['font'], fill: string): string => {
  const spans = lines.map((line, i) =>
    element('tspan', { x: at[0], y: at[1] + (i + 0.5) * size * LINE_HEIGHT }, escaped(line)),
  );
  const look = { 'font-family': FONTS[font], 'font-size': size, fill };
  return element(
    'text',
    { ...look, 'dominant-baseline': 'central', 'xml:space': 'preserve' },
    spans.join(''),
  );
};

const noteSvg = (note: Note, measure: Measure): string => {
  const { x, y, w, h } = note;
  const paper = element('rect', {
    x,
    y,
    width: w,
    height: h,
    rx: 4,
    fill: noteColor(note.color, false),
  });
  const at: Pair = [x + NOTE_PADDING, y + NOTE_PADDING];
  return paper + linesSvg(layoutNote(note, measure), at, note.font, NOTE_INK);
};

const imageSvg = (image: Image, data: string | undefined): string => {
  const { x, y, w, h } = image;
  const frame = { x, y, width: w, height: h };
  return data
    ? element('image', { ...frame, href: data, preserveAspectRatio: 'none' })
    : element('rect', { ...frame, fill: 'none', stroke: '#8a857c' });
};

export interface SvgOptions {
  measure: Measure;
  pictures: ReadonlyMap<string, string>; // by fileUrl: as data:
}

const shapeSvg = (shape: Shape, { measure, pictures }: SvgOptions): string => {
  if (shape.type === 'stroke') return strokeSvg(shape);
  if (isLine(shape)) return lineSvg(shape);
  if (isOutline(shape)) return outlineSvg(shape);
  if (shape.type === 'note') return noteSvg(shape, measure);
  if (shape.type === 'image') return imageSvg(shape, pictures.get(shape.fileUrl));
  return linesSvg(layoutText(shape), [shape.x, shape.y], shape.font, shape.color);
};

/** What a picture of the shapes shows. */
export const pictureBox = (shapes: readonly Shape[]): Box =>
  grown(union(shapes.map(boundsOf)) ?? { x: 0, y: 0, w: 100, h: 100 }, PICTURE_MARGIN);

export const toSvg = (shapes: readonly Shape[], options: SvgOptions): string => {
  const { x, y, w, h } = pictureBox(shapes);
  const paper = element('rect', { x, y, width: w, height: h, fill: '#ffffff' });
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: [x, y, w, h].map(n).join(' '),
      width: w,
      height: h,
    },
    [paper, ...shapes.map((shape) => shapeSvg(shape, options))].join('\n'),
  );
};
