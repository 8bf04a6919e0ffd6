import type { Emoji } from './emojiList';

/** How well it fits: less is better; null: not at all. Each word of the query must begin a word. */
function rank({ name, words }: Emoji, query: string): number | null {
  if (name === query) return 0;
  if (name.startsWith(query)) return 1;
  const fits = query.split(/[\s_]+/).every((part) => words.includes(` ${part}`));
  return fits ? 2 : null;
}

/** Best first, else in the order of the list. */
export function findEmoji(all: readonly Emoji[], query: string, limit = Infinity): Emoji[] {
  const wanted = query.trim().toLowerCase();
  if (!wanted) return all.slice(0, limit);
  return all
    .map((emoji) => ({ emoji, at: rank(emoji, wanted) }))
    .filter((found): found is { emoji: Emoji; at: number } => found.at !== null)
    .sort((a, b) => a.at - b.at)
    .slice(0, limit)
    .map(({ emoji }) => emoji);
}

export interface Begun {
  start: number; // where its colon is
  query: string;
  isClosed: boolean; // the second colon is there
}

/** A :name: that ends at the caret, perhaps without its end. */
export function begunName(text: string, caret: number): Begun | null {
  const match = /(?:^|[\s(]):([a-z0-9_+-]{2,30})(:?)$/i.exec(
    text.slice(Math.max(0, caret - 40), caret),
  );
  if (!match?.[1]) return null;
  const length = match[1].length + 1 + (match[2]?.length ?? 0);
  return { start: caret - length, query: match[1], isClosed: match[2] === ':' };
}

let loaded: Promise<typeof import('./emojiList')> | null = null;

/** The list is loaded when it is first wanted. */
export function loadEmoji(): Promise<typeof import('./emojiList')> {
  loaded ??= import('./emojiList').catch((error: unknown) => {
    loaded = null;
    throw error;
  });
  return loaded;
}
