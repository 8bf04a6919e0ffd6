// Where the list of messages stands: at the newest one, until somebody scrolls up; in its place
// when older ones are put above it.
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';

const NEAR = 48; // pixels that still count as the end
const LOAD_AT = 400; // pixels from the top, where older ones are fetched
const SHINE_MS = 2000;

export const elementOf = (list: HTMLElement | null, id: string): HTMLElement | null =>
  list?.querySelector(`[data-id="${CSS.escape(id)}"]`) ?? null;

const isAtEnd = (e: HTMLElement) => e.scrollHeight - e.scrollTop - e.clientHeight < NEAR;

/** The first message, and how far from the top of the content it is. */
interface Anchor {
  id: string;
  top: number;
  scrolled: number;
}

function anchorOf(list: HTMLElement): Anchor | null {
  const first = list.querySelector<HTMLElement>('[data-id]');
  if (!first?.dataset.id) return null;
  return { id: first.dataset.id, top: first.offsetTop, scrolled: list.scrollTop };
}

/** Puts it back where it was; the browser's own idea of that would come on top. */
function restore(list: HTMLElement, anchor: Anchor): void {
  const element = elementOf(list, anchor.id);
  if (!element || element.offsetTop === anchor.top) return;
  list.dataset.placing = '';
  list.scrollTop = anchor.scrolled + element.offsetTop - anchor.top;
  requestAnimationFrame(() => delete list.dataset.placing);
}

/** Keeps to the end while the content or the window on it changes its size. */
function useSticking(ref: RefObject<HTMLElement | null>, atEnd: RefObject<boolean>): void {
  useEffect(() => {
    const list = ref.current;
    if (!list?.firstElementChild) return;
    const observer = new ResizeObserver(() => {
      if (atEnd.current) list.scrollTop = list.scrollHeight;
    });
    observer.observe(list);
    observer.observe(list.firstElementChild);
    return () => observer.disconnect();
  }, [ref, atEnd]);
}

export interface Scroll {
  ref: RefObject<HTMLDivElement | null>;
  isAtEnd: boolean;
  shining: string | null; // the message that was jumped to
  onScroll: () => void;
  toEnd: () => void;
  jumpTo: (id: string) => boolean;
}

/** `firstId` is the oldest message's; `onTop` is called where older ones are wanted. */
export function useScroll(firstId: string | null, count: number, onTop: () => void): Scroll {
  const ref = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const lastTop = useRef(0);
  const anchor = useRef<Anchor | null>(null);
  const [isEnd, setEnd] = useState(false);
  const [shining, setShining] = useState<string | null>(null);
  useSticking(ref, atEnd);

  useLayoutEffect(() => {
    const list = ref.current;
    if (!list) return;
    if (atEnd.current) list.scrollTop = list.scrollHeight;
    else if (anchor.current && anchor.current.id !== firstId) restore(list, anchor.current);
    anchor.current = anchorOf(list);
    if (list.scrollHeight <= list.clientHeight + NEAR) onTop();
    setEnd(isAtEnd(list));
    // Only a change of the list moves it.
  }, [firstId, count]);

  const onScroll = () => {
    const list = ref.current;
    if (!list) return;
    const isUp = list.scrollTop < lastTop.current - 1;
    lastTop.current = list.scrollTop;
    if (isAtEnd(list)) atEnd.current = true;
    else if (isUp) atEnd.current = false; // else it is the content that grew
    setEnd(atEnd.current);
    anchor.current = anchorOf(list);
    if (list.scrollTop < LOAD_AT) onTop();
  };
  const toEnd = useCallback(() => {
    atEnd.current = true;
    const list = ref.current;
    if (list) list.scrollTop = list.scrollHeight;
  }, []);
  const jumpTo = useCallback((id: string) => {
    const element = elementOf(ref.current, id);
    if (!element) return false;
    atEnd.current = false;
    const show = () => element.scrollIntoView({ block: 'center' });
    show();
    requestAnimationFrame(show); // what comes into view takes its real size first
    element.focus({ preventScroll: true });
    setShining(id);
    setTimeout(() => setShining((now) => (now === id ? null : now)), SHINE_MS);
    return true;
  }, []);
  return { ref, isAtEnd: isEnd, shining, onScroll, toEnd, jumpTo };
}
