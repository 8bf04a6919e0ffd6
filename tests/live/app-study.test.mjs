// Studying together in the browser: talk, files, the board, the timer; coming late, and the server
// being restarted in the middle of it.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';

import { MortalSite, openSite } from './app.mjs';
import { drag, openBoard, ops, sameInk, tool } from './app-board.mjs';
import { pair, quiet } from './app-scenes.mjs';
import { eventually } from './stoa.mjs';

const calm = { microphone: false, camera: false };

const message = (visitor, text) => visitor.page.getByRole('log').getByText(text, { exact: true });

test('talk', async (t) => {
  const site = await openSite(t);
  const { roomId, host: ann, guest: bob } = await pair(site, 'Talk', { mode: 'study' });
  await ann.say('Hello **there**, see https://example.org/x and <b>this</b>');
  await bob.sees(bob.page.getByRole('log').locator('strong', { hasText: 'there' }));
  await bob.sees(bob.page.getByRole('log').getByText('<b>this</b>'));
  const link = bob.page.getByRole('log').getByRole('link', { name: /example\.org/ });
  assert.deepEqual([await link.getAttribute('href'), await link.getAttribute('target'),
    (await link.getAttribute('rel')).includes('noopener')], ['https://example.org/x', '_blank', true]);

  await t.test('typing is shown', async () => {
    await bob.field(/message/i).pressSequentially('I th');
    await ann.sees('Bob Okafor is typing');
    await bob.field(/message/i).fill('');
  });
  await t.test('a message is changed and taken back', async () => {
    await bob.say('First wrods');
    await message(bob, 'First wrods').waitFor();
    await bob.field(/message/i).press('ArrowUp');
    await bob.field(/message/i).fill('First words');
    await bob.field(/message/i).press('Enter');
    await message(ann, 'First words').waitFor();
    await ann.sees('edited');
    await message(bob, 'First words').hover();
    await bob.page.getByRole('button', { name: 'More', exact: true }).last().click({ force: true });
    await bob.page.getByRole('menuitem', { name: 'Delete' }).click();
    await bob.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await message(ann, 'First words').first().waitFor({ state: 'detached' });
  });
  await t.test('history comes by scrolling, and is found by searching', async () => {
    const line = (n) => ({ sessionId: roomId, message: `line ${n} of many` });
    for (let n = 0; n < 90; n++)
      await eventually(async () => (await site.ask('POST', '/api/chat', line(n))).status === 201, 'a line');
    await message(bob, 'line 89 of many').waitFor();
    const cay = await quiet(site, 'Cay');
    await cay.enter(roomId, calm);
    await message(cay, 'line 89 of many').waitFor();
    await eventually(async () => {
      await cay.page.getByRole('log').evaluate((log) => {
        for (let e = log; e; e = e.parentElement) e.scrollTop = 0;
      });
      return cay.page.getByRole('log').getByText('line 3 of many', { exact: true }).count();
    }, 'the beginning of the history');
    await cay.page.getByRole('searchbox', { name: 'Search messages' }).fill('line 17 of');
    await cay.sees(cay.page.getByRole('button', { name: /line 17 of many/ })
      .or(cay.page.getByText('line 17 of many')));
  });
  await site.check();
});

