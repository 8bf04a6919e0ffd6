// :name: in the field becomes an emoji: a list of what fits while it is written, and at once when
// its second colon comes.
import { useEffect, useState, type KeyboardEvent, type RefObject } from 'react';
import type { Emoji } from './emojiList';
import { begunName, findEmoji, loadEmoji, type Begun } from './emojiSearch';

const SHOWN = 6;

export interface Completion {
  found: Emoji[];
  active: number;
  choose: (emoji: Emoji) => void;
  /** Whether the key was for the list. */
  takeKey: (event: KeyboardEvent) => boolean;
}

interface Field {
  ref: RefObject<HTMLTextAreaElement | null>;
  text: string;
  replace: (start: number, end: number, by: string) => void;
}

function useAllEmoji(isWanted: boolean): readonly Emoji[] {
  const [all, setAll] = useState<readonly Emoji[]>([]);
  useEffect(() => {
    if (!isWanted) return;
    let isGone = false;
    void loadEmoji().then(
      ({ allEmoji }) => isGone || setAll(allEmoji),
      () => {}, // offline: then there is no list
    );
    return () => {
      isGone = true;
    };
  }, [isWanted]);
  return all;
}

export function useCompletion({ ref, text, replace }: Field): Completion {
  const [active, setActive] = useState(0);
  const [dismissed, setDismissed] = useState('');
  const caret = ref.current?.selectionStart ?? text.length;
  const begun = begunName(text, Math.min(caret, text.length));
  const all = useAllEmoji(begun !== null);
  const isShown = begun !== null && !begun.isClosed && dismissed !== text;
  const found = isShown ? findEmoji(all, begun.query, SHOWN) : [];
  const put = (place: Begun, { sign }: Emoji) => {
    const end = place.start + place.query.length + (place.isClosed ? 2 : 1);
    replace(place.start, end, place.isClosed ? sign : `${sign} `);
    setActive(0);
  };
  useEffect(() => {
    const exact = begun?.isClosed && all.find(({ name }) => name === begun.query.toLowerCase());
    if (exact) put(begun, exact);
    // Only what was just written is completed.
  }, [text, all]);
  const takeKey = (event: KeyboardEvent): boolean => {
    const chosen = found[Math.min(active, found.length - 1)];
    if (!chosen || !begun) return false;
    if (event.key === 'ArrowDown') setActive((active + 1) % found.length);
    else if (event.key === 'ArrowUp') setActive((active + found.length - 1) % found.length);
    else if (event.key === 'Escape') setDismissed(text);
    else if (event.key === 'Enter' || event.key === 'Tab') put(begun, chosen);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  };
  return {
    found,
    active: Math.min(active, Math.max(0, found.length - 1)),
    choose: (emoji) => begun && put(begun, emoji),
    takeKey,
  };
}
