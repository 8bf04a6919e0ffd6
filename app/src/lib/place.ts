// Where one was on a page, for when one comes back to it: kept in the page's entry in the browser's
// history. What the browser keeps by itself is of no use: pages fill after they are shown.
const PAUSE_MS = 300; // after scrolling; browsers refuse to note more than a few things a second
const PATIENCE_MS = 5000;

const kept = (): number => {
  const { scrolled } = (history.state ?? {}) as { scrolled?: unknown };
  return typeof scrolled === 'number' ? scrolled : 0;
};

const note = (): void =>
  history.replaceState({ ...(history.state as object | null), scrolled: scrollY }, '');

const isAt = (top: number): boolean => Math.abs(scrollY - top) < 2;

/** Goes there as soon as the page is long enough, unless people go somewhere else meanwhile. */
function goTo(top: number, signal: AbortSignal, done: () => void): void {
  scrollTo(0, top);
  if (isAt(top)) return done();
  const grown = new ResizeObserver(() => {
    scrollTo(0, top);
    if (isAt(top)) end();
  });
  const end = (): void => {
    clearTimeout(timer);
    grown.disconnect();
    if (!signal.aborted) done();
  };
  const timer = setTimeout(end, PATIENCE_MS);
  for (const deed of ['wheel', 'touchmove', 'keydown', 'pointerdown'])
    addEventListener(deed, end, { once: true, signal });
  signal.addEventListener('abort', end);
  grown.observe(document.body);
}

/** Notes where one is, until `signal`. */
function watch(signal: AbortSignal): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = (): void => {
    if (timer === undefined) return;
    clearTimeout(timer);
    timer = undefined;
    note();
  };
  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(flush, PAUSE_MS);
  };
  addEventListener('scroll', later, { signal });
  addEventListener('click', flush, { signal, capture: true }); // it may lead elsewhere
  addEventListener('pagehide', flush, { signal });
  signal.addEventListener('abort', () => clearTimeout(timer)); // the entry is another by now
}

/** While a page is there: it begins where it was left, else at its top. */
export function keepPlace(): () => void {
  history.scrollRestoration = 'manual';
  const stop = new AbortController();
  goTo(kept(), stop.signal, () => watch(stop.signal));
  return () => stop.abort();
}
