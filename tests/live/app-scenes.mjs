// The app in states worth looking at, for pictures and for what must hold everywhere. A tour is a
// server (with its flags), what is set up on it, and scenes, which come one after the other: each
// gives the visitor whose page is meant. What a scene opens by way of menus and dialogs is closed
// after it. This file has what is outside of rooms and at their doors.
import { socket } from './room-clients.mjs';
import { eventually } from './stoa.mjs';

export const ann = 'Ann Lee';
export const bob = 'Bob Okafor';

/** For scenes that only one layout has; they bring the page to the right size themselves. */
export const onPhone = (show) => Object.assign(show, { only: 'phone' });
export const onDesk = (show) => Object.assign(show, { only: 'desk' });
export const PHONE = { width: 390, height: 844 };

let accounts = 0;

/** Somebody with an account, logged in. */
export const member = async (site, name = ann) => {
  const visitor = await site.visitor(name);
  await visitor.goTo('/signup');
  await visitor.field('Name').fill(name);
  await visitor.field('E-mail').fill(`person${++accounts}@example.org`);
  await visitor.page.getByLabel('Password').fill('down the rabbit hole');
  await visitor.button('Sign up').click();
  await visitor.page.waitForURL(`${site.url}/`);
  return visitor;
};

/** Somebody who comes without picture and sound: a machine has only so many cameras to make up. */
export const quiet = async (site, name, options) => {
  const visitor = await site.visitor(name, options);
  await visitor.page.addInitScript(() => {
    for (const device of ['camera', 'microphone']) localStorage.setItem(`stoa.prejoin.${device}`, 'false');
  });
  return visitor;
};

export const without = { microphone: false, camera: false };

/** Two people in a new room. */
export const pair = async (site, title, settings, come = quiet) => {
  const roomId = await site.makeRoom(title, settings);
  const devices = come === quiet ? without : {};
  const host = await come(site, ann);
  await host.enter(roomId, devices);
  const guest = await come(site, bob);
  await guest.enter(roomId, devices);
  return { roomId, host, guest };
};

const question = '**Two sum**\n\nGiven a list of numbers and a *target*, find the **two** that add up to it.';
const interview = { mode: 'interview', approval: false, isPublic: true, question, durationMinutes: 45 };

/** A host and a candidate in an interview that has not begun. */
export const newInterview = (site) => pair(site, 'Backend interview', interview);

export const begin = async (host) => {
  await host.button('Start interview').click();
  await host.page.getByRole('dialog').getByRole('button', { name: 'Start interview' }).click();
  await host.sees(host.button('End interview'));
};

/** One that has begun. */
export const begunInterview = async (site) => {
  const all = await newInterview(site);
  await begin(all.host);
  return all;
};

/** Somebody in a room who has no page: what is sent in the room's language, and nothing else. */
export const comer = async (site, roomId, name) => {
  const person = await socket(site.server);
  await person.ask('joinRoom', { roomId, name });
  return person;
};

export const choose = async (visitor, menu, item) => {
  await visitor.page.getByRole('button', { name: menu }).first().click();
  await visitor.page.getByRole('menuitem', { name: item }).click();
};

export const openMenu = async (visitor, name) => {
  await visitor.page.getByRole('button', { name }).first().click();
  await visitor.page.getByRole('menu').waitFor();
  return visitor;
};

/** Menus and dialogs. */
export const closeAll = async (page) => {
  const open = page.locator('[role=menu], .dialog[open]');
  const areClosed = async () => (await open.count()) === 0;
  for (let n = 0; n < 10; n++) {
    await page.keyboard.press('Escape');
    if (await eventually(areClosed, 'menus and dialogs to close', 3000).catch(() => false)) return;
  }
  throw new Error('menus or dialogs stay open');
};

export const dialogOf = ({ page }) => page.getByRole('dialog');

export const inDialog = async (visitor) => {
  await dialogOf(visitor).waitFor();
  return visitor;
};

const at = (where, heading) => async ({ visitor }) => {
  await visitor.goTo(where);
  await visitor.sees(visitor.page.getByRole('heading', { name: heading, level: 1 }));
  await visitor.page.locator('.skeleton').first().waitFor({ state: 'detached' });
  return visitor;
};

// ---- outside of rooms

const pages = {
  enter: async (site) => {
    const algebra = await site.makeRoom('Algebra, chapter 3', { mode: 'study' });
    await site.makeRoom('Deep work', { mode: 'focus' });
    const call = await site.makeRoom('Team call', { mode: 'call', isPublic: true });
    for (const [room, name] of [[algebra, ann], [algebra, bob], [call, 'Cay']]) await comer(site, room, name);
    return { site, visitor: await site.visitor(ann) };
  },
  scenes: {
    lobby: at('/', 'Rooms'),
    'lobby-wrong-code': async (place) => {
      const visitor = await at('/', 'Rooms')(place);
      await visitor.field('Code or link').fill('no code!');
      await visitor.page.getByRole('button', { name: 'Join', exact: true }).click();
      await visitor.sees('That is no code of a room');
      return visitor;
    },
    'lobby-theme': async (place) => openMenu(await at('/', 'Rooms')(place), 'Theme'),
    'new-room': async (place) => {
      const visitor = await at('/', 'Rooms')(place);
      await visitor.button('Interview').click();
      await visitor.page.locator('dialog summary').click();
      return inDialog(visitor);
    },
    login: at('/login', 'Log in'),
    'login-wrong': async ({ visitor }) => {
      await visitor.field('E-mail').fill('ann@example.org');
      await visitor.page.getByLabel('Password').fill('through the looking glass');
      await visitor.button('Log in').click();
      await visitor.sees('The email address or the password is wrong.');
      return visitor;
    },
    signup: at('/signup', 'Sign up'),
    sessions: at('/sessions', 'Sessions'),
    'dashboard-guest': at('/dashboard', 'Dashboard'),
    'not-found': at('/nowhere', 'Page not found'),
    'no-room': at('/room/nowhere1', 'There is no such room'),
    'no-answer': async (place) => {
      const { visitor } = place;
      await visitor.page.route('**/api/rooms/nowhere2', (route) =>
        route.fulfill({ status: 429, json: { error: { code: 'RATE_LIMITED', message: '' } } }));
      return at('/room/nowhere2', 'The room cannot be reached')(place);
    },
  },
};

