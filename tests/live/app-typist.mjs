// Somebody who has a keyboard and nothing else, for the tests of the app by keys.
import assert from 'node:assert/strict';

import { quiet } from './app-scenes.mjs';
import { eventually } from './stoa.mjs';

const MOST_TABS = 80;
const SOON = 30_000;
const BACK = {
  'Tab': 'Shift+Tab', 'Shift+Tab': 'Tab', 'ArrowDown': 'ArrowUp', 'ArrowUp': 'ArrowDown',
  'ArrowRight': 'ArrowLeft',
};

/** How an element and what is around it is drawn, as far as a focus changes it. */
const edges = (element) => {
  const drawn = [];
  for (let at = element, n = 0; at instanceof Element && n < 4; at = at.parentElement, n++) {
    const { outlineStyle, outlineWidth, outlineColor, boxShadow } = getComputedStyle(at);
    drawn.push(outlineStyle === 'none' ? '' : `${outlineStyle} ${outlineWidth} ${outlineColor}`, boxShadow);
  }
  return drawn.join('; ');
};

const hasFocus = (element) => element.getRootNode().activeElement === element;

const focused = () => document.activeElement?.outerHTML.slice(0, 200);

export class Typist {
  constructor(visitor) {
    this.visitor = visitor;
    this.page = visitor.page;
  }

  button(name) {
    return this.page.getByRole('button', { name, exact: typeof name === 'string' }).first();
  }

  field(name) {
    return this.page.getByRole('textbox', { name }).first();
  }

  get dialog() {
    return this.page.getByRole('dialog');
  }

  async press(...keys) {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  async type(text) {
    await this.page.keyboard.type(text);
  }

  /** Instead of what is in the field. */
  async retype(text) {
    await this.press('Control+a');
    await this.type(text);
  }

  async has(target, what = `${target}`) {
    await target.waitFor({ state: 'attached' });
    try {
      await eventually(() => target.evaluate(hasFocus), `the focus on ${what}`, SOON);
    } catch (error) {
      throw new Error(`${error.message}; it is on ${await this.page.evaluate(focused)}`);
    }
  }

  /** What had the focus went away: it is elsewhere, not at the beginning of the page. */
  async keepsPlace(what) {
    const isSomewhere = () => this.page.evaluate(() => document.activeElement !== document.body);
    await eventually(isSomewhere, `the focus to be somewhere after ${what}`, SOON);
  }

  /** Presses Tab until it is there, and sees that it is. */
  async to(target, key = 'Tab') {
    await target.waitFor({ state: 'attached' });
    const before = await target.evaluate(edges);
    for (let n = 0; !(await target.evaluate(hasFocus)); n++) {
      assert.ok(n < MOST_TABS, `${key} leads to ${target}`);
      await this.press(key);
    }
    return { before, after: await target.evaluate(edges) };
  }

  /** As to(); it may not look, nor what is around it, as it did without the focus. */
  async seesFocusOn(target, key = 'Tab') {
    await target.waitFor({ state: 'attached' });
    if (await target.evaluate(hasFocus)) await this.press(BACK[key]);
    const { before, after } = await this.to(target, key);
    assert.notEqual(after, before, `the focus is seen on ${target}`);
  }

  async activate(target, key = 'Enter') {
    await this.seesFocusOn(target);
    await this.press(key);
  }

  /** Opens a menu and chooses from it. */
  async choose(trigger, name, key) {
    await this.seesFocusOn(trigger, key);
    await this.press('Enter');
    const menu = this.page.getByRole('menu');
    const item = menu.getByRole('menuitem', { name, exact: true })
      .or(menu.getByRole('menuitemcheckbox', { name, exact: true }));
    await item.waitFor();
    await this.to(item, 'ArrowDown');
    await this.press('Enter');
  }

  /** Beside the room; the arrows go around. */
  async panel(name) {
    const tabs = this.page.getByRole('tablist', { name: 'Beside the room' });
    await this.to(tabs.locator('[aria-selected=true]'));
    await this.seesFocusOn(tabs.getByRole('tab', { name }), 'ArrowRight');
  }

  /** Presses a button of the dialog that is open, which closes it. */
  async answer(name) {
    const { dialog } = this;
    await this.seesFocusOn(dialog.getByRole('button', { name, exact: true }));
    await this.press('Enter');
    await dialog.first().waitFor({ state: 'detached' });
  }

  async sees(what) {
    await this.visitor.sees(what);
  }

  async loses(what) {
    await what.first().waitFor({ state: 'detached' });
  }
}

export const typist = async (site, name, options) =>
  new Typist(await quiet(site, name, { reducedMotion: 'reduce', ...options }));

/** To the door of a room, and in if there is nobody to ask; a guest says a name first. */
export const knock = async (who, address, name) => {
  await who.visitor.goTo(address);
  await who.to(who.field('Your name'));
  await who.type(name);
  await who.press('Enter');
};

export const walkIn = async (who, roomId, name) => {
  await knock(who, `/room/${roomId}`, name);
  await who.visitor.isIn();
};

/** One after the other; what comes after one that failed would only fail, too. */
export const steps = async (t, all) => {
  for (const [name, run] of Object.entries(all)) {
    let isDone = false;
    await t.test(name, async () => {
      await run();
      isDone = true;
    });
    if (!isDone) return;
  }
};
