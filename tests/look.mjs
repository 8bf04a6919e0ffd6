// Pictures of every page, in both colour schemes, at the widths of a phone, a tablet and a desk:
// build/look/<page>-<width>-<scheme>.png. `node tests/look.mjs [PART OF A NAME...]`, or `make look`.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

import { openBrowser, Site } from './live/app.mjs';
import { closeAll, pageTours } from './live/app-scenes.mjs';
import { callTours, interviewTours, studyTours } from './live/app-scenes-room.mjs';
import { serve } from './live/stoa.mjs';

const out = fileURLToPath(new URL('../build/look/', import.meta.url));
const desk = { width: 1280, height: 800 };
const sizes = [
  { layout: 'phone', width: 390, height: 844 },
  { layout: 'desk', width: 820, height: 1180 },
  { layout: 'desk', width: 1440, height: 900 },
];
const words = process.argv.slice(2);
const isWanted = (name) => words.length === 0 || words.some((word) => name.includes(word));

const shoot = async (page, name, only) => {
  for (const { layout, width, height } of sizes) {
    if (only && only !== layout) continue;
    await page.setViewportSize({ width, height });
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.waitForTimeout(250);
      await page.screenshot({ path: path.join(out, `${name}-${width}-${colorScheme}.png`) });
    }
  }
  await page.setViewportSize(desk);
};

/** The scenes of a tour need those before them, not those after the last that is wanted. */
const go = async (t, browser, { flags, enter, scenes }) => {
  const last = Object.keys(scenes).findLastIndex(isWanted);
  if (last < 0) return;
  const site = new Site(await serve(t, flags), browser);
  const place = await enter(site);
  for (const [name, show] of Object.entries(scenes).slice(0, last + 1)) {
    const { page } = await show(place);
    if (isWanted(name)) await shoot(page, name, show.only);
    await closeAll(page);
  }
  for (const visitor of site.visitors) await visitor.page.context().close();
};

test('pictures', async (t) => {
  await mkdir(out, { recursive: true });
  const browser = await openBrowser(t);
  const tours = { ...pageTours, ...studyTours, ...callTours, ...interviewTours };
  for (const [name, tour] of Object.entries(tours))
    await t.test(name, (t2) => go(t2, browser, tour));
});