/** In a focus room, with a file shared. */
const hasDoneThings = async (site, visitor) => {
  const roomId = await site.makeRoom('Deep work', { mode: 'focus' });
  await visitor.enter(roomId, without);
  await visitor.panel('Files');
  await visitor.sees(visitor.button('Upload files'));
  await visitor.page.locator('input[type=file]').first()
    .setInputFiles({ name: 'chapter 3.txt', mimeType: 'text/plain', buffer: Buffer.from('x^2 = 2') });
  await visitor.sees(visitor.page.getByRole('link', { name: 'Download chapter 3.txt' }));
};

const accountPages = {
  enter: async (site) => {
    const visitor = await member(site);
    await hasDoneThings(site, visitor);
    return { site, visitor };
  },
  scenes: {
    account: at('/account', 'Your account'),
    'account-menu': ({ visitor }) => openMenu(visitor, /^Account of/),
    'account-delete': async ({ visitor }) => {
      const form = visitor.page.locator('form').filter({ hasText: 'Delete account' });
      await form.getByLabel('Current password').fill('down the rabbit hole');
      await form.getByRole('button').click();
      return inDialog(visitor);
    },
    dashboard: async (place) => {
      const visitor = await at('/dashboard', 'Dashboard')(place);
      await visitor.sees('chapter 3.txt');
      return visitor;
    },
  },
};

const membersOnly = {
  flags: ['--auth-mode', 'required'],
  enter: async (site) => ({ visitor: await site.visitor(ann) }),
  scenes: { 'members-only': at('/room/nowhere1', 'This place is for members') },
};

// ---- at the door, and sent away from it

const askToRemove = async (host) => {
  await host.panel('People');
  await choose(host, `Actions for ${bob}`, 'Remove from the room');
  return inDialog(host);
};

const submit = ({ page }) => page.locator('button[type=submit]').first().click();

const doors = {
  enter: async (site) => {
    const roomId = await site.makeRoom('Reading group', { mode: 'study', approval: true });
    const host = await quiet(site, ann);
    await host.enter(roomId, without);
    const visitor = await site.visitor(bob);
    await visitor.goTo(`/room/${roomId}`);
    await visitor.page.locator('video').first().waitFor();
    return { site, roomId, host, visitor };
  },
  scenes: {
    door: ({ visitor }) => visitor,
    'door-nameless': async ({ visitor }) => {
      await submit(visitor);
      await visitor.sees('Tell the others who you are.');
      return visitor;
    },
    'door-devices': async ({ visitor }) => {
      for (const summary of await visitor.page.locator('summary').all()) await summary.click();
      await visitor.sees(visitor.button('Check again'));
      return visitor;
    },
    waiting: async ({ roomId, visitor }) => {
      await visitor.enter(roomId, { ...without, waits: true });
      await visitor.sees('You are at the door');
      return visitor;
    },
    requests: async ({ host }) => {
      await host.panel('People');
      await host.sees(host.button(`Admit ${bob}`));
      return host;
    },
    rejected: async ({ host, visitor }) => {
      await host.button(`Turn ${bob} down`).click();
      await visitor.sees('You were not let in');
      return visitor;
    },
    remove: async ({ host, visitor }) => {
      await visitor.button('Try again').click();
      await submit(visitor);
      await host.button(`Admit ${bob}`).click();
      await visitor.isIn();
      return askToRemove(host);
    },
    kicked: async ({ host, visitor }) => {
      await askToRemove(host);
      await dialogOf(host).getByRole('textbox').fill('This group is full');
      await dialogOf(host).getByRole('button', { name: 'Remove' }).click();
      await visitor.sees('You were removed from the room');
      return visitor;
    },
    refused: async ({ roomId, visitor }) => {
      await visitor.enter(roomId, { ...without, waits: true });
      await visitor.sees('You cannot enter');
      return visitor;
    },
    left: async ({ host }) => {
      await host.button('Leave').click();
      await host.sees('You have left the room');
      return host;
    },
    end: async ({ host }) => {
      await host.button('Try again').click();
      await submit(host);
      await host.isIn();
      await choose(host, 'Ways to leave', 'End for everybody');
      return inDialog(host);
    },
    ended: async ({ host }) => {
      await choose(host, 'Ways to leave', 'End for everybody');
      await dialogOf(host).getByRole('button', { name: 'End for everybody' }).click();
      await host.sees('The room has ended');
      return host;
    },
  },
};

export const pageTours = { pages, accountPages, membersOnly, doors };
