// Two pages of one browser on one interview: they share what the browser keeps, and the server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WireError } from '~/wire/errors';
import type { OwnCode } from '~/wire/types';
import { ADOPT_MS, Autosave } from './autosave';
import type { Kept } from './drafts';
import { FakeClock } from './fakeClock';

class Tab {
  isUp = true;
  isClosed = false;
  page: Autosave;
  #browser: Browser;

  constructor(browser: Browser) {
    this.#browser = browser;
    this.page = new Autosave(
      {
        changeCode: (code, language) => this.#say(code, language, false),
        submitCode: (code, language) => this.#say(code, language, true),
        load: () => structuredClone(browser.kept),
        keep: (kept) => !this.isClosed && browser.keep(this, kept),
        clock: browser.clock,
      },
      'python',
    );
  }

  get code(): string {
    return this.page.state.get().code;
  }

  line(isUp: boolean): void {
    this.isUp = isUp;
    const { server } = this.#browser;
    if (isUp) this.page.open(server && { ...server });
    this.page.line(isUp);
  }

  close(): void {
    this.page.flush(); // as on pagehide
    this.page.close();
    this.isClosed = true;
  }

  #say(code: string, language: string, isSubmit: boolean): Promise<void> {
    if (!this.isUp || this.isClosed) return Promise.reject(new WireError('OFFLINE', ''));
    const browser = this.#browser;
    const submitted = isSubmit || (browser.server?.submitted ?? false);
    browser.server = { code, language, submitted, submittedAt: null };
    browser.heard.push(code);
    if (isSubmit) browser.handedIn.push(code);
    return Promise.resolve();
  }
}

class Browser {
  clock = new FakeClock();
  kept: Kept | null = null;
  server: OwnCode | null = null;
  heard: string[] = [];
  handedIn: string[] = [];
  tabs: Tab[] = [];

  constructor() {
    for (const at of [0, 1]) this.load(at);
  }

  /** Opens a tab in place of the one that is there. */
  load(at: number, isUp = true): Tab {
    this.tabs[at]?.close();
    const tab = new Tab(this);
    this.tabs[at] = tab;
    tab.line(isUp);
    return tab;
  }

  keep(by: Tab, kept: Kept): void {
    this.kept = structuredClone(kept);
    for (const tab of this.tabs)
      if (tab !== by && !tab.isClosed) tab.page.mirror(structuredClone(kept));
  }
}

const pair = (): { browser: Browser; a: Tab; b: Tab } => {
  const browser = new Browser();
  const [a, b] = browser.tabs as [Tab, Tab];
  return { browser, a, b };
};

/** Numbers from 0 up to 1, the same ones for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

test('an idle tab follows each change, and sends nothing on leaving or coming back', async () => {
  const { browser, a, b } = pair();
  for (const code of ['p', 'pr', 'pri', 'print']) {
    a.page.edit(code, 'python');
    assert.equal(b.code, code);
  }
  b.page.flush();
  b.line(false);
  b.line(true);
  await browser.clock.pass(0);
  assert.deepEqual(browser.heard, []);
  await browser.clock.pass(1000);
  b.close();
  await browser.clock.pass(2 * ADOPT_MS);
  assert.deepEqual(browser.heard, ['print']);
  assert.equal(b.page.state.get().saving, 'saved');
});

test('a tab that was away does not bring its older text', async () => {
  const { browser, a, b } = pair();
  a.line(false);
  a.page.edit('old', 'python');
  b.page.edit('old and new', 'python');
  await browser.clock.pass(1000);
  a.line(true);
  await browser.clock.pass(2 * ADOPT_MS);
  assert.deepEqual(browser.heard, ['old and new']);
  assert.equal(a.page.state.get().choice, null);
});

test('what a closed tab could not send goes from the other one, after a while', async () => {
  const { browser, a, b } = pair();
  a.line(false);
  a.page.edit('kept', 'python');
  a.close();
  await browser.clock.pass(ADOPT_MS - 1);
  assert.deepEqual(browser.heard, []);
  await browser.clock.pass(1);
  assert.deepEqual(browser.heard, ['kept']);
  assert.equal(b.page.state.get().saving, 'saved');
});

test('a submission is handed in once, by the tab on which it was made', async () => {
  const { browser, a, b } = pair();
  a.line(false);
  a.page.edit('mine', 'python');
  a.page.submit();
  b.page.edit('mine, more', 'python');
  await browser.clock.pass(1000);
  assert.deepEqual(browser.handedIn, []);
  assert.equal(browser.kept?.submit?.code, 'mine', 'it is kept all the same');
  a.line(true);
  await browser.clock.pass(1000);
  b.line(false);
  b.line(true);
  await browser.clock.pass(1000);
  assert.deepEqual(browser.handedIn, ['mine']);
  assert.equal(browser.server?.code, 'mine, more', 'and nothing newer is lost by it');
  assert.equal(browser.kept?.submit, null);
});

test('whatever two tabs do: the newest change stays, what is handed in arrives once', async () => {
  for (let seed = 1; seed <= 1500; seed++) {
    const random = randomOf(seed);
    const browser = new Browser();
    let last = '';
    let count = 0;
    const wished: string[] = [];
    const path: string[] = [];
    const where = (): string => `seed ${seed}: ${path.join(' ')}`;
    for (let step = 0; step < 25; step++) {
      const at = random() < 0.5 ? 0 : 1;
      const tab = browser.tabs[at] as Tab;
      const dice = random();
      const isReady = tab.page.state.get().isReady && !tab.isClosed;
      if (dice < 0.45 && isReady) {
        path.push(`edit${at}`);
        assert.equal(tab.code, last, where());
        last = `${++count}`;
        tab.page.edit(last, 'python');
      } else if (dice < 0.52 && isReady && count > 0 && wished.at(-1) !== last) {
        // one at a time: a second one takes the place of the first while that waits
        if (!browser.kept?.submit) {
          path.push(`submit${at}`);
          wished.push(last);
          tab.page.submit();
        }
      } else if (dice < 0.7 && !tab.isClosed) {
        path.push(`${tab.isUp ? 'lost' : 'up'}${at}`);
        tab.line(!tab.isUp);
      } else if (dice < 0.78 && !tab.isClosed) {
        path.push(`close${at}`);
        tab.close();
      } else if (dice < 0.9) {
        path.push(`load${at}`);
        browser.load(at);
      }
      const heard = browser.heard.length;
      await browser.clock.pass([0, 50, 500, 3000][Math.floor(random() * 4)] ?? 0);
      if (browser.heard.length > heard && wished.length === 0)
        assert.equal(browser.heard.at(-1), last, where());
    }
    for (const at of [0, 1]) {
      browser.load(at);
      await browser.clock.pass(2 * ADOPT_MS);
    }
    assert.equal(browser.server?.code ?? '', last, where());
    for (const tab of browser.tabs) {
      assert.equal(tab.code, last, where());
      assert.equal(tab.page.state.get().choice, null, where());
    }
    assert.deepEqual(browser.handedIn, wished, where());
  }
});
