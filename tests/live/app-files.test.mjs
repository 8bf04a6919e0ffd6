// Files on their way: uploads in parts that are paused, gone on with and cancelled; what is pasted
// and dropped; pictures looked at.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';

import { openSite } from './app.mjs';
import { redSquare } from './app-pictures.mjs';
import { pair } from './app-scenes.mjs';
import { eventually } from './stoa.mjs';

const LONG = 30_000;
const MIB = 1 << 20;

const sha = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** Uploads of this page take no more than that; 0: as much as there is. */
const throttle = async ({ page }, bytesPerSecond) => {
  const browser = await page.context().newCDPSession(page);
  const conditions = { offline: false, latency: 0, downloadThroughput: -1 };
  const uploadThroughput = bytesPerSecond || -1;
  await browser.send('Network.enable');
  await browser.send('Network.emulateNetworkConditions', { ...conditions, uploadThroughput });
};

/** What the page asks for at the addresses of uploads. */
const watchUploads = ({ page }) => {
  const asked = [];
  page.on('request', (request) => {
    if (!/\/api\/files\/[0-9a-f]{32}\?/.test(request.url())) return;
    asked.push({ method: request.method(), at: Number(request.headers()['upload-offset'] ?? 0) });
  });
  return asked;
};

const upload = (visitor, file) => visitor.page.locator('.files-panel input[type=file]').setInputFiles(file);

const shared = (visitor) => visitor.page.getByRole('list', { name: 'Shared files' });
const underWay = (visitor) => visitor.page.getByRole('list', { name: 'Uploads' });

/** Some of it has gone. */
const begins = (visitor) => eventually(async () => (await underWay(visitor).getByRole('progressbar')
  .evaluate((bar) => bar.value).catch(() => 0)) > 0.05, 'an upload to get on', LONG);

test('uploads in parts', async (t) => {
  const site = await openSite(t);
  const folder = await mkdtemp(path.join(tmpdir(), 'stoa-app-uploads-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const big = Buffer.concat(Array.from({ length: 10 }, (_, n) => Buffer.alloc(MIB, `part ${n}, `)));
  for (const name of ['book.txt', 'other.txt']) await writeFile(path.join(folder, name), big);
  const { host: ann, guest: bob } = await pair(site, 'Files', { mode: 'study' });
  await ann.panel('Files');
  await bob.panel('Files');
  const asked = watchUploads(ann);

  await throttle(ann, MIB);
  await upload(ann, path.join(folder, 'book.txt'));
  await begins(ann);
  await t.test('paused', async () => {
    await ann.button('Pause book.txt').click();
    await ann.sees(/^Paused at .* of 10/);
    assert.equal(await bob.page.getByText('book.txt').count(), 0);
  });
  await t.test('and gone on with, from where it was', async () => {
    const before = asked.length;
    await throttle(ann, 0);
    await ann.button('Go on with book.txt').click();
    await shared(bob).getByText('book.txt').waitFor();
    const [first, second] = asked.slice(before);
    assert.equal(first.method, 'HEAD', 'it asks how much is there');
    assert.ok(second.method === 'PATCH' && second.at > 0, `goes on at ${second.at}`);
    const [download] = await Promise.all([
      bob.page.waitForEvent('download'),
      bob.page.getByRole('link', { name: 'Download book.txt' }).click(),
    ]);
    assert.equal(sha(await readFile(await download.path())), sha(big));
  });
  await t.test('cancelled', async () => {
    await throttle(ann, MIB);
    await upload(ann, path.join(folder, 'other.txt'));
    await begins(ann);
    const gone = ann.page.waitForResponse((answer) => answer.request().method() === 'DELETE');
    await ann.button('Cancel other.txt').click();
    assert.equal((await gone).status(), 204);
    await underWay(ann).first().waitFor({ state: 'detached' });
    await throttle(ann, 0);
    await upload(ann, { name: 'small.txt', mimeType: 'text/plain', buffer: Buffer.from('small') });
    await shared(bob).getByText('small.txt').waitFor(); // nothing is in its way
    assert.equal(await bob.page.getByText('other.txt').count(), 0);
  });
  await site.check();
});

/** Files as a drag has them. */
const dragged = ({ page }, name, text) => page.evaluateHandle(([fileName, content]) => {
  const files = new DataTransfer();
  files.items.add(new File([content], fileName, { type: 'text/plain' }));
  return files;
}, [name, text]);

test('pasted, dropped, looked at', async (t) => {
  const site = await openSite(t);
  const { host: ann, guest: bob } = await pair(site, 'Pictures', { mode: 'study' });
  await bob.panel('Files');
  await t.test('a picture from the clipboard', async () => {
    const png = await redSquare(ann);
    await ann.page.evaluate((bytes) => navigator.clipboard.write([
      new ClipboardItem({ 'image/png': new Blob([new Uint8Array(bytes)], { type: 'image/png' }) }),
    ]), [...png]);
    await ann.page.evaluate(() => document.activeElement?.blur());
    await ann.page.keyboard.press('Control+v');
    await shared(bob).getByText('image.png').waitFor();
  });
  await t.test('is shown, and shown large', async () => {
    const whole = (image) => eventually(
      () => image.evaluate((i) => i.complete && i.naturalWidth === 48), 'the picture', LONG);
    await whole(shared(bob).getByRole('img', { name: 'image.png' }));
    await bob.button('Show image.png').click();
    const dialog = bob.page.getByRole('dialog');
    await whole(dialog.getByRole('img', { name: 'image.png' }));
    await dialog.getByRole('link', { name: 'Open in full size' }).waitFor();
    await bob.page.keyboard.press('Escape');
    await dialog.first().waitFor({ state: 'detached' });
  });
  await t.test('a file that is dropped', async () => {
    const dataTransfer = await dragged(ann, 'notes.txt', 'dropped here');
    await ann.page.dispatchEvent('.room-middle', 'dragenter', { dataTransfer });
    await ann.sees('Drop to share');
    await ann.page.dispatchEvent('.room-middle', 'drop', { dataTransfer });
    await ann.page.getByText('Drop to share').first().waitFor({ state: 'detached' });
    await shared(bob).getByText('notes.txt').waitFor();
  });
  await t.test('text that is pasted where one writes stays text', async () => {
    await ann.page.evaluate(() => navigator.clipboard.writeText('just words'));
    await ann.field(/message/i).click();
    await ann.page.keyboard.press('Control+v');
    await eventually(async () => (await ann.field(/message/i).inputValue()) === 'just words', 'the words');
    assert.equal(await shared(bob).getByRole('listitem').count(), 2);
  });
  await site.check();
});
