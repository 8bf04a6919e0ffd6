// The little Markdown of the chat: text to a tree, which Markdown.tsx shows. Blocks are paragraphs,
// # headings, fenced code, quotes and lists (blocks within these to a depth); within a line there
// are **bold**, *italic*, ~~strike~~, `code`, [text](address) and bare addresses (inline.ts).
// Whatever is not understood stays as it was typed. Nothing fails, nothing is lost, and the time is
// linear: each level of blocks looks at a line once, and levels are few.
import { parseInline, type Inline } from './inline';

export type Block =
  | { kind: 'paragraph'; children: Inline[] }
  | { kind: 'heading'; children: Inline[] }
  | { kind: 'code'; text: string; language: string }
  | { kind: 'quote'; children: Block[] }
  | { kind: 'list'; start: number | null; items: Block[][] }; // null: it has bullets

const DEPTH_MAX = 4;

const FENCE = /^ {0,3}```([^`]*)$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^ {0,3}(?:-|(\d{1,9})\.) +(?=\S)/;
const HEADING = /^ {0,3}#{1,3} +(?=\S)/;
const INDENT = /^(?: {2,4}|\t)/;

/** Reads lines from its place on. */
class Lines {
  readonly #lines: readonly string[];
  #at = 0;

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  peek(): string | undefined {
    return this.#lines[this.#at];
  }

  next(): string {
    return this.#lines[this.#at++] ?? '';
  }

  /** All from here on that `fits`, each as `made`. */
  takeWhile(fits: (line: string) => boolean, made = (line: string) => line): string[] {
    const taken: string[] = [];
    for (let line = this.peek(); line !== undefined && fits(line); line = this.peek())
      taken.push(made(this.next()));
    return taken;
  }
}

const isBlank = (line: string) => line.trim() === '';

/** Up to its end fence, or to the end of the text. */
function codeOf(lines: Lines): Block {
  const language = FENCE.exec(lines.next())?.[1]?.trim() ?? '';
  const code = lines.takeWhile((line) => !/^ {0,3}```\s*$/.test(line));
  lines.next();
  return { kind: 'code', text: code.join('\n'), language };
}

const headingOf = (lines: Lines): Block => ({
  kind: 'heading',
  children: parseInline(lines.next().replace(HEADING, '')),
});

function quoteOf(lines: Lines, depth: number): Block {
  const inside = lines.takeWhile(
    (line) => QUOTE.test(line),
    (line) => line.replace(QUOTE, ''),
  );
  return { kind: 'quote', children: parseBlocks(inside, depth + 1) };
}

/** Numbers after the first one do not matter, as everywhere in Markdown. */
function listOf(lines: Lines, depth: number): Block {
  const first = ITEM.exec(lines.peek() ?? '')?.[1];
  const isNumbered = first !== undefined;
  const items: Block[][] = [];
  for (;;) {
    const match = ITEM.exec(lines.peek() ?? '');
    if (!match || (match[1] !== undefined) !== isNumbered) break;
    const head = lines.next().slice(match[0].length);
    const rest = lines.takeWhile(
      (line) => INDENT.test(line) && !isBlank(line),
      (line) => line.replace(INDENT, ''),
    );
    items.push(parseBlocks([head, ...rest], depth + 1));
  }
  return { kind: 'list', start: isNumbered ? Number(first) : null, items };
}

const opensBlock = (line: string) =>
  [FENCE, QUOTE, ITEM, HEADING].some((opening) => opening.test(line));

function paragraphOf(lines: Lines, isDeep: boolean): Block {
  const first = lines.next();
  const rest = lines.takeWhile((line) => !isBlank(line) && (isDeep || !opensBlock(line)));
  return { kind: 'paragraph', children: parseInline([first, ...rest].join('\n')) };
}

function blockOf(lines: Lines, depth: number): Block {
  const line = lines.peek() ?? '';
  const isDeep = depth >= DEPTH_MAX;
  if (isDeep) return paragraphOf(lines, isDeep);
  if (FENCE.test(line)) return codeOf(lines);
  if (HEADING.test(line)) return headingOf(lines);
  if (QUOTE.test(line)) return quoteOf(lines, depth);
  if (ITEM.test(line)) return listOf(lines, depth);
  return paragraphOf(lines, isDeep);
}

function parseBlocks(source: readonly string[], depth: number): Block[] {
  const lines = new Lines(source);
  const blocks: Block[] = [];
  for (;;) {
    lines.takeWhile(isBlank);
    if (lines.peek() === undefined) return blocks;
    blocks.push(blockOf(lines, depth));
  }
}

export const parseMarkdown = (text: string): Block[] =>
  parseBlocks(text.replace(/\r\n?/g, '\n').split('\n'), 0);

// ---- as plain text: for quoted lines, and for those who listen

const inlineText = (nodes: readonly Inline[]): string =>
  nodes
    .map((node) => {
      if (node.kind === 'break') return '\n';
      return 'text' in node ? node.text : inlineText(node.children);
    })
    .join('');

const blockText = (block: Block): string => {
  switch (block.kind) {
    case 'paragraph':
    case 'heading':
      return inlineText(block.children);
    case 'code':
      return block.text;
    case 'quote':
      return blocksText(block.children);
    case 'list':
      return block.items.map(blocksText).join('\n');
  }
};

const blocksText = (blocks: readonly Block[]): string => blocks.map(blockText).join('\n');

export const plainText = (text: string): string => blocksText(parseMarkdown(text));
