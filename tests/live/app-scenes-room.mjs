// Tours (see app-scenes.mjs) of the inside of rooms.
import {
  ann, begin, bob, choose, comer, dialogOf, inDialog, newInterview, onDesk, onPhone, openMenu,
  pair, PHONE, quiet, without,
} from './app-scenes.mjs';

const cay = 'Cay Brandt';

/** What a phone opens with the panel closed. */
const alone = async (visitor) => {
  const close = visitor.button('Close the panel');
  if (await close.count()) await close.click();
  return visitor;
};

const message = (visitor, text) =>
  visitor.page.getByRole('log').getByRole('listitem').filter({ hasText: text }).first();

const has = async (visitor, text) => {
  await message(visitor, text).waitFor();
  return visitor;
};

const list = 'I see **two ways**:\n\n- complete the square\n- the formula of `chapter 2`';
const code = '```\nx = (-b ± √(b² - 4ac)) / 2a\n```';

/** Three people who study, and what they say. */
const talk = async (site) => {
  const { roomId, host, guest } = await pair(site, 'Algebra, chapter 3', { mode: 'study' });
  const third = await comer(site, roomId, cay);
  await third.ask('presence:hand', { raised: true });
  await guest.panel('Chat');
  await guest.say('Does anybody understand **exercise 4**? `x^2 = 2`');
  await host.panel('Chat');
  await has(host, 'exercise 4');
  await host.say(list);
  await has(host, 'complete the square');
  await third.ask('chat:message', { text: code });
  await has(host, 'x = (-b');
  await host.say('Yes! See https://example.org/algebra, then we try it on the board.');
  await has(guest, 'then we try it');
  return { site, roomId, host, guest, third };
};

const inPanel = (name) => async ({ host }) => {
  await host.panel(name);
  return host;
};

const share = async (visitor) => {
  await visitor.panel('Files');
  await visitor.sees(visitor.button('Upload files'));
  const picture = await visitor.page.screenshot();
  await visitor.page.locator('.files-panel input[type=file]').setInputFiles([
    { name: 'chapter 3.txt', mimeType: 'text/plain', buffer: Buffer.alloc(4321, 'x^2 = 2\n') },
    { name: 'the board.png', mimeType: 'image/png', buffer: picture },
  ]);
  for (const name of ['chapter 3.txt', 'the board.png'])
    await visitor.sees(visitor.page.getByRole('link', { name: `Download ${name}` }));
};

const study = {
  enter: talk,
  scenes: {
    study: ({ host }) => host,
    'message-menu': async ({ host }) => {
      const said = message(host, 'exercise 4');
      await said.hover();
      await said.getByRole('button', { name: 'More', exact: true }).click();
      await host.page.getByRole('menu').waitFor();
      return host;
    },
    reply: async ({ host }) => {
      const said = message(host, 'exercise 4');
      await said.hover();
      await said.getByRole('button', { name: 'Reply' }).click();
      await host.sees('Replying to');
      return host;
    },
    emoji: async ({ host }) => {
      await host.button('Emoji').click();
      await host.sees(host.page.getByPlaceholder('Search emoji'));
      return host;
    },
    search: async ({ host }) => {
      await host.page.getByRole('searchbox', { name: 'Search messages' }).fill('chapter');
      const found = host.page.getByRole('region', { name: 'Search results' });
      await host.sees(found.getByText('complete the square'));
      return host;
    },
    files: async ({ host }) => {
      await host.page.getByRole('searchbox', { name: 'Search messages' }).fill('');
      await share(host);
      return host;
    },
    picture: async ({ host }) => {
      await host.button('Show the board.png').click();
      return inDialog(host);
    },
    people: inPanel('People'),
    'person-menu': ({ host }) => openMenu(host, `Actions for ${bob}`),
    'mute-all': async ({ host }) => {
      await host.button('Mute all').click();
      return inDialog(host);
    },
    private: async ({ host }) => {
      await choose(host, `Actions for ${bob}`, 'Write privately');
      const field = host.field(/^Write to/);
      await field.fill('Shall we meet at five?');
      await field.press('Enter');
      return has(host, 'at five');
    },
    timer: inPanel('Timer'),
    'timer-settings': async ({ host }) => {
      await host.button('Timer settings').click();
      return inDialog(host);
    },
    'room-menu': async ({ host }) => openMenu(await alone(host), 'Room menu'),
    invite: async ({ host }) => {
      await choose(host, 'Room menu', 'Invite');
      return inDialog(host);
    },
    settings: async ({ host }) => {
      await choose(host, 'Room menu', 'Room settings');
      await dialogOf(host).locator('summary').click();
      return host;
    },
    shortcuts: async ({ host }) => {
      await choose(host, 'Room menu', 'Keyboard shortcuts');
      return inDialog(host);
    },
    reconnecting: async ({ guest }) => {
      await guest.page.context().setOffline(true);
      await guest.sees('Reconnecting.');
      await guest.say('I write this on the train.');
      await guest.sees('Sending…');
      return guest;
    },
    'reconnecting-stage': async ({ guest }) => alone(guest),
  },
};

