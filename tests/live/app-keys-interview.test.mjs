// An interview by the keyboard alone, on both sides: the gate, writing, leaving full screen and
// coming back to it, handing in, being removed and let in again, the report, the end.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';

import { openSite } from './app.mjs';
import { knock, steps, typist, walkIn } from './app-typist.mjs';
import { eventually } from './stoa.mjs';

const ann = 'Ann Lee';
const bob = 'Bob Okafor';

const begin = async (host) => {
  await host.seesFocusOn(host.button('Start interview'));
  await host.press('Enter');
  await host.answer('Start interview');
  await host.sees(host.button('End interview'));
  await host.keepsPlace('the start');
};

const isWhole = ({ page }) => page.evaluate(() => document.fullscreenElement !== null);

const passGate = async (candidate) => {
  await candidate.activate(candidate.button('Agree and go to full screen'));
  await candidate.sees(candidate.button('Hand in'));
  await eventually(() => isWhole(candidate), 'full screen', 30_000);
};

const writeCode = async (candidate, host) => {
  await candidate.seesFocusOn(candidate.page.getByRole('combobox', { name: 'Language' }));
  await candidate.to(candidate.field('Your code'));
  await candidate.type('const answer = 42;');
  await candidate.sees('Saved');
  await host.activate(host.button(new RegExp(bob)));
  await host.sees(/const answer/);
};

/** The browser's own key for it is not ours to press. */
const leaveFullScreen = async (candidate, host) => {
  await candidate.page.evaluate(() => document.exitFullscreen());
  const back = candidate.button('Go back to full screen');
  await candidate.has(back);
  await host.sees('Left full screen');
  await candidate.press('Enter');
  await candidate.loses(back);
  await eventually(() => isWhole(candidate), 'full screen again', 30_000);
  await candidate.has(candidate.field('Your code'), 'the code that was being written');
};

/** Tab indents in the editor; Control and M changes that. */
const handIn = async (candidate, host) => {
  await candidate.press('Control+m');
  await candidate.seesFocusOn(candidate.button('Hand in'), 'Shift+Tab');
  await candidate.press('Enter');
  await candidate.answer('Hand in');
  await candidate.sees(/^Handed in at/);
  await host.sees('Handed in');
};

const lookAt = async (host) => {
  const tab = (name) => host.page.getByRole('tab', { name });
  await host.seesFocusOn(tab('Live code'));
  await host.press('ArrowRight');
  await host.has(tab(/^Events/));
  await host.sees(host.page.getByRole('listitem').getByText('Left full screen'));
  await host.press('ArrowRight');
  await host.has(tab(/^Handed in/));
  await host.activate(host.button('View'));
  await host.dialog.getByText(/const answer/).waitFor();
  await host.press('Escape');
  await host.dialog.first().waitFor({ state: 'detached' });
  await host.has(host.button('View'));
};

const takeReport = async (host) => {
  const trigger = host.button('Export report');
  await host.to(host.button('End interview'), 'Shift+Tab');
  const saved = host.page.waitForEvent('download');
  await host.choose(trigger, 'All of it, as JSON', 'Shift+Tab');
  const report = await readFile(await (await saved).path(), 'utf8');
  assert.match(report, /FULLSCREEN_EXIT/);
  assert.match(report, /const answer/);
  await host.has(trigger);
};

const remove = async (host, candidate) => {
  const more = host.button(`More for ${bob}`);
  await host.choose(more, 'Remove');
  await host.has(host.dialog.getByRole('textbox', { name: 'Reason' }));
  await host.type('You asked somebody else');
  await host.press('Enter');
  await candidate.sees('You were removed from the room');
  await candidate.sees(/You asked somebody else/);
  await host.sees('Removed');
  await host.has(more);
};

const readmit = async (host, candidate, address) => {
  await host.choose(host.button(`More for ${bob}`), 'Let in again');
  await host.page.getByText('Removed', { exact: true }).first().waitFor({ state: 'detached' });
  await candidate.visitor.goTo(address);
  await candidate.activate(candidate.page.locator('.prejoin button[type=submit]'));
  await candidate.visitor.isIn();
  await candidate.activate(candidate.button(/full screen$/));
  await candidate.sees(/const answer/);
};

const end = async (host, candidate) => {
  await host.seesFocusOn(host.button('End interview'), 'Shift+Tab');
  await host.press('Enter');
  await host.answer('End interview');
  await candidate.sees('The interview has ended');
  await host.sees('Ended');
};

test('an interview', async (t) => {
  const site = await openSite(t);
  const [host, candidate] = [await typist(site, ann), await typist(site, bob)];
  const settings = { mode: 'interview', question: 'Find the answer.', durationMinutes: 30 };
  const roomId = await site.makeRoom('By keys', { ...settings, approval: false });
  const address = `/room/${roomId}`;
  await steps(t, {
    'both come in': async () => {
      await walkIn(host, roomId, ann);
      await knock(candidate, address, bob);
      await candidate.visitor.isIn();
    },
    'it begins': () => begin(host),
    'through the gate': () => passGate(candidate),
    'code is written, and seen': () => writeCode(candidate, host),
    'out of full screen, and back': () => leaveFullScreen(candidate, host),
    'it is handed in': () => handIn(candidate, host),
    'all about a candidate': () => lookAt(host),
    'the report': () => takeReport(host),
    'removed, with a reason': () => remove(host, candidate),
    'let in again': () => readmit(host, candidate, address),
    'the end': () => end(host, candidate),
    'nothing went wrong': () => site.check(),
  });
});
