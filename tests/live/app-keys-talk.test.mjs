// Beside the call, by the keyboard alone: messages, files, the timer and goals.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';

import { openSite } from './app.mjs';
import { steps, typist, walkIn } from './app-typist.mjs';

const ann = 'Ann Lee';
const bob = 'Bob Okafor';

// ---- messages

const field = (who) => who.field(/^Write/);
const shown = (who, text) => who.page.getByRole('log').getByText(text, { exact: true });
const message = (who, text) => who.page.getByRole('log').getByRole('listitem').filter({ hasText: text });

const say = async (who, text) => {
  await who.to(field(who));
  await who.type(text);
  await who.press('Enter');
  await shown(who, text).waitFor();
  await who.loses(who.page.locator('.chat-message--pending'));
};

/** To a message by the arrows, and to what can be done with it. */
const chooseFor = async (who, text, deed) => {
  await who.seesFocusOn(who.page.locator('[role=log] [data-id][tabindex="0"]'), 'Shift+Tab');
  await who.to(message(who, text), 'ArrowUp');
  await who.choose(message(who, text).getByRole('button', { name: 'More' }), deed);
};

const changeLast = async (host, guest) => {
  await say(host, 'First wrods');
  await host.press('ArrowUp');
  await host.sees('Editing your message');
  await host.press('Escape');
  await host.loses(host.page.getByText('Editing your message'));
  await host.press('ArrowUp');
  await host.sees('Editing your message');
  await host.retype('First words');
  await host.press('Enter');
  await shown(guest, 'First words').waitFor();
  await host.has(field(host));
};

const changeEarlier = async (host, guest) => {
  await say(host, 'Last words');
  await chooseFor(host, 'First words', 'Edit');
  await host.has(field(host));
  await host.retype('Better words');
  await host.press('Enter');
  await shown(guest, 'Better words').waitFor();
};

const writePrivately = async (host, guest) => {
  await shown(guest, 'Last words').waitFor();
  await chooseFor(guest, 'Last words', `Write to ${ann} alone`);
  await guest.has(guest.field(/^Write to/));
  await guest.type('Between us');
  await guest.press('Enter');
  await host.sees(message(host, 'Between us').getByText(/only you two see it/));
  await guest.press('Escape');
  await guest.has(guest.field('Write a message'));
};

const putEmoji = async (host, guest) => {
  await host.to(field(host));
  await host.seesFocusOn(host.button('Emoji'));
  await host.press('Enter');
  await host.has(host.field('Search emoji'));
  await host.type('rocket');
  await host.page.getByRole('button', { name: 'rocket' }).waitFor();
  await host.press('ArrowDown', 'Enter');
  await host.has(field(host));
  await host.press('Enter');
  await shown(guest, '🚀').waitFor();
};

/** What the results cover is no stop on the way to them. */
const search = async (host) => {
  const found = host.page.getByRole('region', { name: 'Search results' }).getByRole('button');
  await host.seesFocusOn(host.page.getByRole('searchbox', { name: 'Search messages' }), 'Shift+Tab');
  await host.type('better');
  await found.filter({ hasText: 'Better words' }).waitFor();
  await host.seesFocusOn(host.button('Close search'));
  await host.press('Tab');
  await host.has(found.first(), 'what was found');
  await host.press('Enter');
  await host.has(message(host, 'Better words'));
};

const remove = async (host, guest) => {
  await host.choose(message(host, 'Better words').getByRole('button', { name: 'More' }), 'Delete');
  await host.answer('Delete');
  await host.loses(shown(guest, 'Better words'));
  await host.loses(shown(host, 'Better words'));
  await host.has(message(host, 'Last words'), 'the message after the one that is gone');
};

const messages = (host, guest) => ({
  'changing the last message': () => changeLast(host, guest),
  'changing one from its menu': () => changeEarlier(host, guest),
  'to one alone': () => writePrivately(host, guest),
  'a picture among letters': () => putEmoji(host, guest),
  'finding a message': () => search(host),
  'deleting it': () => remove(host, guest),
});

// ---- files

/** The system's own window, in which the keyboard is not ours. */
const pick = async (who, target, ...files) => {
  const opens = who.page.waitForEvent('filechooser');
  await who.activate(target);
  await (await opens).setFiles(files);
};

const attach = async (host, guest, folder) => {
  const [one, other] = ['one.txt', 'other.txt'].map((name) => path.join(folder, name));
  await pick(host, host.button('Attach files'), one, other);
  await host.seesFocusOn(host.button('Remove one.txt'), 'Shift+Tab');
  await host.press('Enter');
  await host.loses(host.button('Remove one.txt'));
  await host.has(host.button('Remove other.txt'), 'the attachment that is left');
  await host.to(field(host));
  await host.type('Here it is');
  const send = host.page.getByRole('button', { name: 'Send', disabled: false });
  await host.activate(send);
  await host.has(field(host));
  await guest.sees(message(guest, 'Here it is').getByRole('link', { name: /other\.txt/ }));
  assert.equal(await guest.page.getByText('one.txt').count(), 0);
};

