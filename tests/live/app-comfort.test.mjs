// What makes the app pleasant: it goes on where one was, says what is so, and nothing that is shown
// is out of reach.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';

import { openBrowser, openSite, Site } from './app.mjs';
import { member, pair, quiet } from './app-scenes.mjs';
import { eventually, serve } from './stoa.mjs';

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9'
  + 'awAAAABJRU5ErkJggg==';

const calm = { microphone: false, camera: false };
const phone = { viewport: { width: 390, height: 844 } };

test('who comes back to a page is where they were', async (t) => {
  const site = await openSite(t);
  for (let n = 0; n < 40; n++) await site.makeRoom(`Room ${n}`, { mode: 'call', isPublic: true });
  const ann = await site.visitor('Ann');
  const { page } = ann;
  const top = () => page.evaluate(() => Math.round(scrollY));
  await ann.goTo('/');
  await ann.sees('Room 39');
  const card = page.getByRole('link', { name: /Room 7\b/ });
  await card.scrollIntoViewIfNeeded();
  const left = await top();
  assert.ok(left > 500, `${left}`);
  await card.click();
  await page.waitForURL(/\/room\//);
  await ann.sees(page.locator('button[type=submit]'));
  await page.goBack();
  await eventually(async () => Math.abs(await top() - left) < 2, 'to be where it was');
  await page.reload();
  await eventually(async () => Math.abs(await top() - left) < 2, 'to be there again after a reload');
  await page.getByRole('link', { name: 'Sessions' }).first().click();
  await ann.sees(page.getByRole('heading', { name: 'Sessions', level: 1 }));
  assert.equal(await top(), 0, 'another page begins at its top');
  await site.check();
});

test('what is said over a dialog can be pressed', async (t) => {
  const site = await openSite(t);
  const { host: ann, guest: bob } = await pair(site, 'Talk', { mode: 'study', approval: false });
  await ann.button('Invite').click();
  const dialog = ann.page.getByRole('dialog');
  await dialog.waitFor();
  const toast = ann.page.locator('.toast');
  await eventually(async () => (await toast.count()) === 0, 'what was said of his coming to go');
  await bob.button('Raise hand').click();
  await toast.first().waitFor();
  await toast.getByRole('button', { name: 'Close' }).first().click();
  await toast.first().waitFor({ state: 'detached' });
  assert.equal(await dialog.count(), 1, 'the dialog stays');
  await bob.button('Lower hand').click();
  await bob.button('Raise hand').click();
  await toast.first().waitFor();
  const inToast = () => document.activeElement?.closest('.toast') !== null;
  let escapes = 0;
  await eventually(async () => {
    if ((await toast.count()) === 0) return true;
    await ann.page.keyboard.press('F8');
    await ann.page.keyboard.press('Tab');
    if (!(await ann.page.evaluate(inToast))) return false;
    await ann.page.keyboard.press('Escape');
    escapes++;
    return false;
  }, 'Escape to close it');
  assert.ok(escapes > 0);
  assert.equal(await dialog.count(), 1, 'nor does Escape close it from there');
  await bob.button('Lower hand').click();
  await bob.button('Raise hand').click();
  await toast.first().waitFor();
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  await dialog.first().waitFor({ state: 'detached' });
  await toast.getByRole('button', { name: 'Close' }).first().click();
  await toast.first().waitFor({ state: 'detached' });
  await site.check();
});

test('an upload is gone on with after a reload', async (t) => {
  const site = await openSite(t);
  const folder = await mkdtemp(path.join(tmpdir(), 'stoa-app-comfort-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const book = path.join(folder, 'book.txt');
  await writeFile(book, Buffer.alloc(30 << 20, 'an old book, '));
  const roomId = await site.makeRoom('Files', { mode: 'study' });
  const ann = await quiet(site, 'Ann');
  const { page } = ann;
  const choose = () => page.locator('.files-head input[type=file]').setInputFiles(book);
  const begin = async () => {
    const parts = [];
    page.on('request', (request) => request.method() === 'PATCH' &&
      parts.push(Number(request.headers()['upload-offset'])));
    await choose();
    await eventually(() => parts.length > 1, 'a part to be there', 30_000);
    page.removeAllListeners('request');
    await page.reload();
    await page.locator('button[type=submit]').first().click();
    await ann.isIn();
    await ann.sees('An upload is not complete');
    await ann.panel('Files');
    await ann.sees(/^Stopped at .* of 30 MB/);
  };
  const network = await page.context().newCDPSession(page);
  await network.send('Network.enable');
  const slow = (bytes) => network.send('Network.emulateNetworkConditions',
    { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytes });
  await ann.enter(roomId, calm);
  await ann.panel('Files');
  await slow(6 << 20);
  await begin();
  const offsets = [];
  page.on('request', (request) => request.method() === 'PATCH' &&
    offsets.push(Number(request.headers()['upload-offset'])));
  await slow(-1);
  await choose();
  await page.getByRole('link', { name: 'Download book.txt' }).waitFor();
  assert.ok(offsets[0] > 0, `the rest alone is sent: ${offsets}`);
  assert.equal(await page.getByText('Stopped at').count(), 0);
  await t.test('or cancelled', async () => {
    await slow(6 << 20);
    await begin();
    const [cancelled] = await Promise.all([
      page.waitForResponse((answer) => answer.request().method() === 'DELETE'),
      page.getByRole('button', { name: 'Cancel book.txt' }).click(),
    ]);
    assert.equal(cancelled.status(), 204);
    await page.getByText('Stopped at').first().waitFor({ state: 'detached' });
  });
  await site.check();
});

test('files on an origin of their own are shown', async (t) => {
  const here = 'http://app.localhost';
  const there = 'http://files.localhost';
  const server = await serve(t, ['--public-url', here, '--files-url', there]);
  const to = `127.0.0.1:${server.port}`;
  const map = `--host-resolver-rules=MAP app.localhost:80 ${to},MAP files.localhost:80 ${to}`;
  const site = new Site(server, await openBrowser(t, [map]));
  const roomId = await site.makeRoom('Files', { mode: 'study' });
  site.url = here;
  const ann = await quiet(site, 'Ann');
  await ann.enter(roomId, calm);
  await ann.panel('Files');
  const buffer = Buffer.from(PNG, 'base64');
  await ann.page.locator('.files-head input[type=file]').setInputFiles(
    { name: 'dot.png', mimeType: 'image/png', buffer });
  const picture = ann.page.locator('.files-picture img');
  await picture.waitFor();
  assert.match(await picture.getAttribute('src'), /^http:\/\/files\.localhost\/files\//);
  await eventually(() => picture.evaluate((img) => img.naturalWidth === 1), 'the picture');
  ann.wrong = ann.wrong.filter((said) => !said.startsWith(`another origin: ${there}/files/`));
  await site.check();
});

test('the door says what is so', async (t) => {
  const site = await openSite(t);
  const ann = await member(site);
  await ann.goTo('/');
  const roomId = await ann.page.evaluate(async () => {
    const body = JSON.stringify({ title: 'Guarded', settings: { mode: 'study', approval: true } });
    const headers = { 'Content-Type': 'application/json' };
    const answer = await fetch('/api/rooms', { method: 'POST', headers, body });
    return (await answer.json()).roomId;
  });
  await ann.goTo(`/room/${roomId}`);
  await ann.sees(ann.page.getByRole('button', { name: 'Join', exact: true }));
  const bob = await quiet(site, 'Bob');
  await bob.goTo(`/room/${roomId}`);
  await bob.sees(bob.page.getByRole('button', { name: 'Ask to join' }));
  await site.check();
});

test('on a phone', async (t) => {
  const site = await openSite(t);
  const roomId = await site.makeRoom('Deep work', { mode: 'focus' });
  const ann = await quiet(site, 'Ann', phone);
  await ann.enter(roomId, calm);
  const goal = 'Read chapter three, and write down what is not clear';
  await ann.page.getByPlaceholder('What do we want to get done?').fill(goal);
  await ann.page.keyboard.press('Enter');
  await ann.sees(ann.page.locator('.timer-pill').getByText(goal));
  await ann.page.getByRole('radio', { name: 'Board' }).check({ force: true });
  await ann.sees(ann.page.locator('.timer-pill').getByText(goal));
  await ann.button('Calls are encrypted').click();
  await ann.sees('Picture and sound go from browser to browser');
  await site.check();
});

test('a candidate is told of a lost line before the work, too', async (t) => {
  const site = await openSite(t);
  const roomId = await site.makeRoom('Interview', { mode: 'interview', approval: false });
  await (await quiet(site, 'Ann')).enter(roomId, calm);
  const cay = await quiet(site, 'Cay');
  await cay.enter(roomId, calm);
  await cay.page.context().setOffline(true);
  await cay.sees('Reconnecting.');
  await cay.page.context().setOffline(false);
  await cay.sees('You are back');
});
