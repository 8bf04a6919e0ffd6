// The call and its hosts by the keyboard alone: screens, devices, pins; inviting, muting, roles,
// locking, settings, removing, the end.
import assert from 'node:assert/strict';
import test from 'node:test';

import { openSite } from './app.mjs';
import { steps, typist, walkIn } from './app-typist.mjs';
import { eventually } from './stoa.mjs';

const ann = 'Ann Lee';
const bob = 'Bob Okafor';

// ---- the call

const shareScreen = async (host, guest) => {
  await host.choose(host.button('How to share'), 'Films and games: smooth');
  await host.has(host.button('How to share'));
  await host.seesFocusOn(host.button('Share screen'), 'Shift+Tab');
  await host.press('Enter');
  const screen = guest.page.getByRole('group', { name: `Screen of ${ann}` });
  await guest.sees(screen.locator('video'));
  const stop = host.page.getByRole('region', { name: 'Call controls' }).getByRole('button', { name: 'Stop sharing' });
  await host.has(stop, 'the same button, now for stopping');
  await host.press('Enter');
  await host.loses(screen);
  await host.has(host.button('Share screen'));
};

const chooseDevices = async (host) => {
  const menu = host.button('Microphone and speaker');
  await host.choose(menu, 'Camera, microphone and speaker', 'Shift+Tab');
  const microphone = host.dialog.getByRole('combobox', { name: 'Microphone' });
  await host.seesFocusOn(microphone);
  const before = await microphone.inputValue();
  await host.press('ArrowDown');
  await eventually(async () => (await microphone.inputValue()) !== before, 'another microphone', 30_000);
  await host.seesFocusOn(host.dialog.getByRole('combobox', { name: 'Camera' }));
  await host.press('Escape');
  await host.dialog.first().waitFor({ state: 'detached' });
  await host.has(menu);
};

/** By its key and by its menu. Pinned, it has the focus again. */
const pin = async (host) => {
  const tile = host.visitor.tile(bob);
  const pinned = host.page.getByRole('group', { name: new RegExp(`^${bob}.*pinned`) });
  const more = tile.getByRole('button', { name: `More about ${bob}` });
  await host.seesFocusOn(more, 'Shift+Tab');
  await host.press('p');
  await host.sees(pinned);
  const unpin = tile.getByRole('button', { name: 'Unpin' });
  await host.has(unpin);
  await host.press('Enter');
  await host.loses(pinned);
  await host.keepsPlace('taking a pin away');
  await host.choose(more, /^Pin/, 'Shift+Tab');
  await host.sees(pinned);
  await host.has(unpin);
  await host.activate(host.button('Show everybody'));
  await host.loses(pinned);
  await host.keepsPlace('showing everybody');
};

const call = (host, guest) => ({
  'a screen': () => shareScreen(host, guest),
  'devices': () => chooseDevices(host),
  'a pin': () => pin(host),
});

// ---- its hosts

const actions = (host) => host.button(`Actions for ${bob}`);

const invite = async (host, roomId) => {
  const link = `${host.visitor.site.url}/room/${roomId}`;
  const copied = () => host.page.evaluate(() => navigator.clipboard.readText());
  await host.activate(host.button('Invite'));
  const { dialog } = host;
  await host.seesFocusOn(dialog.getByRole('button', { name: 'Copy', exact: true }).last());
  await host.press('Enter');
  await eventually(async () => (await copied()) === roomId, 'the code to be copied', 30_000);
  await host.press('Escape');
  await dialog.first().waitFor({ state: 'detached' });
  await host.has(host.button('Invite'));
  await host.panel('People');
  await host.activate(host.button('Copy invitation link'));
  await host.sees('Link copied');
  assert.ok((await copied()).endsWith(new URL(link).pathname));
};

const speak = async (guest) => {
  await guest.press('Control+d');
  await guest.sees(guest.button('Turn microphone off'));
};

const mute = async (host, guest) => {
  await speak(guest);
  await host.sees(host.page.getByRole('img', { name: /^Microphone on/ }));
  await host.choose(actions(host), 'Mute');
  await guest.sees(`${ann} turned your microphone off`);
  await guest.sees(guest.button('Turn microphone on'));
  await host.has(actions(host));
};

const muteAll = async (host, guest) => {
  await speak(guest);
  await host.sees(host.page.getByRole('img', { name: /^Microphone on/ }));
  await host.seesFocusOn(host.button('Mute all'), 'Shift+Tab');
  await host.press('Enter');
  await host.answer('Mute all');
  await guest.sees(guest.button('Turn microphone on'));
  await host.has(host.button('Mute all'));
};

const changeRole = async (host, guest) => {
  await guest.press('Alt+p');
  await host.choose(actions(host), 'Make co-host');
  await guest.sees(guest.page.getByText('Co-host', { exact: true }));
  await guest.sees(guest.button('Mute all'));
  await host.has(actions(host));
  await host.choose(actions(host), 'Make participant');
  await guest.loses(guest.button('Mute all'));
};

const lock = async (host, guest) => {
  const locked = guest.page.getByRole('img', { name: 'Locked: nobody new comes in' });
  await host.choose(host.button('Room menu'), 'Lock the room', 'Shift+Tab');
  await guest.sees(locked);
  await host.has(host.button('Room menu'));
  await host.choose(host.button('Room menu'), 'Unlock the room');
  await guest.loses(locked);
};

const changeSettings = async (host, guest) => {
  await host.choose(host.button('Room menu'), 'Room settings');
  const { dialog } = host;
  await host.seesFocusOn(dialog.getByRole('textbox', { name: 'Name of the room' }));
  await host.retype('By other keys');
  await host.seesFocusOn(dialog.locator('summary'));
  await host.press('Enter');
  await host.seesFocusOn(dialog.getByRole('spinbutton', { name: 'People at most' }));
  await host.retype('5');
  await host.answer('Save');
  await guest.sees(guest.page.getByRole('heading', { name: 'By other keys', level: 1 }));
  await host.has(host.button('Room menu'));
};

const remove = async (host, guest) => {
  await host.choose(actions(host), 'Remove from the room');
  await host.has(host.dialog.getByRole('textbox', { name: /^Reason/ }));
  await host.type('Too loud');
  await host.press('Enter');
  await guest.sees('You were removed from the room');
  await guest.sees('The host said: Too loud');
  await host.loses(actions(host));
  await host.keepsPlace('removing somebody');
};

const end = async (host) => {
  await host.choose(host.button('Ways to leave'), 'End for everybody');
  await host.answer('End for everybody');
  await host.sees('The room has ended');
  await host.activate(host.page.getByRole('link', { name: 'To all rooms' }));
  await host.sees(host.page.getByRole('heading', { name: 'Rooms', level: 1 }));
};

const hosting = (host, guest, roomId) => ({
  'inviting': () => invite(host, roomId),
  'muting one': () => mute(host, guest),
  'muting all': () => muteAll(host, guest),
  'a role, and back': () => changeRole(host, guest),
  'locking': () => lock(host, guest),
  'the settings of the room': () => changeSettings(host, guest),
  'removing one, with a reason': () => remove(host, guest),
  'the end': () => end(host),
});

test('a call, and its host', async (t) => {
  const site = await openSite(t);
  const roomId = await site.makeRoom('By keys', { mode: 'study' });
  const [host, guest] = [await typist(site, ann), await typist(site, bob)];
  await walkIn(host, roomId, ann);
  await walkIn(guest, roomId, bob);
  await steps(t, {
    ...call(host, guest),
    ...hosting(host, guest, roomId),
    'nothing went wrong': () => site.check(),
  });
});