const upload = async (host, guest, folder) => {
  await host.press('Alt+f');
  await pick(host, host.button('Upload files'), path.join(folder, 'one.txt'));
  await guest.press('Alt+f');
  const link = guest.page.getByRole('link', { name: 'Download one.txt' });
  await guest.seesFocusOn(link);
  const [download] = await Promise.all([guest.page.waitForEvent('download'), guest.press('Enter')]);
  assert.equal(await readFile(await download.path(), 'utf8'), 'one');
  await guest.activate(guest.button('Copy the link to one.txt'));
  await guest.sees('Link copied');
};

/** Its bytes wait until it is cancelled. */
const cancel = async (host, guest, folder) => {
  const isOfFile = (url) => /^\/api\/files\/./.test(url.pathname);
  await host.page.route(isOfFile, () => {});
  await pick(host, host.button('Upload files'), path.join(folder, 'book.txt'));
  await host.activate(host.button('Pause book.txt'));
  await host.has(host.button('Go on with book.txt'));
  await host.press('Enter');
  await host.has(host.button('Pause book.txt'));
  await host.activate(host.button('Cancel book.txt'));
  await host.loses(host.page.getByText('book.txt'));
  await host.keepsPlace('cancelling an upload');
  assert.equal(await guest.page.getByText('book.txt').count(), 0);
};

const files = (host, guest, folder) => ({
  'attaching, and thinking better of one': () => attach(host, guest, folder),
  'a file up and down': () => upload(host, guest, folder),
  'cancelling one': () => cancel(host, guest, folder),
});

// ---- timer and goals

const setTimer = async (host, guest) => {
  await host.panel('Timer');
  await host.activate(host.button('Timer settings'));
  const { dialog } = host;
  await host.seesFocusOn(dialog.getByRole('spinbutton', { name: 'Focus' }));
  await host.retype('50');
  await host.seesFocusOn(dialog.getByRole('spinbutton', { name: 'Rounds' }));
  await host.press('ArrowUp');
  await host.seesFocusOn(dialog.getByRole('switch', { name: 'Go on by itself' }));
  await host.press('Space');
  await host.answer('Save');
  await host.has(host.button('Timer settings'));
  await guest.sees(guest.button(/50:00/));
};

const runTimer = async (host, guest) => {
  await host.seesFocusOn(host.button('Start focus'), 'Shift+Tab');
  await host.press('Enter');
  await host.has(host.button('Pause'));
  await host.press('Space');
  await host.has(host.button('Go on'));
  await host.press('Enter');
  await host.activate(host.button('Skip to the break'));
  await guest.sees(guest.button(/^Break/));
  await host.seesFocusOn(host.button('Reset the timer'), 'Shift+Tab');
  await host.press('Enter');
  await guest.sees(guest.button(/^Ready/));
  await host.keepsPlace('resetting the timer');
};

const shareGoal = async (host, guest) => {
  await host.to(host.field('What do we want to get done?'));
  await host.type('Chapter 3');
  await host.press('Enter');
  await guest.sees(guest.button(/Chapter 3/));
  const goal = host.page.getByRole('checkbox', { name: 'Chapter 3' });
  await host.seesFocusOn(goal);
  await host.press('Space');
  await guest.sees(guest.page.locator('.timer-pill-goal[data-done]'));
  await host.activate(host.button('Remove this goal'));
  await host.loses(guest.button(/Chapter 3/));
  await host.has(host.field('What do we want to get done?'));
};

const showOwnGoal = async (host, guest) => {
  await guest.press('Alt+p');
  await host.to(host.field('Add a goal'));
  await host.type('Exercise 4');
  await host.press('Enter');
  await host.seesFocusOn(host.button('Show this goal to the others'), 'Shift+Tab');
  await host.press('Enter');
  await host.has(host.button('Stop showing this goal'));
  const list = guest.page.getByRole('list', { name: 'People in the room' });
  await guest.sees(list.getByText('Exercise 4'));
  await host.activate(host.button('Remove this goal'));
  await host.loses(list.getByText('Exercise 4'));
  await host.keepsPlace('removing a goal');
};

const timer = (host, guest) => ({
  'settings of the timer': () => setTimer(host, guest),
  'running it': () => runTimer(host, guest),
  'a goal for all': () => shareGoal(host, guest),
  'one of one’s own': () => showOwnGoal(host, guest),
});

/** What there is to send. */
const fill = async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'stoa-app-keys-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(path.join(folder, 'one.txt'), 'one');
  await writeFile(path.join(folder, 'other.txt'), 'other');
  await writeFile(path.join(folder, 'book.txt'), Buffer.alloc(9 << 20, 'an old book, '));
  return folder;
};

test('beside the call', async (t) => {
  const site = await openSite(t);
  const roomId = await site.makeRoom('By keys', { mode: 'study' });
  const [host, guest] = [await typist(site, ann), await typist(site, bob)];
  await walkIn(host, roomId, ann);
  await walkIn(guest, roomId, bob);
  await steps(t, {
    ...messages(host, guest),
    ...files(host, guest, await fill(t)),
    ...timer(host, guest),
    'nothing went wrong': () => site.check(),
  });
});
