// An interview in the browser: knocking, being let in, the gate, writing, leaving the page, losing
// the line, handing in, being removed, the end.
import assert from 'node:assert/strict';
import test from 'node:test';

import { openSite } from './app.mjs';
import { quiet } from './app-scenes.mjs';
import { eventually } from './stoa.mjs';

const calm = { microphone: false, camera: false };
const question = '## Two sum\n\nFind **two numbers** that add up to the target.';
const settings = { mode: 'interview', approval: true, isPublic: true, question, durationMinutes: 30 };

const editor = (visitor) => visitor.page.locator('.cm-content').first();
const codeOf = (visitor) => editor(visitor).innerText();

/** What says so, while it is. */
const lost = ({ page }) => page.locator('.banner').getByText('Reconnecting.');

/** A host inside, a candidate at the door. */
const knock = async (t, wish = settings) => {
  const site = await openSite(t);
  const roomId = await site.makeRoom('Backend interview', wish);
  const host = await quiet(site, 'Hanna');
  await host.enter(roomId, calm);
  const candidate = await quiet(site, 'Carl');
  await candidate.enter(roomId, { ...calm, waits: true });
  await candidate.sees('You are at the door');
  return { site, roomId, host, candidate };
};

const admit = async ({ host, candidate }) => {
  await host.button('Admit Carl').click();
  await candidate.isIn();
  await candidate.sees('What is reported to your interviewer');
};

const start = async ({ host, candidate }) => {
  await host.button('Start interview').click();
  await host.page.getByRole('dialog').getByRole('button', { name: 'Start interview' }).click();
  await candidate.button('Agree and go to full screen').click();
  await candidate.sees('two numbers');
  await editor(candidate).waitFor();
};

const choose = async ({ host }) => {
  await host.page.getByRole('button', { name: /^Carl/ }).first().click();
};

const write = async (visitor, text) => {
  await editor(visitor).click();
  await visitor.page.keyboard.press('Control+End');
  await visitor.page.keyboard.type(text);
};

test('from the door to the end', async (t) => {
  const all = await knock(t);
  const { site, host, candidate } = all;
  await admit(all);
  await start(all);
  await choose(all);
  await t.test('the host sees what is written, as it is written', async () => {
    await write(candidate, 'two = sum');
    await eventually(async () => (await codeOf(host)).includes('two = sum'), 'the code at the host\'s');
  });
  await t.test('leaving full screen is told, and going back', async () => {
    await candidate.page.evaluate(() => document.exitFullscreen());
    await host.sees('Left full screen');
    await candidate.button('Go back to full screen').click();
    await eventually(() => candidate.page.evaluate(() => document.fullscreenElement !== null), 'full screen');
  });
  await t.test('another tab is told', async () => {
    const { page } = candidate;
    const browser = await page.context().newCDPSession(page);
    await browser.send('Emulation.setFocusEmulationEnabled', { enabled: false }); // as outside of tests
    const other = await page.context().newPage();
    await other.bringToFront();
    await host.sees('Switched tab or window');
    await host.sees('In another window');
    await other.close();
    await page.bringToFront();
    await browser.send('Emulation.setFocusEmulationEnabled', { enabled: true });
    await host.page.getByText('In another window').first().waitFor({ state: 'detached' });
  });
  await t.test('what is handed in arrives', async () => {
    const back = candidate.button('Go back to full screen');
    if (await back.count()) await back.click();
    await candidate.button(/^Hand in/).click();
    await candidate.page.getByRole('dialog').getByRole('button', { name: /^Hand in/ }).click();
    await candidate.sees(/Handed in at/);
    await host.sees('Handed in');
  });
  await t.test('the end is for everybody', async () => {
    await host.button('End interview').click();
    await host.page.getByRole('dialog').getByRole('button', { name: 'End interview' }).click();
    await candidate.sees('The interview has ended');
    await host.sees('Ended');
  });
  await site.check();
});

test('a candidate who is offline for 20 seconds loses nothing', async (t) => {
  const all = await knock(t);
  const { site, host, candidate } = all;
  await admit(all);
  await start(all);
  await choose(all);
  await write(candidate, 'line one\n');
  await eventually(async () => (await codeOf(host)).includes('line one'), 'the first line');
  await candidate.page.context().setOffline(true);
  await candidate.sees(lost(candidate));
  await write(candidate, 'written offline\n');
  await candidate.page.waitForTimeout(20_000);
  await write(candidate, 'still offline\n');
  await candidate.page.context().setOffline(false);
  await eventually(async () => {
    const code = await codeOf(host);
    return ['line one', 'written offline', 'still offline'].every((line) => code.includes(line));
  }, 'all that was written, at the host\'s', 40_000);
  await lost(candidate).first().waitFor({ state: 'detached' });
  await t.test('nor after a reload', async () => {
    await candidate.page.reload();
    await candidate.page.locator('button[type=submit]').first().click();
    await candidate.button(/full screen/).click();
    await eventually(async () => (await codeOf(candidate)).includes('still offline'), 'the code, again');
  });
  await site.check();
});

