// What the timer does for those who look elsewhere: a chime, a notification, the page's title; and
// what one wants to get done, which stays one's own.
import assert from 'node:assert/strict';
import test from 'node:test';

import { openSite } from './app.mjs';
import { leaveTab } from './app-candidate.mjs';
import { pair } from './app-scenes.mjs';
import { eventually } from './stoa.mjs';

const LONG = 30_000;

/** In a page: from now on notifications and tones are written down. */
const listen = () => {
  window.notified = [];
  window.tones = [];
  window.Notification = class {
    static permission = 'default';
    static requestPermission() {
      return Promise.resolve((this.permission = 'granted'));
    }
    constructor(title, { body }) {
      window.notified.push({ title, body });
    }
  };
  const { start } = OscillatorNode.prototype;
  OscillatorNode.prototype.start = function (...args) {
    window.tones.push(Math.round(this.frequency.value));
    return start.apply(this, args);
  };
};

const heard = ({ page }) => page.evaluate(() => ({ notified: window.notified, tones: window.tones }));

const focusEnded = [523, 659, 784];
const breakEnded = [784, 659, 523];

/** Such as were heard, in order, and no others. */
const hears = (visitor, tones) => eventually(
  async () => `${(await heard(visitor)).tones}` === `${tones}`, `${visitor.name} to hear ${tones}`, LONG);

/** A browser without windows calls all of its pages visible: the page is told otherwise. */
const hide = ({ page }) => page.evaluate(() => {
  Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' });
  Object.defineProperty(document, 'hidden', { get: () => true });
  document.dispatchEvent(new Event('visibilitychange'));
});

const setAlerts = async (visitor, { sound, notification }) => {
  await visitor.button('Timer settings').click();
  const dialog = visitor.page.getByRole('dialog');
  await dialog.getByRole('switch', { name: 'Chime at the end' }).setChecked(sound, { force: true });
  await dialog.getByRole('switch', { name: 'Notify me at the end' }).setChecked(notification, { force: true });
  await visitor.page.keyboard.press('Escape');
  await dialog.first().waitFor({ state: 'detached' });
};

/** Seconds that are left, as the page's title says and as the dial does. */
const left = ({ page }) => page.evaluate(() => {
  const seconds = (text) => {
    const [, m, s] = /(\d+):(\d\d)/.exec(text) ?? [];
    return m === undefined ? null : Number(m) * 60 + Number(s);
  };
  return { title: seconds(document.title), dial: seconds(document.querySelector('[role=timer]').textContent) };
});

test('the end of a phase, in a tab that nobody looks at', async (t) => {
  const site = await openSite(t);
  const timer = { focusMinutes: 0.2, breakMinutes: 0.15 };
  const { host: ann, guest: bob } = await pair(site, 'Timer', { mode: 'focus', timer });
  for (const { page } of [ann, bob]) await page.evaluate(listen);
  await setAlerts(ann, { sound: true, notification: true });
  await setAlerts(bob, { sound: false, notification: true });
  await leaveTab(ann, async () => {
    await hide(ann);
    await bob.button('Start focus').click();
    await t.test('it shows the right time', () => eventually(async () => {
      const [{ title, dial }, { dial: other }] = [await left(ann), await left(bob)];
      return title !== null && Math.abs(title - other) <= 2 && Math.abs(dial - other) <= 2;
    }, 'the same time in both', LONG));
    await t.test('chimes and notifies, once', async () => {
      await hears(ann, focusEnded);
      await hears(ann, [...focusEnded, ...breakEnded]);
      assert.deepEqual((await heard(ann)).notified, [
        { title: 'Timer', body: 'Focus is over. Time for a break.' },
        { title: 'Timer', body: 'The break is over.' },
      ]);
    });
  });
  await t.test('who looks at it is not notified, who wants no sound hears none', async () => {
    await bob.sees(bob.page.locator('.timer-dial[data-phase=idle]'));
    assert.deepEqual(await heard(bob), { notified: [], tones: [] });
  });
  await site.check();
});

const goal = (visitor, text) => visitor.page.locator('.timer-goal').filter({ hasText: text });

const addGoal = async (visitor, text) => {
  await visitor.page.getByPlaceholder('Add a goal').fill(text);
  await visitor.page.keyboard.press('Enter');
  await goal(visitor, text).waitFor();
};

test('goals of one\'s own', async (t) => {
  const site = await openSite(t);
  const { host: ann, guest: bob } = await pair(site, 'Goals', { mode: 'focus' });
  await bob.panel('People');
  for (const text of ['Read', 'Write', 'Sleep']) await addGoal(ann, text);
  await goal(ann, 'Read').getByRole('checkbox').check();
  await goal(ann, 'Sleep').getByRole('button', { name: 'Remove this goal' }).click();
  await goal(ann, 'Write').getByRole('button', { name: 'Show this goal to the others' }).click();
  const people = bob.page.getByRole('list', { name: 'People in the room' });
  await people.getByText('Write').waitFor();
  await ann.page.reload();
  await ann.page.locator('button[type=submit]').first().click();
  await ann.isIn();
  await t.test('survive a reload, as they were left', async () => {
    await goal(ann, 'Write').waitFor();
    assert.equal(await goal(ann, 'Read').getByRole('checkbox').isChecked(), true);
    assert.equal(await goal(ann, 'Write').getByRole('checkbox').isChecked(), false);
    assert.equal(await goal(ann, 'Sleep').count(), 0);
  });
  await t.test('the one that is shown is still shown, the others are not', async () => {
    await goal(ann, 'Write').getByRole('button', { name: 'Stop showing this goal' }).waitFor();
    await people.getByText('Write').waitFor();
    assert.equal(await bob.page.getByText('Read', { exact: true }).count(), 0);
    await goal(ann, 'Write').getByRole('checkbox').check();
    await people.getByRole('img', { name: 'Goal reached' }).waitFor();
  });
  await site.check();
});