test('files', async (t) => {
  const site = await openSite(t);
  const folder = await mkdtemp(path.join(tmpdir(), 'stoa-app-files-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const { host: ann, guest: bob } = await pair(site, 'Files', { mode: 'study' });
  const big = Buffer.alloc(9 << 20, 'an old book, ');
  await writeFile(path.join(folder, 'book.txt'), big);
  await ann.panel('Files');
  await ann.sees(ann.button('Upload files'));
  await ann.page.locator('input[type=file]').first().setInputFiles(path.join(folder, 'book.txt'));
  await bob.panel('Files');
  await bob.sees('book.txt');
  const [download] = await Promise.all([
    bob.page.waitForEvent('download'),
    bob.page.getByRole('link', { name: 'Download book.txt' }).click(),
  ]);
  assert.ok((await readFile(await download.path())).equals(big), 'it comes down as it went up');
  await site.check();
});

test('the board', async (t) => {
  const site = await openSite(t);
  const { roomId, host: ann, guest: bob } = await pair(site, 'Board', { mode: 'study' });
  await openBoard(ann);
  await openBoard(bob);
  await t.test('what one draws, the other sees, pixel by pixel nearly', async () => {
    await tool(ann, 'Pen');
    await drag(ann, [[0.3, 0.4], [0.4, 0.6], [0.5, 0.4], [0.6, 0.6]]);
    await tool(ann, 'Rectangle');
    await drag(ann, [[0.35, 0.3], [0.65, 0.7]]);
    await eventually(async () => (await ops(bob)) === 2, 'two ops');
    await sameInk(ann, bob, 'the same ink on both pages');
  });
  await t.test('who comes late sees it whole', async () => {
    const cay = await quiet(site, 'Cay');
    await cay.enter(roomId, calm);
    await openBoard(cay);
    await eventually(async () => (await ops(cay)) === 2, 'two ops');
    await sameInk(ann, cay, 'the same ink for a late guest');
    await cay.page.context().close();
    site.visitors.pop();
  });
  await t.test('undo and redo', async () => {
    await ann.page.locator('canvas[data-ops]').focus();
    await ann.page.keyboard.press('Control+z');
    await eventually(async () => (await ops(bob)) === 1, 'one op');
    await ann.page.keyboard.press('Control+Shift+z');
    await eventually(async () => (await ops(bob)) === 2, 'two again');
    await sameInk(ann, bob, 'the same ink again');
  });
  await site.check();
});

test('the timer', async (t) => {
  const site = await openSite(t);
  const timer = { focusMinutes: 0.1, breakMinutes: 0.1 };
  const { host: ann, guest: bob } = await pair(site, 'Timer', { mode: 'focus', timer });
  await ann.button('Start focus').click();
  const left = (visitor) => visitor.page.getByRole('timer').first().innerText();
  await eventually(async () => /^00:0[1-6]$/.test(await left(bob)), 'the countdown on the other page');
  await bob.sees('Focus is over. Time for a break.');
  await bob.sees(bob.page.locator('.timer-dial[data-phase=break]'));
  await t.test('a goal is shared, another one is one\'s own', async () => {
    await ann.page.getByPlaceholder('What do we want to get done?').fill('Chapter three');
    await ann.page.keyboard.press('Enter');
    await bob.sees('Chapter three');
    await bob.page.getByPlaceholder('Add a goal').fill('Only mine');
    await bob.page.keyboard.press('Enter');
    await bob.sees('Only mine');
    assert.equal(await ann.page.getByText('Only mine').count(), 0);
    await bob.page.reload();
    await bob.page.locator('button[type=submit]').first().click();
    await bob.isIn();
    await bob.sees('Only mine');
  });
  await site.check();
});

test('the server is killed and started again', async (t) => {
  const site = await MortalSite.open(t);
  const { host: ann, guest: bob } = await pair(site, 'Restart', { mode: 'study' });
  await openBoard(ann);
  await tool(ann, 'Rectangle');
  await drag(ann, [[0.3, 0.3], [0.6, 0.6]]);
  await ann.say('before');
  await message(bob, 'before').waitFor();
  await site.kill();
  await ann.sees('Reconnecting.');
  await ann.say('while it was away');
  await tool(ann, 'Rectangle');
  await drag(ann, [[0.4, 0.4], [0.7, 0.7]]);
  await site.restart();
  await message(bob, 'while it was away').waitFor();
  await ann.page.getByText(/what you write is kept/).first().waitFor({ state: 'detached' });
  assert.equal(await message(bob, 'before').count(), 1);
  assert.equal(await message(bob, 'while it was away').count(), 1);
  await openBoard(bob);
  await eventually(async () => (await ops(bob)) === 2, 'both rectangles');
  await sameInk(ann, bob, 'the same board after the restart');
  await site.check();
});