test('a host who comes late sees what has been', async (t) => {
  const all = await knock(t);
  const { site, host, candidate } = all;
  await admit(all);
  await start(all);
  await write(candidate, 'early words');
  await candidate.page.evaluate(() => document.exitFullscreen());
  await choose(all);
  await host.sees('Left full screen');
  await host.page.reload();
  await host.page.locator('button[type=submit]').first().click();
  await host.isIn();
  await choose(all);
  await host.page.getByRole('tab', { name: /^Events/ }).click();
  await host.sees(host.page.getByRole('listitem').getByText('Left full screen'));
  await host.page.getByRole('tab', { name: 'Live code' }).click();
  await eventually(async () => (await codeOf(host)).includes('early words'), 'the code');
  await site.check();
});

test('what is said at the door', async (t) => {
  const words = 'I am Carl <b>Carlson</b>, at ten o\'clock';
  const site = await openSite(t);
  const roomId = await site.makeRoom('Backend interview', settings);
  const host = await quiet(site, 'Hanna');
  await host.enter(roomId, calm);
  assert.equal(await host.page.getByText('Message to the host').count(), 0);
  const candidate = await quiet(site, 'Carl');
  const ask = async (message) => {
    const field = candidate.field('Message to the host (optional)');
    await field.waitFor();
    if (message !== undefined) await field.fill(message);
    else assert.equal(await field.inputValue(), words, 'it need not be written again');
    await candidate.field('Your name').fill('Carl');
    await candidate.page.locator('button[type=submit]').first().click();
    await candidate.sees('You are at the door');
  };
  const at = (place) => host.page.locator(place).getByText(words, { exact: true });

  await t.test('the host reads it, as plain text, and the one who waits sees it', async () => {
    await candidate.goTo(`/room/${roomId}`);
    await ask(words);
    await candidate.sees(candidate.page.getByText(words));
    await host.sees(at('.toast'));
    await host.sees(at('.interview-list'));
    assert.equal(await host.page.locator('.interview-list b, .toast b').count(), 0);
    await host.button(/^People/).click();
    await host.sees(at('.people-requests'));
  });
  await t.test('it is still there when the line was lost, and after a reload', async () => {
    await candidate.page.context().setOffline(true);
    await candidate.sees(lost(candidate));
    await candidate.page.context().setOffline(false);
    await lost(candidate).first().waitFor({ state: 'detached' });
    await candidate.sees(candidate.page.getByText(words));
    await candidate.page.reload();
    await ask();
    await candidate.sees(candidate.page.getByText(words));
    await host.page.reload();
    await host.page.locator('button[type=submit]').first().click();
    await host.isIn();
    await host.sees(at('.interview-list'));
  });
  await t.test('who is turned down may say something else', async () => {
    await host.button(/Turn Carl down|Turn down/).click();
    await candidate.sees('You were not let in');
    await candidate.button('Try again').click();
    await ask('Please look at your mail');
    await host.sees('Please look at your mail');
  });
  await t.test('once in, it is over', async () => {
    await admit({ host, candidate });
    const read = host.page.locator('.toast, .interview-list, .people-requests')
      .getByText('Please look at your mail');
    await eventually(async () => await read.count() === 0, 'the words to go');
    const kept = await candidate.page.evaluate(() => Object.keys(localStorage));
    assert.ok(!kept.some((key) => key.includes('knock')), kept.join());
  });
  await site.check();
});

test('turned down, and removed', async (t) => {
  const all = await knock(t);
  const { site, roomId, host, candidate } = all;
  await host.button(/Turn Carl down|Turn down/).click();
  await candidate.sees('You were not let in');
  await candidate.button('Try again').click();
  await candidate.page.locator('button[type=submit]').first().click();
  await candidate.sees('You are at the door');
  await admit(all);
  await choose(all);
  await host.button('More for Carl').click();
  await host.page.getByRole('menuitem', { name: 'Remove' }).click();
  const dialog = host.page.getByRole('dialog');
  await dialog.getByRole('textbox').fill('You asked somebody else');
  await dialog.getByRole('button', { name: /^Remove/ }).click();
  await candidate.sees('You were removed from the room');
  await candidate.sees(/You asked somebody else/);
  await candidate.enter(roomId, { ...calm, waits: true });
  await candidate.sees('You cannot enter');
  assert.equal(await host.page.getByText('Carl').count() > 0, true, 'the host still sees who it was');
  await site.check();
});
