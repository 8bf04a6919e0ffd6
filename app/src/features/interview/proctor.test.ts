import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReportKind } from '~/wire/types';
import { GRACE_MS, SETTLE_MS, see, unarmed, type Look, type Sight, type Watch } from './proctor';

const here: Look = { fullscreen: true, hidden: false, focused: true };

/** A page that is looked at after each step, and once more when the machine wants it. */
class Page {
  watch: Watch = unarmed;
  look: Look = here;
  now = 0;
  wakeAt: number | null = null;
  reports: ReportKind[] = [];

  see(sight: Sight): this {
    const seen = see(this.watch, sight, this.now);
    this.watch = seen.watch;
    this.wakeAt = seen.wakeAt;
    this.reports.push(...seen.reports);
    return this;
  }

  becomes(part: Partial<Look>): this {
    this.look = { ...this.look, ...part };
    return this.see({ type: 'look', ...this.look });
  }

  arm(): this {
    return this.see({ type: 'arm', ...this.look });
  }

  wait(ms: number): this {
    const end = this.now + ms;
    while (this.wakeAt !== null && this.wakeAt <= end) {
      this.now = this.wakeAt;
      this.see({ type: 'look', ...this.look });
    }
    this.now = end;
    return this;
  }

  take(): ReportKind[] {
    return this.reports.splice(0);
  }
}

const armed = (): Page => {
  const page = new Page().arm();
  page.take();
  return page;
};

test('nothing is reported before it is armed, nor after', () => {
  const page = new Page();
  page.becomes({ hidden: true }).becomes({ fullscreen: false }).wait(5000);
  page.see({ type: 'clip', kind: 'PASTE' });
  assert.deepEqual(page.take(), []);
  page.becomes(here).arm();
  assert.deepEqual(page.take(), ['FULLSCREEN_ENTER']);
  page.see({ type: 'disarm' }).becomes({ hidden: true, fullscreen: false }).wait(5000);
  assert.deepEqual(page.take(), []);
});

test('a browser without full screen reports nothing of it', () => {
  const page = new Page();
  page.look = { ...here, fullscreen: false };
  page.arm().becomes({ focused: false }).wait(SETTLE_MS).becomes({ focused: true });
  assert.deepEqual(page.take(), ['TAB_BLUR', 'TAB_FOCUS']);
});

test('full screen is left and entered', () => {
  const page = armed().becomes({ fullscreen: false }).becomes({ fullscreen: false });
  page.becomes({ fullscreen: true });
  assert.deepEqual(page.take(), ['FULLSCREEN_EXIT', 'FULLSCREEN_ENTER']);
});

const orders: Partial<Look>[][] = [
  [{ hidden: true }, { focused: false }, { hidden: false }, { focused: true }],
  [{ focused: false }, { hidden: true }, { hidden: false }, { focused: true }],
  [{ hidden: true }, { focused: false }, { focused: true }, { hidden: false }],
  [{ focused: false }, { hidden: true }, { focused: true }, { hidden: false }],
  [{ hidden: true }, { hidden: false }],
];

test('one switch is one report, in whatever order the events come', () => {
  for (const order of orders)
    for (const pause of [0, 5, SETTLE_MS - 1, SETTLE_MS, 5000]) {
      const page = armed();
      for (const step of order) page.becomes(step).wait(pause);
      page.wait(5000);
      assert.deepEqual(page.take(), ['TAB_BLUR', 'TAB_FOCUS'], JSON.stringify([order, pause]));
    }
});

test('losing the focus for a moment is none', () => {
  const page = armed()
    .becomes({ focused: false })
    .wait(SETTLE_MS - 1)
    .becomes({ focused: true });
  assert.deepEqual(page.wait(5000).take(), []);
});

test('what the page itself asks for is excused; hiding the page is not', () => {
  const page = armed().see({ type: 'excuse', begins: true });
  page.becomes({ focused: false }).wait(60_000);
  assert.deepEqual(page.take(), []);
  page.becomes({ hidden: true });
  assert.deepEqual(page.take(), ['TAB_BLUR']);
  page.becomes(here).see({ type: 'excuse', begins: false }).wait(5000);
  assert.deepEqual(page.take(), ['TAB_FOCUS']);
});