// ---- the board

/** Pulls the mouse along these points, given as parts of the canvas. */
const drag = async ({ page }, points) => {
  const { x, y, width, height } = await page.getByRole('application').boundingBox();
  const at = ([u, v]) => [x + u * width, y + v * height];
  await page.mouse.move(...at(points[0]));
  await page.mouse.down();
  for (const point of points.slice(1)) await page.mouse.move(...at(point));
  await page.mouse.up();
};

const tool = (visitor, name) => visitor.page.getByRole('button', { name, exact: true }).click();

const wave = Array.from({ length: 41 }, (_, n) => [0.3 + n * 0.01, 0.42 - 0.12 * Math.sin(n / 6)]);

const board = {
  enter: async (site) => {
    const place = await pair(site, 'Algebra, chapter 3', { mode: 'study' });
    await alone(place.host);
    await place.host.button('Open whiteboard').click();
    await place.host.page.getByRole('application').waitFor();
    return place;
  },
  scenes: {
    'board-empty': ({ host }) => host,
    board: async ({ host }) => {
      await tool(host, 'Pen');
      await drag(host, wave);
      await tool(host, 'Rectangle');
      await drag(host, [[0.35, 0.6], [0.5, 0.7], [0.6, 0.78]]);
      return host;
    },
    'board-selected': async ({ host }) => {
      await tool(host, 'Select');
      await drag(host, [[0.35, 0.65], [0.35, 0.65]]);
      await host.sees(host.button('Duplicate'));
      return host;
    },
    'board-menu': ({ host }) => openMenu(host, 'Board menu'),
    'board-clear': async ({ host }) => {
      await choose(host, 'Board menu', 'Clear the board');
      return inDialog(host);
    },
  },
};

// ---- a timer for all

const focus = {
  enter: async (site) => {
    const place = await pair(site, 'Deep work', { mode: 'focus' });
    await alone(place.host);
    return place;
  },
  scenes: {
    'focus-idle': ({ host }) => host,
    focus: async ({ host }) => {
      await host.page.getByPlaceholder('What do we want to get done?').fill('Finish chapter three');
      await host.page.keyboard.press('Enter');
      await host.page.getByPlaceholder('Add a goal').fill('Exercises 1 to 5');
      await host.page.keyboard.press('Enter');
      await host.button('Start focus').click();
      await host.sees(host.button('Pause'));
      return host;
    },
    'focus-break': async ({ host }) => {
      await host.button('Skip to the break').click();
      await host.sees(host.button('Skip the break'));
      return host;
    },
    'focus-paused': async ({ host }) => {
      await host.button('Pause').click();
      await host.sees(host.button('Go on'));
      return host;
    },
  },
};

// ---- calls

const withAll = (site, name) => site.visitor(name);

