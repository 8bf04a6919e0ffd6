// An interview that loses its line: because the server is killed and started again, or because the
// candidate is offline for a while. What was done meanwhile arrives, once and in order.
import assert from 'node:assert/strict';
import test from 'node:test';

import { MortalSite, openSite } from './app.mjs';
import {
  agree, eventsOf, leaveFullscreen, reportOf, showsCode, switchTab, switchTabUnseen, violationsOf, write,
} from './app-candidate.mjs';
import { begunInterview } from './app-scenes.mjs';
import { eventually } from './stoa.mjs';

const LONG = 30_000;

/** A candidate at work, whose code and events the host looks at. */
const atWork = async (site) => {
  const { roomId, host, guest: carl } = await begunInterview(site);
  await agree(carl);
  await host.button(carl.name).click();
  await write(carl, 'before();\n');
  await showsCode(host, 'before();');
  await switchTab(carl, host);
  await eventsOf(host, 1);
  return { roomId, host, carl };
};

const isBack = (carl) => carl.sees(carl.page.getByText('Saved', { exact: true }));

test('the server is killed and started again', async (t) => {
  const site = await MortalSite.open(t);
  const { roomId, host, carl } = await atWork(site);

  await host.page.waitForTimeout(1000); // code is told at once, and stored within 50 ms
  await site.kill();
  await carl.sees('Reconnecting.');
  await host.sees('Reconnecting.');
  await write(carl, 'meanwhile();\n');
  await switchTabUnseen(carl);
  await leaveFullscreen(carl);
  await site.restart();
  await t.test('the code that was written meanwhile arrives', async () => {
    await showsCode(host, 'before();\nmeanwhile();');
    await isBack(carl);
  });
  await t.test('each report counts once', async () => {
    const kinds = ['TAB_SWITCH', 'TAB_SWITCH', 'FULLSCREEN_EXIT'];
    await eventually(async () => (await violationsOf(host, roomId)).length >= 3, 'three reports', LONG);
    await eventsOf(host, 3);
    await carl.sees('3 events reported');
    assert.deepEqual(await violationsOf(host, roomId), kinds);
  });
  await t.test('the console is whole, and still works', async () => {
    assert.equal((await reportOf(host, roomId)).candidates.length, 1);
    assert.equal(await host.page.locator('.interview-row').count(), 1);
    await host.sees(host.page.locator('.interview-row').getByText('Here'));
    assert.equal(await host.page.getByText('In another window').count(), 0);
    await switchTab(carl, host);
    await eventsOf(host, 4);
    await write(carl, 'afterwards();\n');
    await showsCode(host, 'afterwards();');
  });
  await site.check();
});

const messages = (visitor) => visitor.page.getByRole('log').locator('.chat-message .chat-body')
  .allInnerTexts().then((texts) => texts.flatMap((text) => /(one|two|three) of mine/.exec(text)?.[0] ?? []));

const submit = async (carl) => {
  await carl.button(/^Hand in/).click();
  await carl.page.getByRole('dialog').getByRole('button', { name: /^Hand in/ }).click();
};

test('the candidate is offline', async (t) => {
  const site = await openSite(t);
  const { roomId, host, carl } = await atWork(site);
  await carl.say('one of mine');
  await host.sees(host.page.getByRole('log').getByText('one of mine'));

  await carl.page.context().setOffline(true);
  await carl.sees('Reconnecting.');
  await host.sees('Not connected');
  await switchTabUnseen(carl);
  await write(carl, 'handedIn();\n');
  await submit(carl);
  await carl.sees('Waits for the connection');
  await write(carl, 'notHandedIn();\n');
  await carl.say('two of mine');
  await carl.say('three of mine');
  await carl.page.waitForTimeout(20_000); // so that nothing can be as if it had not been away
  await leaveFullscreen(carl);
  await carl.page.context().setOffline(false);

  await t.test('what was handed in arrives, and what was written behind it', async () => {
    await host.sees(host.page.getByRole('tab', { name: 'Handed in (1)' }));
    await showsCode(host, 'handedIn();\nnotHandedIn();');
    await isBack(carl);
    await carl.sees(/^Handed in at/);
    const [{ code, submissions }] = (await reportOf(host, roomId)).candidates;
    assert.equal(code, 'before();\nhandedIn();\nnotHandedIn();\n');
    assert.deepEqual(submissions.map((one) => one.code), ['before();\nhandedIn();\n']);
  });
  await t.test('what was said arrives, in order', async () => {
    const all = ['one of mine', 'two of mine', 'three of mine'];
    const hasAll = async (visitor) => (await messages(visitor)).length >= 3;
    await eventually(() => hasAll(host), 'three messages', LONG);
    assert.deepEqual(await messages(host), all);
    await eventually(() => hasAll(carl), 'three messages', LONG);
    assert.deepEqual(await messages(carl), all);
    await carl.page.getByText('Sending…').first().waitFor({ state: 'detached' });
  });
  await t.test('what was to be reported is, in order, with the absence itself', async () => {
    await eventsOf(host, 4);
    await carl.sees('4 events reported');
    assert.deepEqual(await violationsOf(host, roomId),
      ['TAB_SWITCH', 'DISCONNECT', 'TAB_SWITCH', 'FULLSCREEN_EXIT']);
    await host.sees(host.page.locator('.interview-row').getByText('Here'));
    assert.equal(await host.page.getByText('In another window').count(), 0, 'back from there');
    assert.equal(await host.page.getByText('Out of full screen').count(), 0, 'and from there');
  });
  await site.check();
});
