// What axe-core finds on every page of the app, in both themes: nothing that keeps people out. Its
// source is evaluated by the debugger, which the page's policy does not concern.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import test from 'node:test';

import { openSite } from './app.mjs';
import { scenes } from './app-scenes.mjs';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const grave = ['serious', 'critical'];

/** Each finding in a line: what, where, and why. */
const findings = async (page) => {
  const { violations } = await page.evaluate(() =>
    window.axe.run(document, { resultTypes: ['violations'], preload: false }));
  return violations
    .filter(({ impact }) => grave.includes(impact))
    .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) =>
      `${id} ${target.flat().join(' ')}: ${failureSummary.replaceAll(/\s+/g, ' ')}`));
};

const inScheme = async (page, colorScheme) => {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  return findings(page);
};

test('nothing grave on any page', async (t) => {
  const site = await openSite(t);
  for (const [name, scene] of Object.entries(scenes))
    await t.test(name, async () => {
      const { page } = await scene(site);
      await page.evaluate(`${source}; undefined`);
      for (const scheme of ['light', 'dark'])
        assert.deepEqual(await inScheme(page, scheme), [], `${name}, ${scheme}`);
      await site.check();
      for (const visitor of site.visitors.splice(0)) await visitor.page.context().close();
    });
});
