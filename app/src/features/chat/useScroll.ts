// Where the list of messages stands, and which of them it holds: the newest ones, until somebody
// scrolls up; then what one reads stays in its place, whatever comes or goes around it.
import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type RefObject,
} from 'react';
import type { Message } from '~/wire/types';
import { around, earlier, later, LATEST, pinned, rangeOf, type Range, type Span } from './span';

const NEAR = 48; // pixels that still count as the end
const EDGE = 600; // pixels from an edge, where more is shown
const SHINE_MS = 2000;

const elementOf = (list: HTMLElement | null, id: string): HTMLElement | null =>
  list?.querySelector(`[data-id="${CSS.escape(id)}"]`) ?? null;

const below = (e: HTMLElement) => e.scrollHeight - e.scrollTop - e.clientHeight;

/** A message that is seen, and where. */
interface Anchor {
  id: string;
  y: number;
}

function anchorOf(list: HTMLElement): Anchor | null {
  const top = list.getBoundingClientRect().top;
  for (const element of list.querySelectorAll<HTMLElement>('[data-id]')) {
    const y = element.getBoundingClientRect().top;
    if (y >= top && element.dataset.id) return { id: element.dataset.id, y };
  }
  return null;
}

/** Puts it back where it was; the browser's own idea of that would come on top. */
function restore(list: HTMLElement, anchor: Anchor | null): void {
  const element = anchor && elementOf(list, anchor.id);
  if (!element) return;
  list.dataset.placing = '';
  list.scrollTop += element.getBoundingClientRect().top - anchor.y;
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

/** The message that was jumped to shines for a moment. */
function useShine(): [string | null, (id: string) => void] {
  const [shining, setShining] = useState<string | null>(null);
  useEffect(() => {
    if (shining === null) return;
    const timer = setTimeout(() => setShining(null), SHINE_MS);
    return () => clearTimeout(timer);
  }, [shining]);
  return [shining, setShining];
}

/** Which messages are shown. */
function useSpan(messages: readonly Message[]) {
  const [span, setSpan] = useState<Span>(LATEST);
  const last = useRef<Range>([0, 0]);
  const range = useMemo(() => rangeOf(span, messages, last.current), [span, messages]);
  last.current = range;
  return { span, setSpan, range };
}

export interface Scroll {
  ref: RefObject<HTMLDivElement | null>;
  range: Range; // of the messages that are shown
  isAtEnd: boolean;
  shining: string | null;
  onScroll: () => void;
  toEnd: () => void;
  jumpTo: (id: string, messages: readonly Message[]) => void;
}

/** `onTop` is called where older ones than there are are wanted; `count` is of all that is said. */
export function useScroll(messages: readonly Message[], count: number, onTop: () => void): Scroll {
  const ref = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const lastTop = useRef(0);
  const anchor = useRef<Anchor | null>(null);
  const target = useRef<string | null>(null); // of a jump, until it is there
  const { span, setSpan, range } = useSpan(messages);
  const [isEnd, setEnd] = useState(false);
  const [shining, shine] = useShine();
  useSticking(ref, atEnd);

  const [start, end] = range;
  const isLatest = end === messages.length;
  const isUsual = span.startId === null && span.endId === null;

  /** What the place of the list asks for. */
  const follow = (list: HTMLElement) => {
    const isThere = isLatest && below(list) < NEAR;
    setEnd(isThere);
    anchor.current = anchorOf(list);
    lastTop.current = list.scrollTop;
    if (list.scrollTop < EDGE && start > 0) setSpan(earlier(messages, range));
    else if (list.scrollTop < EDGE) onTop();
    else if (!isLatest && below(list) < EDGE) setSpan(later(messages, range));
    else if (isThere && !isUsual) setSpan(LATEST);
    else if (!isThere && isUsual) setSpan(pinned(messages, range));
  };

  useLayoutEffect(() => {
    const list = ref.current;
    if (!list) return;
    const jump = target.current && elementOf(list, target.current);
    target.current = null;
    if (jump) jump.scrollIntoView({ block: 'center' });
    else if (atEnd.current) list.scrollTop = list.scrollHeight;
    else restore(list, anchor.current);
    if (jump) jump.focus({ preventScroll: true });
    follow(list);
    // Only a change of what is shown moves it.
  }, [messages[start]?.id, messages[end - 1]?.id, count, span]);

  const onScroll = () => {
    const list = ref.current;
    if (!list) return;
    const isUp = list.scrollTop < lastTop.current - 1;
    if (isLatest && below(list) < NEAR) atEnd.current = true;
    else if (isUp) atEnd.current = false; // else it is the content that grew
    follow(list);
  };
  const toEnd = useCallback(() => {
    atEnd.current = true;
    setSpan({ ...LATEST });
  }, [setSpan]);
  const jumpTo = useCallback(
    (id: string, all: readonly Message[]) => {
      atEnd.current = false;
      target.current = id;
      setSpan(
        around(
          all,
          all.findIndex((message) => message.id === id),
        ),
      );
      shine(id);
    },
    [shine, setSpan],
  );
  return { ref, range, isAtEnd: isEnd, shining, onScroll, toEnd, jumpTo };
}
