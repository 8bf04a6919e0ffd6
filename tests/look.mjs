// Pictures of every page, in both colour schemes, at the widths of a phone, a tablet and a desk:
// build/look/<page>-<width>-<scheme>.png. `node tests/look.mjs [PART OF A NAME...]`, or `make look`.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

import { openSite } from './live/app.mjs';
import { scenes } from './live/app-scenes.mjs';

const out = fileURLToPath(new URL('../build/look/', import.meta.url));
const widths = { 390: 844, 820: 1180, 1440: 900 };
const wanted = process.argv.slice(2);

const shoot = async ({ page }, name) => {
  for (const [width, height] of Object.entries(widths)) {
    await page.setViewportSize({ width: Number(width), height });
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.waitForTimeout(250);
      await page.screenshot({ path: path.join(out, `${name}-${width}-${colorScheme}.png`) });
    }
  }
};

test('pictures', async (t) => {
  await mkdir(out, { recursive: true });
  const site = await openSite(t);
  for (const [name, scene] of Object.entries(scenes)) {
    if (wanted.length && !wanted.some((word) => name.includes(word))) continue;
    await t.test(name, async () => {
      const visitors = site.visitors.length;
      await shoot(await scene(site), name);
      for (const visitor of site.visitors.splice(visitors)) await visitor.page.context().close();
    });
  }
});
