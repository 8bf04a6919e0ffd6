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

export const FONTS: Record<Font, string> = {
  sans: 'system-ui, sans-serif',
  serif: 'Georgia, serif',
  mono: 'ui-monospace, monospace',
};

export const cssFont = (font: Font, size: number): string => `${size}px ${FONTS[font]}`;

/** A word that is wider than the line, in pieces that fit. */
const cut = (word: string, fits: (line: string) => boolean): string[] => {
  const pieces: string[] = [];
  let piece = '';
  for (const char of word) {
    if (piece !== '' && !fits(piece + char)) {
      pieces.push(piece);
      piece = '';
    }
    piece += char;
  }
  return [...pieces, piece];
};

export const wrapped = (text: string, fits: (line: string) => boolean): string[] =>
  text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    let line = '';
    for (const word of paragraph.split(/(?<=\s)/)) {
      if (line === '' || fits(line + word.trimEnd())) line += word;
      else {
        lines.push(line.trimEnd());
        line = word;
      }
      if (fits(line.trimEnd())) continue;
      const pieces = cut(line, fits);
      line = pieces.pop() ?? '';
      lines.push(...pieces);
    }
    return [...lines, line.trimEnd()];
  });

export const layoutText = ({ text, size }: Text): Layout => ({ lines: text.split('\n'), size });

/** Letters get smaller until the note holds them. */
export const layoutNote = (note: Note, measure: Measure): Layout => {
  const [width, height] = [note.w - 2 * NOTE_PADDING, note.h - 2 * NOTE_PADDING];
  for (let size = note.size; ; size *= 0.86) {
    const font = cssFont(note.font, size);
    const lines = wrapped(note.text, (line) => measure(line, font) <= width);
    if (lines.length * size * LINE_HEIGHT <= height || size <= MIN_NOTE_SIZE)
      return { lines, size };
  }
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
