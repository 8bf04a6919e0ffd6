// What leaves a board, and what comes to it: pictures, exports, imports.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';

import { openSite } from './app.mjs';
import { drag, openBoard, ops, sameInk, tool } from './app-board.mjs';
import { lookAt, redSquare } from './app-pictures.mjs';
import { pair, quiet } from './app-scenes.mjs';
import { eventually } from './stoa.mjs';

const LONG = 30_000;

const holds = (visitor, n) =>
  eventually(async () => (await ops(visitor)) === n, `${n} things on ${visitor.name}'s board`, LONG);

const exported = async (visitor, kind) => {
  await visitor.button('Board menu').click();
  const [download] = await Promise.all([
    visitor.page.waitForEvent('download'),
    visitor.page.getByRole('menuitem', { name: `Export as ${kind}` }).click(),
  ]);
  assert.equal(download.suggestedFilename(), `whiteboard.${kind.toLowerCase()}`);
  return readFile(await download.path());
};

/** A board as it can be seen. */
const seen = async (visitor) => {
  const url = await visitor.page.locator('.board-scene').evaluate((canvas) => canvas.toDataURL('image/png'));
  return lookAt(visitor, Buffer.from(url.split(',')[1], 'base64'));
};

/** Where there is no policy against it. */
const parseSvg = async (visitor, text) => {
  const page = await visitor.page.context().newPage();
  const found = await page.evaluate((svg) => {
    const root = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
    const all = (name) => [...root.getElementsByTagName(name)];
    const count = Object.fromEntries(['rect', 'ellipse', 'path', 'image'].map((n) => [n, all(n).length]));
    return { root: root.nodeName, count, href: all('image')[0]?.getAttribute('href') ?? '' };
  }, text);
  await page.close();
  return found;
};

/** Ids are new, and who drew it is somebody else. */
const drawn = (file) => JSON.parse(file).ops.map(({ id: _, by: __, ...op }) => op);

test('a board is taken along', async (t) => {
  const site = await openSite(t);
  const { host: ann, guest: bob } = await pair(site, 'Board', { mode: 'study' });
  await openBoard(ann);
  await openBoard(bob);
  await tool(ann, 'Pen');
  await drag(ann, [[0.3, 0.4], [0.4, 0.6], [0.5, 0.4]]);
  await tool(ann, 'Rectangle');
  await drag(ann, [[0.35, 0.3], [0.65, 0.7]]);
  await tool(ann, 'Ellipse');
  await drag(ann, [[0.4, 0.35], [0.6, 0.65]]);
  await holds(ann, 3);
  await t.test('a picture that is put on it is seen by the other', async () => {
    assert.equal((await seen(bob)).red, 0);
    const file = { name: 'red.png', mimeType: 'image/png', buffer: await redSquare(ann) };
    await ann.page.locator('.board input[accept*="image/png"]').setInputFiles(file);
    await ann.sees('The picture is on the board');
    await holds(bob, 4);
    await eventually(async () => (await seen(bob)).red > 1000, 'red on the other page', LONG);
  });

  await t.test('as PNG: with all of the ink', async () => {
    const png = await lookAt(ann, await exported(ann, 'PNG'));
    assert.ok(png.width > 200 && png.height > 100, `${png.width} x ${png.height}`);
    assert.ok(png.red > 1000 && png.dark > png.red + 1000, JSON.stringify(png));
  });
  await t.test('as SVG: each thing an element, the picture within it', async () => {
    const { root, count, href } = await parseSvg(ann, `${await exported(ann, 'SVG')}`);
    assert.equal(root, 'svg');
    assert.deepEqual(count, { rect: 2, ellipse: 1, path: 1, image: 1 }); // paper is a rect, too
    assert.match(href, /^data:image\/png;base64,/);
  });
  await t.test('as JSON: and in another room it is the same', async () => {
    const file = await exported(bob, 'JSON');
    assert.deepEqual(drawn(file).map(({ type }) => type), ['stroke', 'rect', 'ellipse', 'image']);
    const cay = await quiet(site, 'Cay');
    await cay.enter(await site.makeRoom('Elsewhere', { mode: 'study' }), { microphone: false, camera: false });
    await openBoard(cay);
    await cay.page.locator('.board input[accept*="json"]')
      .setInputFiles({ name: 'board.json', mimeType: 'application/json', buffer: file });
    await cay.sees('4 things imported');
    await holds(cay, 4);
    await eventually(async () => (await seen(cay)).red > 1000, 'the picture there', LONG);
    assert.deepEqual(drawn(await exported(cay, 'JSON')), drawn(file));
    await cay.page.keyboard.press('Escape'); // nothing is selected
    await ann.page.keyboard.press('Escape');
    await sameInk(ann, cay, 'the same board');
  });
  await t.test('what is no board is refused', async () => {
    await bob.page.locator('.board input[accept*="json"]')
      .setInputFiles({ name: 'x.json', mimeType: 'application/json', buffer: Buffer.from('[1]') });
    await bob.sees('This is not a board');
    assert.equal(await ops(bob), 4);
  });
  await site.check();
});
