// What axe-core finds in all scenes of some tours, in both themes, at a desk and on a phone: nothing
// that keeps people out. Its source is evaluated by the debugger, which the page's policy does not
// concern.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { openBrowser, Site } from './app.mjs';
import { closeAll } from './app-scenes.mjs';
import { all, serve } from './stoa.mjs';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const grave = ['serious', 'critical'];
const sizes = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

/** Each finding in a line: what, where, and why. */
const findings = async (page) => {
  const { violations } = await page.evaluate(() =>
    window.axe.run(document, { resultTypes: ['violations'], preload: false }));
  return violations
    .filter(({ impact }) => grave.includes(impact))
    .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) =>
      `${id} ${target.flat().join(' ')}: ${failureSummary.replaceAll(/\s+/g, ' ')}`));
};

/** A page that the browser paints no more, as behind another one, has no frames; its styles are set
 * all the same. */
const frames = (page) => page.evaluate(() => new Promise((done) => {
  requestAnimationFrame(() => requestAnimationFrame(done));
  setTimeout(done, 1000);
}));

const check = async (page, only) => {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(`${source}; undefined`);
  const wrong = {};
  for (const [layout, size] of Object.entries(sizes)) {
    if (only && only !== layout) continue;
    await page.setViewportSize(size);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await frames(page);
      const found = await findings(page);
      if (found.length > 0) wrong[`${layout}, ${colorScheme}`] = found;
    }
  }
  await page.setViewportSize(sizes.desk);
  assert.deepEqual(wrong, {});
};

/** A scene that does not come about ends its tour: the next ones build on it. */
const go = async (t, site, { enter, scenes }) => {
  const place = await enter(site);
  for (const [name, show] of Object.entries(scenes)) {
    let page;
    await t.test(name, async () => {
      ({ page } = await show(place));
      await check(page, show.only);
      await closeAll(page);
    });
    if (!page) return;
  }
  await site.check();
};

export const findNothing = async (t, tours) => {
  const browser = await openBrowser(t);
  const run = (tour) => async (t2) => {
    const site = new Site(await serve(t2, tour.flags), browser);
    await go(t2, site, tour);
    for (const visitor of site.visitors) await visitor.page.context().close();
  };
  await all(t, Object.fromEntries(Object.entries(tours).map(([name, tour]) => [name, run(tour)])));
};
