// One tooltip for the whole page: whoever is pointed at or reached by keyboard says so to `shown`,
// and <TooltipLayer/> (in Overlays) shows it in the top layer, above dialogs and full screen too.
import {
  cloneElement,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
  type FocusEvent,
  type PointerEvent,
  type ReactElement,
} from 'react';

import { Store, useStore } from '~/lib/store';

import { Kbd } from './Kbd';

export type Side = 'top' | 'bottom' | 'left' | 'right';

interface Shown {
  id: string;
  anchor: Element;
  text: string;
  keys: string | undefined;
  side: Side;
}

const openMs = 500;
const closeMs = 120; // long enough to move onto it
const again = 400; // whoever has just read one gets the next at once
const tipId = 'stoa-tooltip';

const shown = new Store<Shown | null>(null);
let timer: ReturnType<typeof setTimeout> | undefined;
let closedAt = 0;

function later(ms: number, next: Shown | null): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (!next && shown.get()) closedAt = Date.now();
    if (!next || next.anchor.isConnected) shown.set(next);
  }, ms);
}

function hide(): void {
  clearTimeout(timer);
  shown.set(null);
}

export interface TooltipProps {
  text: string;
  children: ReactElement;
  side?: Side | undefined;
  keys?: string | undefined;
  isName?: boolean | undefined; // the text is the control's name already: it is not told twice
}

type Handlers = {
  onPointerEnter?: (event: PointerEvent) => void;
  onPointerLeave?: (event: PointerEvent) => void;
  onPointerDown?: (event: PointerEvent) => void;
  onFocus?: (event: FocusEvent) => void;
  onBlur?: (event: FocusEvent) => void;
  'aria-describedby'?: string | undefined;
};

export function Tooltip({ text, children, side = 'top', keys, isName = false }: TooltipProps) {
  const id = useId();
  const isOpen = useStore(shown, (now) => now?.id === id);
  const own = (children as ReactElement<Handlers>).props;
  const tip = (anchor: Element): Shown => ({ id, anchor, text, keys, side });

  useEffect(() => {
    const now = shown.get();
    if (now?.id === id) shown.set({ ...now, text, keys });
  }, [id, text, keys]);
  useEffect(() => () => void (shown.get()?.id === id && hide()), [id]);

  const handlers: Handlers = {
    onPointerEnter: (event) => {
      own.onPointerEnter?.(event);
      if (event.pointerType !== 'mouse') return;
      const isNext = shown.get() !== null || Date.now() - closedAt < again;
      later(isNext ? 0 : openMs, tip(event.currentTarget));
    },
    onPointerLeave: (event) => {
      own.onPointerLeave?.(event);
      later(closeMs, null);
    },
    onPointerDown: (event) => {
      own.onPointerDown?.(event);
      hide();
    },
    onFocus: (event) => {
      own.onFocus?.(event);
      if (event.target.matches(':focus-visible')) later(openMs, tip(event.currentTarget));
    },
    onBlur: (event) => {
      own.onBlur?.(event);
      hide();
    },
  };
  if (isOpen && !isName) handlers['aria-describedby'] = tipId;
  return cloneElement(children as ReactElement<Handlers>, handlers);
}

// ---- the one that is shown

const gap = 6;
const opposite = { top: 'bottom', bottom: 'top', left: 'right', right: 'left' } as const;

const roomAt = (side: Side, anchor: DOMRect) =>
  ({
    top: anchor.top,
    bottom: innerHeight - anchor.bottom,
    left: anchor.left,
    right: innerWidth - anchor.right,
  })[side];

/** Where a box of this size goes: beside the anchor, on the other side if there is no room. */
function placeOf(wished: Side, anchor: DOMRect, width: number, height: number) {
  const isFlat = wished === 'top' || wished === 'bottom';
  const needed = (isFlat ? height : width) + 2 * gap;
  const flip = roomAt(wished, anchor) < needed && roomAt(opposite[wished], anchor) >= needed;
  const side = flip ? opposite[wished] : wished;
  const at = {
    top: [anchor.left + (anchor.width - width) / 2, anchor.top - height - gap],
    bottom: [anchor.left + (anchor.width - width) / 2, anchor.bottom + gap],
    left: [anchor.left - width - gap, anchor.top + (anchor.height - height) / 2],
    right: [anchor.right + gap, anchor.top + (anchor.height - height) / 2],
  } as const;
  const inside = (x: number, most: number) => Math.max(gap, Math.min(x, most - gap));
  return {
    left: inside(at[side][0], innerWidth - width),
    top: inside(at[side][1], innerHeight - height),
  };
}

function Tip({ now }: { now: Shown }) {
  const box = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ left: 0, top: 0 });
  useLayoutEffect(() => {
    const { current } = box;
    if (!current) return;
    if (!current.matches(':popover-open')) current.showPopover();
    const { width, height } = current.getBoundingClientRect();
    setPlace(placeOf(now.side, now.anchor.getBoundingClientRect(), width, height));
  }, [now]);
  return (
    <div
      ref={box}
      id={tipId}
      role="tooltip"
      className="tooltip"
      popover="manual"
      style={place}
      onPointerEnter={() => clearTimeout(timer)}
      onPointerLeave={() => later(closeMs, null)}
    >
      {now.text}
      {now.keys ? <Kbd keys={now.keys} /> : null}
    </div>
  );
}

export function TooltipLayer() {
  const now = useStore(shown, (value) => value);
  const isOpen = now !== null;
  useEffect(() => {
    if (!isOpen) return;
    const onKey = (event: KeyboardEvent) => event.key === 'Escape' && hide();
    addEventListener('keydown', onKey, true);
    addEventListener('scroll', hide, true);
    return () => {
      removeEventListener('keydown', onKey, true);
      removeEventListener('scroll', hide, true);
    };
  }, [isOpen]);
  return now ? <Tip key={now.id} now={now} /> : null;
}
