// What has the focus may go away by what it does: a message that is deleted, an upload that is
// cancelled, a button that becomes another. Who has only keys then stays near where that was, and
// is not sent to the beginning of the page.
import { useEffect, type RefObject } from 'react';

const FOCUSABLE =
  'a[href], button:not([tabindex="-1"]), input, select, textarea, summary, ' +
  '[tabindex]:not(button), [contenteditable=true]';

const isUsable = (element: Element): boolean =>
  element.isConnected &&
  !element.matches(':disabled, [inert], [inert] *') &&
  element.checkVisibility({ visibilityProperty: true });

const allIn = (box: HTMLElement) => [...box.querySelectorAll<HTMLElement>(FOCUSABLE)];

/** Where something is that has the focus: within what, from the inside, and after what. */
interface Place {
  element: Element;
  around: Element[];
  before: HTMLElement[];
}

function placeOf(element: Element, box: HTMLElement): Place {
  const around = [];
  for (let at = element.parentElement; at && box.contains(at); at = at.parentElement)
    around.push(at);
  const all = allIn(box);
  const at = all.findIndex((other) => other === element);
  return { element, around, before: all.slice(0, Math.max(0, at)) };
}

/** What comes after the place, or before it, whatever is closer to it. */
function nearest({ around, before }: Place, box: HTMLElement): HTMLElement | undefined {
  const now = allIn(box).filter(isUsable);
  const left = new Set(now);
  const previous = before.findLast((element) => left.has(element));
  const next = now[previous ? now.indexOf(previous) + 1 : 0];
  for (const home of around.filter((element) => element.isConnected))
    for (const one of [next, previous]) if (one && home.contains(one)) return one;
  return undefined;
}

class FocusKeeper {
  readonly #box: HTMLElement;
  #place: Place | null = null;
  #isByKeys = false;

  constructor(box: HTMLElement) {
    this.#box = box;
  }

  handleEvent({ type, target, relatedTarget }: FocusEvent): void {
    if (type === 'keydown') this.#isByKeys = true;
    if (type === 'pointerdown') this.#isByKeys = false;
    if (type === 'focusout' && relatedTarget) this.#place = null; // it went elsewhere by itself
    if (type === 'focusin' && target instanceof Element) this.#place = placeOf(target, this.#box);
  }

  look(): void {
    const place = this.#place;
    if (!place || isUsable(place.element)) return;
    this.#place = null;
    const has = document.activeElement;
    const isNowhere = has === null || has === document.body || has === place.element;
    if (isNowhere && this.#isByKeys) nearest(place, this.#box)?.focus();
  }
}

export function useKeptFocus(root: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const box = root.current;
    if (!box) return undefined;
    const keeper = new FocusKeeper(box);
    const stop = new AbortController();
    const { signal } = stop;
    for (const type of ['focusin', 'focusout']) box.addEventListener(type, keeper, { signal });
    for (const type of ['keydown', 'pointerdown'])
      document.addEventListener(type, keeper, { signal, capture: true });
    const observer = new MutationObserver(() => keeper.look());
    const attributeFilter = ['disabled', 'hidden', 'inert'];
    observer.observe(box, { childList: true, subtree: true, attributeFilter });
    return () => {
      stop.abort();
      observer.disconnect();
    };
  }, [root]);
}
