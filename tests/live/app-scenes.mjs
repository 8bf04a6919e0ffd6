// Each page of the app in a state worth looking at; for pictures, and for what must hold on every
// page. A scene gives the visitor whose page is meant.
const ann = 'Ann Lee';
const bob = 'Bob Okafor';

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

const at = (where, heading) => async (site) => {
  const visitor = await site.visitor(ann);
  await visitor.goTo(where);
  await visitor.sees(visitor.page.getByRole('heading', { name: heading, level: 1 }));
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

const withAll = (site, name) => site.visitor(name);
const without = { microphone: false, camera: false };

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

const study = async (site) => {
  const { host, guest } = await pair(site, 'Algebra, chapter 3', { mode: 'study' });
  await guest.panel('Chat');
  await guest.say('Does anybody understand **exercise 4**? `x^2 = 2`');
  await host.panel('Chat');
  await host.say('Yes! See https://example.org/algebra, then we try it on the board.');
  await guest.sees('then we try it');
  return host;
};

/** For pictures of what a panel covers on a phone. */
const alone = (scene) => async (site) => {
  const visitor = await scene(site);
  await visitor.button('Close the panel').click();
  return visitor;
};

const inPanel = (name) => async (site) => {
  const visitor = await study(site);
  await visitor.panel(name);
  return visitor;
};

const board = async (site) => {
  const visitor = await study(site);
  await visitor.page.getByRole('radio', { name: 'Board' }).check({ force: true });
  const canvas = visitor.page.getByRole('application').first();
  await canvas.waitFor();
  const { x, y, width, height } = await canvas.boundingBox();
  await visitor.page.keyboard.press('p');
  await visitor.page.mouse.move(x + width * 0.3, y + height * 0.5);
  await visitor.page.mouse.down();
  for (let n = 1; n <= 40; n++)
    await visitor.page.mouse.move(x + width * (0.3 + n * 0.01), y + height * (0.5 - 0.15 * Math.sin(n / 6)));
  await visitor.page.mouse.up();
  return visitor;
};

const focus = async (site) => {
  const { host } = await pair(site, 'Deep work', { mode: 'focus' });
  await host.button('Start focus').click();
  return host;
};

const question = '**Two sum**\n\nGiven a list of numbers and a *target*, find the **two** that add up to it.';
const interview = { mode: 'interview', approval: false, isPublic: true, question, durationMinutes: 45 };

/** A host and a candidate in an interview that has begun. */
export const begunInterview = async (site) => {
  const { roomId, host, guest } = await pair(site, 'Backend interview', interview);
  await host.button('Start interview').click();
  await host.page.getByRole('dialog').getByRole('button', { name: 'Start interview' }).click();
  await host.sees(host.button('End interview'));
  return { roomId, host, guest };
};

const waiting = async (site) => {
  const roomId = await site.makeRoom('Guarded', { mode: 'study', approval: true });
  await (await quiet(site, ann)).enter(roomId, without);
  const guest = await quiet(site, bob);
  await guest.enter(roomId, { ...without, waits: true });
  await guest.sees('You are at the door');
  return guest;
};

export const scenes = {
  lobby: async (site) => {
    await site.makeRoom('Algebra, chapter 3', { mode: 'study' });
    await site.makeRoom('Deep work', { mode: 'focus' });
    await pair(site, 'Team call', { mode: 'call', isPublic: true });
    return at('/', 'Rooms')(site);
  },
  'new-room': async (site) => {
    const visitor = await at('/', 'Rooms')(site);
    await visitor.button('Interview').click();
    await visitor.page.getByRole('dialog').waitFor();
    return visitor;
  },
  login: at('/login', 'Log in'),
  signup: at('/signup', 'Sign up'),
  account: async (site) => {
    const visitor = await member(site);
    await visitor.goTo('/account');
    await visitor.sees('Delete account');
    return visitor;
  },
  dashboard: async (site) => {
    const visitor = await member(site);
    await visitor.goTo('/dashboard');
    await visitor.sees('My rooms');
    return visitor;
  },
  sessions: at('/sessions', 'Sessions'),
  'not-found': at('/nowhere', 'Page not found'),
  'no-room': async (site) => {
    const visitor = await site.visitor(ann);
    await visitor.goTo('/room/nowhere1');
    await visitor.sees('There is no such room');
    return visitor;
  },
  door: async (site) => {
    const roomId = await site.makeRoom('Algebra, chapter 3', { mode: 'study' });
    const visitor = await site.visitor(ann);
    await visitor.goTo(`/room/${roomId}`);
    await visitor.page.locator('video').first().waitFor();
    return visitor;
  },
  waiting,
  study,
  files: inPanel('Files'),
  people: inPanel('People'),
  timer: inPanel('Timer'),
  board: alone(board),
  focus: alone(focus),
  call: alone(async (site) => (await pair(site, 'Team call', { mode: 'call' }, withAll)).host),
  settings: async (site) => {
    const visitor = await study(site);
    await visitor.button('Room menu').click();
    await visitor.page.getByRole('menuitem', { name: 'Room settings' }).click();
    await visitor.page.getByRole('dialog').waitFor();
    return visitor;
  },
  'interview-host': alone(async (site) => {
    const { host } = await begunInterview(site);
    await host.button(bob).click();
    return host;
  }),
  'interview-gate': alone(async (site) => (await begunInterview(site)).guest),
  'interview-code': alone(async (site) => {
    const { guest } = await begunInterview(site);
    await guest.button('Agree and go to full screen').click();
    await guest.field('Your code').fill('const twoSum = (numbers, target) => {\n  // ...\n};\n');
    await guest.sees('Saved');
    return guest;
  }),
};