const call = {
  enter: async (site) => {
    const place = await pair(site, 'Team call', { mode: 'call' }, withAll);
    await alone(place.host);
    await alone(place.guest);
    await place.host.video(bob).waitFor();
    await place.guest.video(ann).waitFor();
    return place;
  },
  scenes: {
    call: ({ host }) => host,
    'tile-menu': async ({ host }) => {
      await host.tile(bob).hover();
      return openMenu(host, `More about ${bob}`);
    },
    pinned: async ({ host }) => {
      await choose(host, `More about ${bob}`, 'Pin');
      await host.sees('Show everybody');
      return host;
    },
    'microphone-menu': onDesk(({ host }) => openMenu(host, /^Microphone and speaker/)),
    'camera-menu': onDesk(({ host }) => openMenu(host, 'Cameras')),
    'screen-menu': onDesk(({ host }) => openMenu(host, 'How to share')),
    'leave-menu': onDesk(({ host }) => openMenu(host, 'Ways to leave')),
    devices: async ({ host }) => {
      await choose(host, /^Microphone and speaker/, 'Camera, microphone and speaker');
      return inDialog(host);
    },
    'more-menu': onPhone(async ({ host }) => {
      await host.page.setViewportSize(PHONE);
      await host.sees(host.page.getByRole('button', { name: 'More', exact: true }));
      await host.page.getByRole('button', { name: 'More', exact: true }).click();
      await host.page.getByRole('menu').waitFor();
      return host;
    }),
    encrypted: async ({ host }) => {
      await host.button('Calls are encrypted').click();
      await host.sees('Picture and sound go');
      return host;
    },
    'own-screen': async ({ host }) => {
      await host.button('Share screen').click();
      await host.sees('You are sharing your screen');
      return host;
    },
    screen: async ({ guest }) => {
      await guest.screen(ann).waitFor();
      return guest;
    },
  },
};

const fullCall = {
  enter: async (site) => {
    const roomId = await site.makeRoom('Team call', { mode: 'study' });
    for (const name of ['Dan Abel', 'Eve Ito', cay, bob]) await comer(site, roomId, name);
    const host = await quiet(site, ann);
    await host.enter(roomId, without);
    await host.sees('The call is full');
    return { host };
  },
  scenes: { 'call-full': ({ host }) => alone(host), 'call-full-chat': inPanel('Chat') },
};

// ---- interviews

const atCode = async (guest) => {
  await guest.field('Your code').fill('const twoSum = (numbers, target) => {\n  // ...\n};\n');
  await guest.sees('Saved');
  return guest;
};

const interview = {
  enter: async (site) => {
    const place = await newInterview(site);
    await alone(place.host);
    await alone(place.guest);
    return place;
  },
  scenes: {
    'interview-before': ({ host }) => host,
    'interview-waiting': async ({ guest }) => {
      await guest.sees('The interview has not started');
      return guest;
    },
    'interview-start': async ({ host }) => {
      await host.button('Start interview').click();
      return inDialog(host);
    },
    'interview-gate': async ({ host, guest }) => {
      await begin(host);
      await guest.sees('Before you begin');
      return guest;
    },
    'interview-code': async ({ guest }) => {
      await guest.button('Agree and go to full screen').click();
      return atCode(guest);
    },
    'interview-hand-in': async ({ guest }) => {
      await guest.button('Hand in').click();
      return inDialog(guest);
    },
    'interview-reported': async ({ guest }) => {
      await guest.button(/reported$/).click();
      return inDialog(guest);
    },
    'interview-return': async ({ guest }) => {
      await guest.page.evaluate(() => document.fullscreenElement && document.exitFullscreen());
      await guest.sees('You have left full screen');
      return guest;
    },
    'interview-host': async ({ host }) => {
      await host.button(bob).click();
      await host.sees('Last change');
      return host;
    },
    'interview-events': async ({ host }) => {
      await host.page.getByRole('tab', { name: /^Events/ }).click();
      await host.sees(host.page.getByRole('listitem').getByText('Left full screen'));
      return host;
    },
    'interview-export': ({ host }) => openMenu(host, 'Export report'),
    'interview-candidate-menu': ({ host }) => openMenu(host, `More for ${bob}`),
    'interview-offline': async ({ guest }) => {
      await guest.button('Go back to full screen').click();
      await guest.page.locator('.interview-return').first().waitFor({ state: 'detached' });
      await guest.page.context().setOffline(true);
      await guest.sees('Reconnecting.');
      return guest;
    },
    'interview-end': async ({ host, guest }) => {
      await guest.page.context().setOffline(false);
      await guest.page.locator('.room-notices').getByText('Reconnecting.').first().waitFor({ state: 'detached' });
      await host.button('End interview').click();
      return inDialog(host);
    },
    'interview-ended': async ({ host, guest }) => {
      await host.button('End interview').click();
      await dialogOf(host).getByRole('button', { name: 'End interview' }).click();
      await guest.sees('Thank you for your time');
      return guest;
    },
    'interview-report': async ({ host }) => {
      await host.page.getByRole('tab', { name: /^Handed in/ }).click();
      await host.sees('Nothing handed in yet');
      return host;
    },
  },
};

export const studyTours = { study, board, focus };
export const callTours = { call, fullCall };
export const interviewTours = { interview };
