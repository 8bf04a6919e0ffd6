// What stands within a paragraph. One pass over the text with a stack of what is open; which
// backtick, bracket or parenthesis belongs to which is found beforehand, so that nothing is ever
// looked for twice. What opens and is never closed stays text.
import { hostToShow, targetOf, type Target } from './links';

export type Style = 'bold' | 'italic' | 'strike';

export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'break' }
  | { kind: 'code'; text: string }
  | { kind: Style; children: Inline[] }
  | { kind: 'link'; href: string; host: string; children: Inline[] }; // host: shown beside it

const OPEN_MAX = 12; // at a time: deeper ones are text

// ---- what belongs to what

/** From the place of each run of backticks to that of the next one of its length. */
function matchTicks(text: string): Map<number, number> {
  const ends = new Map<number, number>();
  const nextOfLength = new Map<number, number>();
  for (const run of [...text.matchAll(/`+/g)].reverse()) {
    const next = nextOfLength.get(run[0].length);
    if (next !== undefined) ends.set(run.index, next);
    nextOfLength.set(run[0].length, run.index);
  }
  return ends;
}

/** From each "[" to its "]", and from each "(" to its ")" without white space between. */
function matchBrackets(text: string, ticks: Map<number, number>): Map<number, number> {
  const ends = new Map<number, number>();
  const square: number[] = [];
  let round: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '`') i = behindTicks(text, ticks, i) - 1;
    else if (c === '[') square.push(i);
    else if (c === '(') round.push(i);
    else if (c === ']' || c === ')') {
      const start = (c === ']' ? square : round).pop();
      if (start !== undefined) ends.set(start, i);
    } else if (c === ' ' || c === '\n') round = [];
  }
  return ends;
}

const runLength = (text: string, at: number): number => {
  let end = at + 1;
  while (text[end] === text[at]) end++;
  return end - at;
};

function behindTicks(text: string, ticks: Map<number, number>, at: number): number {
  const n = runLength(text, at);
  return (ticks.get(at) ?? at) + n;
}

// ---- the pass

interface Open {
  style: Style | null; // null: the paragraph itself
  marker: string;
  children: Inline[];
}

const styleOf: Record<string, Style> = { '*': 'italic', '**': 'bold', '~~': 'strike' };

const isSpace = (c: string | undefined) => c === undefined || /\s/.test(c);
const isWord = (c: string | undefined) => c !== undefined && /[\p{L}\p{N}]/u.test(c);

/** Punctuation behind an address belongs to the sentence, unless a parenthesis in it is closed. */
function trimAddress(address: string): string {
  let end = address.length;
  let open = 0;
  for (const c of address) open += c === '(' ? 1 : c === ')' ? -1 : 0;
  for (; end > 0; end--) {
    const c = address[end - 1] ?? '';
    if (c === ')' && open < 0) open++;
    else if (!/[.,;:!?'*~\]]/.test(c)) break;
  }
  return address.slice(0, end);
}

class Pass {
  readonly #text: string;
  readonly #isInLink: boolean;
  readonly #ticks: Map<number, number>;
  readonly #brackets: Map<number, number>;
  #at = 0;
  #plain = ''; // text that is not in a node yet
  #bottom: Open = { style: null, marker: '', children: [] };
  #open: Open[] = [];

  constructor(text: string, isInLink: boolean) {
    this.#text = text;
    this.#isInLink = isInLink;
    this.#ticks = matchTicks(text);
    this.#brackets = matchBrackets(text, this.#ticks);
  }

  run(): Inline[] {
    while (this.#at < this.#text.length) this.#step();
    this.#flush();
    while (this.#open.length > 0) this.#giveUpTop();
    return this.#bottom.children;
  }

  get #top(): Open {
    return this.#open.at(-1) ?? this.#bottom;
  }

  #step(): void {
    const c = this.#text[this.#at];
    if (c === '\n') this.#add({ kind: 'break' }, 1);
    else if (c === '`') this.#code();
    else if (c === '*' || c === '~') this.#markers();
    else if (c === '[' && !this.#isInLink) this.#link();
    else if ((c === 'h' || c === 'H') && !this.#isInLink) this.#address();
    else this.#take(1);
  }

  // ---- adding

  #take(n: number): void {
    this.#plain += this.#text.slice(this.#at, this.#at + n);
    this.#at += n;
  }

  #flush(): void {
    if (this.#plain) this.#top.children.push({ kind: 'text', text: this.#plain });
    this.#plain = '';
  }

  #add(node: Inline, length: number): void {
    this.#flush();
    this.#top.children.push(node);
    this.#at += length;
  }

  // ---- styles

  #markers(): void {
    const n = runLength(this.#text, this.#at);
    const isStars = this.#text[this.#at] === '*';
    const before = this.#text[this.#at - 1];
    const after = this.#text[this.#at + n];
    const isProduct = n === 1 && isWord(before) && isWord(after); // 2*3*4
    if (isProduct || (isStars ? n > 3 : n !== 2)) {
      this.#take(n);
      return;
    }
    const canOpen = !isSpace(after);
    let left = n;
    if (!isSpace(before)) left = this.#close(left, isStars);
    if (left === 0) return;
    if (canOpen) this.#openMarkers(left, isStars);
    else this.#take(left);
  }

  /** Gives how many of the characters are left. */
  #close(left: number, isStars: boolean): number {
    while (left > 0) {
      const index = this.#open.findLastIndex(
        ({ marker }) => (marker[0] === '*') === isStars && marker.length <= left,
      );
      const found = this.#open[index];
      if (!found?.style) break;
      this.#flush();
      while (this.#open.length > index + 1) this.#giveUpTop();
      this.#open.pop();
      this.#top.children.push({ kind: found.style, children: found.children });
      this.#at += found.marker.length;
      left -= found.marker.length;
    }
    return left;
  }

  #openMarkers(n: number, isStars: boolean): void {
    for (const marker of isStars ? ['**', '*'] : ['~~']) {
      if (marker.length > n) continue;
      n -= marker.length;
      this.#flush();
      this.#open.push({ style: styleOf[marker] ?? null, marker, children: [] });
      this.#at += marker.length;
      if (this.#open.length > OPEN_MAX) this.#giveUpBottom();
    }
  }

  #giveUpTop(): void {
    const { marker, children } = this.#open.pop() ?? this.#bottom;
    this.#top.children.push({ kind: 'text', text: marker });
    for (const child of children) this.#top.children.push(child);
  }

  /** What was opened longest ago is text, and so it makes room. */
  #giveUpBottom(): void {
    const given = this.#open.shift();
    if (!given) return;
    this.#bottom.children.push({ kind: 'text', text: given.marker });
    for (const child of given.children) this.#bottom.children.push(child);
  }

  // ---- code and links

  #code(): void {
    const n = runLength(this.#text, this.#at);
    const end = this.#ticks.get(this.#at);
    if (end === undefined) {
      this.#take(n);
      return;
    }
    const inside = this.#text.slice(this.#at + n, end).replaceAll('\n', ' ');
    const isPadded = inside.startsWith(' ') && inside.endsWith(' ') && inside.trim() !== '';
    const text = isPadded ? inside.slice(1, -1) : inside;
    this.#add({ kind: 'code', text }, end + n - this.#at);
  }

  #link(): void {
    const close = this.#brackets.get(this.#at) ?? -2;
    const end = this.#text[close + 1] === '(' ? this.#brackets.get(close + 1) : undefined;
    const target = end === undefined ? null : targetOf(this.#text.slice(close + 2, end));
    const label = this.#text.slice(this.#at + 1, close);
    if (!target || end === undefined || !label.trim()) {
      this.#take(1);
      return;
    }
    const children = new Pass(label, true).run();
    this.#addLink(label, target, children, end + 1 - this.#at);
  }

  #address(): void {
    const isStart = !isWord(this.#text[this.#at - 1]);
    const starts = isStart && /^https?:\/\//i.test(this.#text.slice(this.#at, this.#at + 8));
    if (!starts) {
      this.#take(1);
      return;
    }
    const rest = /[^\s<>"`]+/y;
    rest.lastIndex = this.#at;
    const word = rest.exec(this.#text)?.[0] ?? '';
    const address = trimAddress(word);
    const target = targetOf(address);
    if (target) this.#addLink(address, target, [{ kind: 'text', text: address }], address.length);
    else this.#take(word.length);
  }

  #addLink(label: string, target: Target, children: Inline[], length: number): void {
    const host = hostToShow(label, target);
    this.#add({ kind: 'link', href: target.href, host, children }, length);
  }
}

export const parseInline = (text: string): Inline[] => new Pass(text, false).run();
