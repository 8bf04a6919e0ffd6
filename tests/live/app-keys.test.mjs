// Every flow by the keyboard alone: no pointer moves in here. What is reached by Tab shows that it
// has the focus.
import assert from 'node:assert/strict';
import test from 'node:test';

import { openSite } from './app.mjs';
import { knock, steps, typist } from './app-typist.mjs';

const ann = 'Ann Lee';
const bob = 'Bob Okafor';

// ---- rooms

const signUp = async (who) => {
  await who.visitor.goTo('/signup');
  await who.has(who.field('Name'));
  await who.type(ann);
  await who.press('Tab');
  await who.type('ann@example.org');
  await who.press('Tab');
  await who.type('down the rabbit hole');
  await who.press('Enter');
  await who.sees(who.page.getByRole('heading', { name: 'Rooms', level: 1 }));
};

const makeRoom = async (who) => {
  await who.seesFocusOn(who.button('Study'));
  await who.press('Enter');
  const { dialog } = who;
  await dialog.waitFor();
  await who.seesFocusOn(dialog.getByRole('textbox', { name: 'Name of the room' }));
  await who.type('By keys');
  await who.seesFocusOn(dialog.getByRole('switch', { name: 'Let people in one by one' }));
  await who.press('Space');
  await who.seesFocusOn(dialog.getByRole('button', { name: 'Create room' }));
  await who.press('Enter');
  await who.page.waitForURL(/\/room\//);
  return new URL(who.page.url()).pathname;
};

/** An account has its name already. */
const comeIn = async (who) => {
  const join = who.page.locator('button[type=submit]').first();
  await who.seesFocusOn(join);
  await who.press('Enter');
  await who.visitor.isIn();
};

const talk = async (host, guest) => {
  await host.seesFocusOn(host.field('Write a message'));
  await host.type('Hello by keys');
  await host.press('Enter');
  await guest.sees('Hello by keys');
  const message = guest.page.getByRole('listitem').filter({ hasText: 'Hello by keys' });
  await guest.to(guest.field('Write a message'));
  await guest.seesFocusOn(message, 'Shift+Tab');
  await guest.seesFocusOn(guest.button('Reply'));
  await guest.press('Enter');
  await guest.has(guest.field('Write a message'));
  await guest.sees(`Replying to`);
  await guest.type('Hello back');
  await guest.press('Enter');
  const answer = host.page.getByRole('listitem').filter({ hasText: 'Hello back' });
  await host.sees(answer.getByRole('button', { name: /Hello by keys/ }));
};

const startTimer = async (host, guest) => {
  await host.seesFocusOn(host.page.getByRole('tab', { name: 'People' }), 'Shift+Tab');
  await host.press('ArrowRight');
  await host.has(host.page.getByRole('tab', { name: 'Timer' }));
  await host.seesFocusOn(host.button('Start focus'));
  await host.press('Enter');
  await host.sees(host.button('Pause'));
  await guest.sees(guest.button(/^Focus/));
};

const raiseHand = async (host, guest) => {
  await guest.press('Alt+h');
  await guest.sees(guest.button('Lower hand'));
  await host.press('Alt+p');
  await host.sees(host.page.getByRole('img', { name: 'Hand raised, place 1' }));
  await guest.activate(guest.button('Lower hand'));
  await guest.sees(guest.button('Raise hand'));
};

const turnMicrophone = async (who) => {
  await who.seesFocusOn(who.button('Turn microphone on'));
  await who.press('m');
  await who.sees(who.button('Turn microphone off'));
  await who.press('Control+d');
  await who.sees(who.button('Turn microphone on'));
};

const drawRectangle = async (host, guest) => {
  await host.press('Alt+w');
  await host.seesFocusOn(host.page.getByRole('application', { name: 'Drawing area' }));
  await host.press('r');
  assert.equal(await host.button('Rectangle').getAttribute('aria-pressed'), 'true');
  await host.press('Enter', 'Space', 'Shift+ArrowRight', 'Shift+ArrowDown', 'ArrowRight', 'Space');
  const drawn = (who) => who.page.getByRole('listitem').filter({ hasText: `${ann}: rectangle` });
  await drawn(host).waitFor({ state: 'attached' });
  await guest.press('Alt+w');
  await drawn(guest).waitFor({ state: 'attached' });
  await host.press('Control+z');
  await drawn(guest).first().waitFor({ state: 'detached' });
  await host.press('Escape', 'Alt+w');
  await host.page.getByRole('application').first().waitFor({ state: 'detached' });
};

const openSheet = async (who) => {
  await who.to(who.button('Room menu'), 'Shift+Tab');
  await who.press('?');
  const sheet = who.page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await who.sees(sheet.getByText('Raise or lower hand'));
  await who.press('Escape');
  await sheet.first().waitFor({ state: 'detached' });
  await who.has(who.button('Room menu'), 'where it was before the sheet');
};

const switchTheme = async (who) => {
  await who.activate(who.button('Room menu'));
  const dark = who.page.getByRole('menuitem', { name: 'Dark colours' });
  await dark.waitFor();
  await who.seesFocusOn(dark, 'ArrowDown');
  await who.press('Enter');
  await who.page.locator('html[data-theme=dark]').waitFor();
};

test('a room', async (t) => {
  const site = await openSite(t);
  const host = await typist(site, ann);
  const guest = await typist(site, bob);
  let address;
  await steps(t, {
    'signing up': () => signUp(host),
    'making a room': async () => void (address = await makeRoom(host)),
    'through the door': () => comeIn(host),
    'knocking and letting in': async () => {
      await knock(guest, address, bob);
      await guest.sees('You are at the door');
      await host.press('Alt+p');
      await host.seesFocusOn(host.button(`Admit ${bob}`));
      await host.press('Enter');
      await guest.visitor.isIn();
      await host.press('Alt+c');
    },
    'talking and answering': () => talk(host, guest),
    'raising a hand': () => raiseHand(host, guest),
    'starting the timer': () => startTimer(host, guest),
    'turning the microphone on and off': () => turnMicrophone(guest),
    'drawing': () => drawRectangle(host, guest),
    'the sheet of keys': () => openSheet(host),
    'dark colours': () => switchTheme(host),
    'leaving': async () => {
      await guest.seesFocusOn(guest.button('Leave'));
      await guest.press('Enter');
      await guest.sees('You have left the room');
    },
    'nothing went wrong': () => site.check(),
  });
});
