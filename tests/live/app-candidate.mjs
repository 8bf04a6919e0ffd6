// An interview as its candidate does it and its host sees it.
import assert from 'node:assert/strict';

import { eventually } from './stoa.mjs';

const editor = (visitor) => visitor.page.locator('.cm-content').first();

const codeOf = (visitor) => editor(visitor).innerText();

/** What is shown of the code holds these lines, one behind the other. */
export const showsCode = async (visitor, lines) => {
  const has = async () => (await codeOf(visitor)).includes(lines);
  await eventually(has, 'the code', 30_000)
    .catch(async () => assert.ok(false, `${JSON.stringify(await codeOf(visitor))} to have ${lines}`));
};

export const write = async (visitor, text) => {
  await editor(visitor).click();
  await visitor.page.keyboard.press('Control+End');
  await visitor.page.keyboard.type(text);
  await showsCode(visitor, text.trim());
};

/** Past the gate, into full screen. */
export const agree = async (candidate) => {
  await candidate.button('Agree and go to full screen').click();
  await editor(candidate).waitFor();
};

/** Looks at another tab until `isSeen`, and comes back. */
export const leaveTab = async ({ page }, isSeen) => {
  const browser = await page.context().newCDPSession(page);
  const focus = (enabled) => browser.send('Emulation.setFocusEmulationEnabled', { enabled });
  await focus(false); // as outside of tests
  const other = await page.context().newPage();
  await other.bringToFront();
  await isSeen();
  await other.close();
  await page.bringToFront();
  await focus(true);
  await eventually(() => page.evaluate(() => document.hasFocus()), 'the page to be back');
  await browser.detach();
};

/** While it is seen at the host's. */
export const switchTab = async (candidate, host) => {
  const badge = host.page.getByText('In another window').first();
  await leaveTab(candidate, () => badge.waitFor());
  await badge.first().waitFor({ state: 'detached' });
};

/** Reports that wait for the line. */
const waiting = ({ page }) => page.evaluate(() => {
  const keys = Object.keys(localStorage).filter((key) => key.startsWith('stoa.interview.reports.'));
  return keys.flatMap((key) => JSON.parse(localStorage.getItem(key)));
});

/** Nobody sees it: it waits. */
export const switchTabUnseen = async (candidate) => {
  const waits = (kind) => eventually(
    async () => (await waiting(candidate)).at(-1)?.kind === kind, `${kind} to be kept`, 30_000);
  await leaveTab(candidate, () => waits('TAB_BLUR'));
  await waits('TAB_FOCUS');
};

/** Leaves full screen, and goes back. */
export const leaveFullscreen = async (candidate) => {
  await candidate.page.evaluate(() => document.exitFullscreen());
  await candidate.button('Go back to full screen').click();
  await eventually(
    () => candidate.page.evaluate(() => document.fullscreenElement !== null), 'full screen', 30_000);
};

/** What the server has noted of the people, as the host's page asks for it. */
export const reportOf = (host, roomId) => host.page.evaluate(async (id) => {
  const token = JSON.parse(localStorage.getItem('stoa.guestToken'));
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(`/api/rooms/${id}/report`, { headers })).json();
}, roomId);

/** The kinds of what was reported of the one candidate, oldest first. */
export const violationsOf = async (host, roomId) =>
  (await reportOf(host, roomId)).candidates[0].violations
    .sort((a, b) => a.timestamp - b.timestamp).map(({ type }) => type);

/** So many events are counted on the host's page. */
export const eventsOf = (host, n) => host.sees(host.page.getByRole('tab', { name: `Events (${n})` }));
