// How texts break into lines. Widths come from whoever draws, so that this runs without a browser.
import { LINE_HEIGHT, type Font, type Note, type Text } from './ops';

/** How wide a line is in a font, as CSS writes it. */
export type Measure = (line: string, font: string) => number;

export interface Layout {
  lines: string[];
  size: number; // of the letters
}

export const NOTE_PADDING = 14;
const MIN_NOTE_SIZE = 8;
const SIZE_STEPS = 6; // between the smallest size and the wanted one
const MAX_SHOWN = 2000; // characters

export const FONTS: Record<Font, string> = {
  sans: 'system-ui, sans-serif',
  serif: 'Georgia, serif',
  mono: 'ui-monospace, monospace',
};

export const cssFont = (font: Font, size: number): string => `${size}px ${FONTS[font]}`;

/** How wide a piece of text is, in letters of some size. */
export type Width = (piece: string) => number;

/** Asks once for each piece. */
const remembered = (measure: Measure, font: string): Width => {
  const known = new Map<string, number>([['', 0]]);
  return (piece) => {
    let width = known.get(piece);
    if (width === undefined) known.set(piece, (width = measure(piece, font)));
    return width;
  };
};

/** Where each character of a word ends; together they are as wide as the word is. */
const endsOf = (characters: readonly string[], whole: number, widthOf: Width): number[] => {
  let end = 0;
  const ends = characters.map((character) => (end += widthOf(character)));
  const stretch = end > 0 ? whole / end : 1; // letters are closer together in words
  return ends.map((each) => each * stretch);
};

/** How many of the ends, in rising order, are not beyond; at least `least`. */
const countUpTo = (ends: readonly number[], least: number, most: number): number => {
  let [low, high] = [least, ends.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((ends[middle - 1] ?? 0) <= most) low = middle;
    else high = middle - 1;
  }
  return low;
};

/** A word that is wider than the line, in pieces that fit. */
const cut = (word: string, widthOf: Width, limit: number): { pieces: string[]; last: number } => {
  const characters = [...word];
  const ends = endsOf(characters, widthOf(word), widthOf);
  const pieces: string[] = [];
  let start = 0;
  for (let from = 0; ;) {
    const next = countUpTo(ends, start + 1, from + limit);
    pieces.push(characters.slice(start, next).join(''));
    const end = ends[next - 1] ?? from;
    if (next >= characters.length) return { pieces, last: end - from };
    start = next;
    from = end;
  }
};

const wrappedParagraph = (paragraph: string, widthOf: Width, limit: number): string[] => {
  const lines: string[] = [];
  let [line, lineWidth] = ['', 0]; // with the spaces at its end
  for (const part of paragraph.split(/(?<=\s)/)) {
    const word = part.trimEnd();
    const space = part.slice(word.length);
    let width = widthOf(word);
    if (line !== '' && word !== '' && lineWidth + width > limit) {
      lines.push(line.trimEnd());
      [line, lineWidth] = ['', 0];
    }
    let rest = word;
    if (width > limit && word !== '') {
      const { pieces, last } = cut(word, widthOf, limit);
      rest = pieces.pop() ?? '';
      width = last;
      lines.push(...pieces);
    }
    line += rest + space;
    lineWidth += width + widthOf(space);
  }
  return [...lines, line.trimEnd()];
};

/** In lines that are no wider than the limit, if single characters are not. */
export const wrapped = (text: string, widthOf: Width, limit: number): string[] =>
  text.split('\n').flatMap((paragraph) => wrappedParagraph(paragraph, widthOf, limit));

/** What is drawn of a text: anybody may send one that is too long to be read. */
const shownPart = (text: string): string =>
  text.length > MAX_SHOWN ? text.slice(0, MAX_SHOWN).replace(/[\ud800-\udbff]$/, '') + '…' : text;

export const layoutText = ({ text, size }: Text): Layout => ({
  lines: shownPart(text).split('\n'),
  size,
});

/** Letters get smaller until the note holds them; of what it cannot hold, the start is shown. */
export const layoutNote = (note: Note, measure: Measure): Layout => {
  const [width, height] = [note.w - 2 * NOTE_PADDING, note.h - 2 * NOTE_PADDING];
  const text = shownPart(note.text);
  const widthOf = remembered(measure, cssFont(note.font, note.size));
  const at = (size: number): Layout => ({
    lines: wrapped(text, widthOf, (width * note.size) / size),
    size,
  });
  const isHeld = ({ lines, size }: Layout): boolean => lines.length * size * LINE_HEIGHT <= height;
  if (width > 0 && height > 0) {
    const wanted = at(note.size);
    if (isHeld(wanted)) return wanted;
  }
  let best = at(Math.min(note.size, MIN_NOTE_SIZE));
  if (width <= 0 || !isHeld(best)) return shortened(best, height);
  let tooLarge = note.size;
  for (let step = 0; step < SIZE_STEPS; step++) {
    const tried = at(Math.sqrt(best.size * tooLarge));
    if (isHeld(tried)) best = tried;
    else tooLarge = tried.size;
  }
  return best;
};

const shortened = ({ lines, size }: Layout, height: number): Layout => {
  const most = Math.max(1, Math.floor(height / (size * LINE_HEIGHT)));
  if (lines.length <= most) return { lines, size };
  const last = (lines[most - 1] ?? '').replace(/…$/, '');
  return { lines: [...lines.slice(0, most - 1), last + '…'], size };
};

export const sizeOfText = (
  text: string,
  size: number,
  font: Font,
  measure: Measure,
): { w: number; h: number } => {
  const lines = text.split('\n');
  const widths = lines.map((line) => measure(line, cssFont(font, size)));
  return { w: Math.ceil(Math.max(1, ...widths)), h: lines.length * size * LINE_HEIGHT };
};