test('after an excuse there is a moment to come back', () => {
  const page = armed().see({ type: 'excuse', begins: true });
  page.becomes({ focused: false, fullscreen: false }).see({ type: 'excuse', begins: false });
  page
    .wait(SETTLE_MS - 1)
    .becomes({ focused: true })
    .wait(GRACE_MS - SETTLE_MS);
  assert.deepEqual(page.take(), []);
  page.wait(1);
  assert.deepEqual(page.take(), ['FULLSCREEN_EXIT']);
});

test('two excuses are over when both are', () => {
  const page = armed().see({ type: 'excuse', begins: true }).see({ type: 'excuse', begins: true });
  page.becomes({ focused: false }).see({ type: 'excuse', begins: false }).wait(5000);
  assert.deepEqual(page.take(), []);
  page.see({ type: 'excuse', begins: false }).wait(SETTLE_MS);
  assert.deepEqual(page.take(), ['TAB_BLUR']);
});

test('a key that is held down counts once', () => {
  const page = armed();
  for (let n = 0; n < 20; n++) page.see({ type: 'clip', kind: 'PASTE' }).wait(30);
  page.see({ type: 'clip', kind: 'COPY' }).wait(1000).see({ type: 'clip', kind: 'PASTE' });
  assert.deepEqual(page.take(), ['PASTE', 'COPY', 'PASTE']);
});

// ---- every order of everything

const steps: ((page: Page) => Page)[] = [
  (p) => p.becomes({ fullscreen: !p.look.fullscreen }),
  (p) => p.becomes({ hidden: !p.look.hidden }),
  (p) => p.becomes({ focused: !p.look.focused }),
  (p) => p.see({ type: 'excuse', begins: p.watch.excuses === 0 }),
  (p) => (p.watch.armed ? p.see({ type: 'disarm' }) : p.arm()),
  (p) => p.wait(SETTLE_MS),
];

const alternates = (reports: readonly ReportKind[], first: ReportKind, second: ReportKind) =>
  reports
    .filter((kind) => kind === first || kind === second)
    .every((kind, i) => kind === (i % 2 === 0 ? first : second));

/** What must hold whatever has happened; `since` is what was reported since it was armed. */
function check(page: Page, since: readonly ReportKind[], path: readonly number[]): void {
  const where = path.join();
  assert.ok(alternates(since, 'FULLSCREEN_ENTER', 'FULLSCREEN_EXIT'), where);
  assert.ok(alternates(since, 'TAB_BLUR', 'TAB_FOCUS'), where);
  if (!page.watch.armed || page.watch.excuses > 0) return;
  const later = new Page();
  Object.assign(later, page, { reports: [...since] });
  later.wait(GRACE_MS + SETTLE_MS);
  const isAway = page.look.hidden || !page.look.focused;
  const tab = later.reports.findLast((k) => k === 'TAB_BLUR' || k === 'TAB_FOCUS');
  assert.equal(tab === 'TAB_BLUR', isAway, where);
  const screen = later.reports.findLast((k) => k.startsWith('FULLSCREEN'));
  assert.equal(screen === 'FULLSCREEN_ENTER', page.look.fullscreen, where);
}

test('in every order of up to six events, reports come in pairs and end as the page is', () => {
  const walk = (path: number[]): void => {
    const page = new Page();
    let since: ReportKind[] = [];
    for (const n of path) {
      const was = page.watch.armed;
      steps[n]?.(page);
      if (!was && page.watch.armed) since = [];
      if (!was && !page.watch.armed) assert.deepEqual(page.reports, [], path.join());
      since.push(...page.take());
    }
    check(page, since, path);
    if (path.length < 6) for (let n = 0; n < steps.length; n++) walk([...path, n]);
  };
  walk([4]);
  walk([]);
});
