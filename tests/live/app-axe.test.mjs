// What axe-core finds on every page of the app, in both themes: nothing that keeps people out. Its
// source is evaluated by the debugger, which the page's policy does not concern.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import test from 'node:test';

import { openSite, Site } from './app.mjs';
import { scenes } from './app-scenes.mjs';
import { all } from './stoa.mjs';

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

/** On a page of its own: what is wrong there is told of that page. */
const check = async (site, scene) => {
  const { page } = await scene(site);
  await page.evaluate(`${source}; undefined`);
  for (const scheme of ['light', 'dark']) assert.deepEqual(await inScheme(page, scheme), [], scheme);
  await site.check();
  for (const visitor of site.visitors) await visitor.page.context().close();
};

test('nothing grave on any page', { concurrency: 2 }, async (t) => {
  const { server, browser } = await openSite(t);
  await all(t, Object.fromEntries(Object.entries(scenes).map(([name, scene]) =>
    [name, () => check(new Site(server, browser), scene)])));
});
