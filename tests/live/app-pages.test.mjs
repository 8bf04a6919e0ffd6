// The pages outside of rooms, and what holds on all pages: addresses, accounts, themes, languages.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';

import { openSite, Site } from './app.mjs';
import { member, quiet } from './app-scenes.mjs';
import { all, eventually } from './stoa.mjs';

const ann = 'Ann Lee';
const bob = 'Bob Okafor';
const password = 'down the rabbit hole';
const without = { microphone: false, camera: false };

const heading = ({ page }, name) => page.getByRole('heading', { name, level: 1 });
const card = ({ page }, name) => page.getByRole('link', { name: new RegExp(name) });

/** Each case with visitors of its own, who leave nothing wrong behind. */
const onSite = async (t, cases) => {
  const { server, browser } = await openSite(t);
  const run = async (act) => {
    const site = new Site(server, browser);
    await act(site);
    await site.check();
    for (const visitor of site.visitors) await visitor.page.context().close();
  };
  await all(t, Object.fromEntries(Object.entries(cases).map(([name, act]) => [name, () => run(act)])));
};

// ---- the first page

const liveCounts = async (site) => {
  const roomId = await site.makeRoom('Algebra', { mode: 'study' });
  const watcher = await quiet(site, ann);
  await watcher.goTo('/');
  await watcher.sees(card(watcher, 'Algebra.*Nobody here'));
  const other = await quiet(site, bob);
  await other.enter(roomId, without);
  await watcher.sees(card(watcher, 'Algebra.*1 here'));
  await other.page.context().close();
  await watcher.sees(card(watcher, 'Algebra.*Nobody here'));
};

const join = async (visitor, text) => {
  await visitor.goTo('/');
  await visitor.field('Code or link').fill(text);
  await visitor.page.getByRole('button', { name: 'Join', exact: true }).click();
};

const joinBy = async (site) => {
  const roomId = await site.makeRoom('By its code', { mode: 'study', isPublic: false });
  const visitor = await quiet(site, ann);
  for (const text of [roomId, ` ${site.url}/r/${roomId} `, `${site.url}/room.html?id=${roomId}`]) {
    await join(visitor, text);
    await visitor.sees(heading(visitor, 'By its code'));
  }
  await join(visitor, 'no code!');
  await visitor.sees('That is no code of a room');
  await join(visitor, 'nowhere1');
  await visitor.sees(heading(visitor, 'There is no such room'));
};

const makeEach = async (site) => {
  const visitor = await quiet(site, ann);
  for (const mode of ['Study', 'Focus', 'Call', 'Interview']) {
    await visitor.goTo('/');
    await visitor.page.getByRole('list', { name: 'New room' }).getByRole('button', { name: mode }).click();
    const dialog = visitor.page.getByRole('dialog', { name: 'New room' });
    assert.ok(await dialog.getByRole('radio', { name: mode }).isChecked());
    await dialog.getByRole('textbox', { name: 'Name of the room' }).fill(`A ${mode}`);
    await dialog.getByRole('button', { name: 'Create room' }).click();
    await visitor.sees(heading(visitor, `A ${mode}`));
    await visitor.field('Your name').fill(ann);
    await visitor.page.locator('.prejoin button[type=submit]').click();
    await visitor.sees(visitor.page.locator(`.room[data-mode=${mode.toLowerCase()}]`));
  }
};

const addresses = async (site) => {
  const id = await site.makeRoom('Everywhere', { mode: 'study' });
  const visitor = await quiet(site, ann);
  for (const where of [`/room/${id}`, `/room.html?id=${id}`, `/r/${id}`, `/sessions/${id}`]) {
    await visitor.goTo(where);
    await visitor.sees(heading(visitor, 'Everywhere'));
    await visitor.sees(visitor.page.getByRole('button', { name: 'Join', exact: true }));
  }
  await visitor.goTo('/nowhere');
  await visitor.sees(heading(visitor, 'Page not found'));
  await visitor.page.getByRole('link', { name: 'To the rooms', exact: true }).click();
  await visitor.sees(heading(visitor, 'Rooms'));
};

const sessions = async (site) => {
  await site.makeRoom('A session', { mode: 'study' });
  const visitor = await quiet(site, ann);
  await visitor.goTo('/sessions');
  await visitor.page.getByRole('link', { name: 'Join A session' }).click();
  await visitor.sees(heading(visitor, 'A session'));
};

test('rooms from outside', { concurrency: 2 }, (t) => onSite(t, {
  'counts are live': liveCounts,
  'joining by a code or a link': joinBy,
  'making each kind of room': makeEach,
  'all addresses of a room': addresses,
  'sessions have a way in': sessions,
}));

// ---- accounts

const logOut = async (visitor) => {
  await visitor.button(/^Account of/).click();
  await visitor.page.getByRole('menuitem', { name: 'Log out' }).click();
  await visitor.sees(visitor.page.getByRole('link', { name: 'Log in' }));
};

const logIn = async (visitor, { email }, word, next = '') => {
  await visitor.goTo(`/login${next && `?next=${encodeURIComponent(next)}`}`);
  await visitor.field('E-mail').fill(email);
  await visitor.page.getByLabel('Password').fill(word);
  await visitor.button('Log in').click();
};

/** Who the page's cookie says one is. */
const whoIs = (visitor) => visitor.page.evaluate(async () => {
  const answer = await fetch('/api/auth/me');
  return answer.ok ? (await answer.json()).user : null;
});

const comeAndGo = async (site) => {
  const visitor = await member(site);
  const user = await whoIs(visitor);
  await logOut(visitor);
  assert.equal(await whoIs(visitor), null);
  await logIn(visitor, user, 'a wrong password');
  await visitor.sees('The email address or the password is wrong.');
  await logIn(visitor, user, password, '/dashboard');
  await visitor.sees(heading(visitor, 'Dashboard'));
  await logOut(visitor);
  await logIn(visitor, user, password, '//example.org/');
  await visitor.sees(heading(visitor, 'Rooms'));
  assert.equal(new URL(visitor.page.url()).origin, site.url);
  await logOut(visitor);
  await visitor.goTo('/account');
  await visitor.sees(heading(visitor, 'Log in'));
};

const changeAndDelete = async (site) => {
  const visitor = await member(site);
  const { page } = visitor;
  const user = await whoIs(visitor);
  const form = (name) => page.locator('form').filter({ has: page.getByRole('heading', { name }) });
  await visitor.goTo('/account');
  await visitor.field('Name').fill('Ann Li');
  await visitor.button('Save').click();
  await visitor.sees(visitor.button('Account of Ann Li'));
  const change = form('Password');
  await change.getByLabel('Current password').fill('a wrong password');
  await change.getByLabel('New password').fill('through the looking glass');
  await change.getByRole('button').click();
  await visitor.sees('The email address or the password is wrong.');
  await change.getByLabel('Current password').fill(password);
  await change.getByRole('button').click();
  await visitor.sees('Your password is changed');
  await logOut(visitor);
  await logIn(visitor, user, password);
  await visitor.sees('The email address or the password is wrong.');
  await logIn(visitor, user, 'through the looking glass', '/account');
  await form('Delete account').getByLabel('Current password').fill('through the looking glass');
  await form('Delete account').getByRole('button').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete account' }).click();
  await visitor.sees(visitor.page.getByRole('link', { name: 'Log in' }));
  assert.equal(await whoIs(visitor), null);
  await logIn(visitor, user, 'through the looking glass');
  await visitor.sees('The email address or the password is wrong.');
};

/** Most of a minute of focus that was: the rest of it is spent in the test. */
const hadFocus = async (site, userId) => {
  const until = Date.now() - 60_000;
  await promisify(execFile)('sqlite3', ['-cmd', '.timeout 5000', path.join(site.server.folder, 'stoa.db'),
    `insert into focus_stretches values ('${userId}', ${until - 58_000}, 'gone', ${until})`]);
};

const dashboard = async (site) => {
  const visitor = await member(site);
  const { id } = await whoIs(visitor);
  await hadFocus(site, id);
  const roomId = await site.makeRoom('Deep work', { mode: 'focus', timer: { focusMinutes: 0.05 } });
  await visitor.enter(roomId, without);
  await visitor.page.locator('input[type=file]').first().waitFor({ state: 'attached' });
  await visitor.panel('Files');
  const chosen = visitor.page.waitForEvent('filechooser');
  await visitor.button('Upload files').click();
  await (await chosen).setFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('x^2 = 2') });
  await visitor.sees('notes.txt');
  await visitor.button('Start focus').click();
  await visitor.sees(visitor.page.locator('.timer-dial[data-phase=break]'));
  const inAll = visitor.page.locator('dl > div').filter({ hasText: 'In all' });
  await eventually(async () => {
    await visitor.goTo('/dashboard');
    await inAll.waitFor();
    return /1 min/.test(await inAll.textContent());
  }, 'a minute of focus', 30_000);
  await visitor.sees(card(visitor, 'Deep work'));
  await visitor.sees(visitor.page.getByRole('link', { name: 'notes.txt' }));
  await visitor.sees(/7 bytes/);
};

test('accounts', { concurrency: 2 }, (t) => onSite(t, {
  'logging in and out': comeAndGo,
  'name, password, and an end': changeAndDelete,
  'the dashboard has rooms, focus and files': dashboard,
}));

// ---- how it looks, and in which words

const ground = ({ page }) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

/** All that the style sheet says of colours and sizes, as it holds now. */
const tokens = ({ page }) => page.evaluate(() => {
  const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]);
  const names = rules.filter((rule) => rule.selectorText === ':root').flatMap((rule) => [...rule.style]);
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(names.filter((n) => n.startsWith('--')).map((n) => [n, style.getPropertyValue(n)]));
});

/** Before anything runs: the theme of each frame that has something to paint. */
const watchFrames = () => {
  window.themes = [];
  const look = () => {
    if (document.body) window.themes.push(document.documentElement.dataset.theme ?? 'none');
    if (window.themes.length < 30) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
};

const chooseTheme = async (visitor, name) => {
  await visitor.button('Theme').click();
  await visitor.page.getByRole('menuitemcheckbox', { name }).click();
};

const themes = async (site) => {
  const visitor = await site.visitor(ann, { colorScheme: 'light' });
  const { page } = visitor;
  await page.addInitScript(watchFrames);
  await visitor.goTo('/');
  await visitor.sees(heading(visitor, 'Rooms'));
  const light = await ground(visitor);
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await ground(visitor);
  assert.notEqual(dark, light);
  const bySystem = await tokens(visitor);
  assert.ok(Object.keys(bySystem).length > 30);
  await page.emulateMedia({ colorScheme: 'light' });
  await chooseTheme(visitor, 'Dark');
  assert.deepEqual(await tokens(visitor), bySystem, 'dark is the same by choice and by system');

  await page.reload();
  await visitor.sees(heading(visitor, 'Rooms'));
  await eventually(() => page.evaluate(() => window.themes.length > 3), 'some frames');
  assert.deepEqual(await page.evaluate(() => [...new Set(window.themes)]), ['dark'], 'no flash');
  assert.equal(await ground(visitor), dark);
  await chooseTheme(visitor, 'As the system');
  assert.equal(await ground(visitor), light);
};

/** What is seen, or said of what is seen, in words that are not of the catalogue. */
const untranslated = ({ page }, known) => page.evaluate((names) => {
  const ours = 'bdi, kbd, time, code, script, style, noscript, option, .avatar';
  const said = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { parentElement: parent, data } = walker.currentNode;
    if (!parent.closest(ours) && parent.checkVisibility({ visibilityProperty: true })) said.push(data);
  }
  for (const element of document.body.querySelectorAll('*'))
    for (const name of ['aria-label', 'aria-description', 'title', 'placeholder', 'alt'])
      if (element.hasAttribute(name)) said.push(element.getAttribute(name));
  const numbers = /\b(min|hr|sec|bytes?|[kMG]B|[AP]M|now|ago|in|Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b/g;
  const bare = (text) => names.reduce((rest, name) => rest.replaceAll(name, ''), text).replace(numbers, '');
  const left = /[aceinorsuyACEINORSUYdhlt]/; // the letters that a translated text has none of
  return said.filter((text) => left.test(bare(text)));
}, known);

/** What one can press or type into, but only in part: its box reaches beyond the sides of the page. */
const cut = ({ page }) => page.evaluate(() => {
  const scrolls = (element) => {
    for (let at = element.parentElement; at; at = at.parentElement)
      if (/auto|scroll/.test(getComputedStyle(at).overflowX) && at.scrollWidth > at.clientWidth) return true;
    return false;
  };
  const isCut = (element) => {
    const { left, right, width } = element.getBoundingClientRect();
    return width > 1 && (left < -1 || right > innerWidth + 1) && !scrolls(element);
  };
  const all = [...document.querySelectorAll('button, a[href], input, select, textarea')];
  return all
    .filter((element) => element.checkVisibility({ visibilityProperty: true }) && isCut(element))
    .map((element) => element.outerHTML.slice(0, 160));
});

const isWithin = async (visitor, where) => {
  const width = await visitor.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(width <= 0, `${where} is ${width} px too wide`);
  assert.deepEqual(await cut(visitor), [], where);
};

const PANELS = ['Chat', 'People', 'Files', 'Timer'];

/** Goes through the pages, and through what a room has; calls `look` everywhere. */
const tour = async (visitor, roomId, look) => {
  const { page } = visitor;
  for (const where of ['/', '/login', '/signup', '/sessions', '/dashboard', '/nowhere', '/room/nowhere1']) {
    await visitor.goTo(where);
    await page.locator('main h1').waitFor();
    await page.locator('.skeleton').first().waitFor({ state: 'detached' });
    await look(where);
  }
  await visitor.goTo('/new');
  await page.getByRole('dialog').waitFor();
  await page.locator('dialog summary').click();
  await look('/new');
  await visitor.goTo(`/room/${roomId}`);
  await page.locator('.prejoin input').first().fill(ann);
  await look('the door');
  await page.locator('.prejoin button[type=submit]').click();
  await visitor.isIn();
  await look('the room');
  await page.keyboard.press('Alt+c');
  for (const panel of PANELS) {
    if (panel !== 'Chat') await page.keyboard.press('ArrowRight');
    else await page.locator('[role=tab][aria-selected=true]').focus();
    await page.locator('[role=tabpanel] > *').first().waitFor();
    await look(panel);
  }
  await page.locator('.room-panel-close').click();
  await page.keyboard.press('Alt+w');
  await page.getByRole('application').waitFor();
  await look('the board');
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  await look('the sheet of keys');
};

/** Through a door whose words one need not read. */
const walkIn = async (visitor, roomId) => {
  const { page } = visitor;
  await visitor.goTo(`/room/${roomId}`);
  await page.locator('.prejoin input').first().fill(visitor.name);
  await page.locator('.prejoin button[type=submit]').click();
  await visitor.isIn();
  if (await page.locator('.room-panel-close').count()) await page.locator('.room-panel-close').click();
};

/** The interview of a host and a candidate; calls `look` on the pages of both. */
const tourOfInterview = async (site, host, candidate, look) => {
  const settings = { mode: 'interview', approval: false, question: '', durationMinutes: 30 };
  const roomId = await site.makeRoom('Algebra', settings);
  await walkIn(host, roomId);
  await walkIn(candidate, roomId);
  const row = host.page.locator('.interview-row');
  await row.waitFor();
  await look(host, 'the console');
  await candidate.page.locator('.interview-gate').waitFor();
  await look(candidate, 'before the start');
  await host.page.locator('.interview-head .button--primary').click();
  await look(host, 'the question whether to start');
  await host.page.locator('dialog button[type=submit]').click();
  await candidate.page.locator('.interview-gate__buttons .button--primary').click();
  const code = candidate.page.locator('.interview-split [role=tab]').last(); // on a phone
  await candidate.page.locator('.interview-editor').waitFor({ state: 'attached' });
  await look(candidate, 'the candidate’s question');
  if (await code.count()) await code.click();
  await candidate.page.locator('.interview-editor').waitFor();
  await look(candidate, 'the candidate’s code');
  await candidate.page.locator('.cm-content').fill('42');
  await row.click();
  await host.page.locator('.interview-editor').waitFor();
  await look(host, 'the candidate as the host sees it');
};

/** A focus room has most beside its name. */
const tourOfFocus = async (site, visitor, look) => {
  await walkIn(visitor, await site.makeRoom('Algebra', { mode: 'focus' }));
  await visitor.page.locator('.timer-panel').waitFor();
  await look(visitor, 'a focus room');
};

const both = async (site, options, language, look) => {
  const roomId = await site.makeRoom('Algebra', { mode: 'study' });
  const visitor = await quiet(site, ann, options);
  const other = await quiet(site, bob, options);
  for (const one of [visitor, other]) await one.goTo(`/?lang=${language}`);
  await tour(visitor, roomId, (where) => look(visitor, where, roomId));
  await tourOfFocus(site, visitor, look);
  await tourOfInterview(site, visitor, other, look);
  return visitor;
};

const pseudo = (site) => {
  const names = ['Algebra', ann, bob, 'nowhere1', site.url, 'A7x9K2', 'JavaScript', 'Ctrl'];
  const options = { viewport: { width: 820, height: 900 } };
  return both(site, options, 'en-XA', async (visitor, where, roomId = '') =>
    assert.deepEqual(await untranslated(visitor, [...names, roomId]), [], `${where}, not of the catalogue`));
};

const onPhone = { viewport: { width: 390, height: 844 } };

const mirrored = async (site) => {
  const visitor = await both(site, onPhone, 'ar-XB', (who, where) => isWithin(who, `${where}, mirrored`));
  assert.equal(await visitor.page.locator('html').getAttribute('dir'), 'rtl');
};

const phone = (site) => both(site, onPhone, 'en', isWithin);

const installable = async (site) => {
  const visitor = await site.visitor(ann);
  await visitor.goTo('/');
  const icons = await visitor.page.evaluate(async () => {
    const { href } = document.querySelector('link[rel=manifest]');
    const { icons: all, start_url: start } = await (await fetch(href)).json();
    const sizeOf = async ({ src, sizes }) => {
      const image = new Image();
      image.src = src;
      await image.decode();
      return { src, sizes, real: `${image.naturalWidth}x${image.naturalHeight}`, start };
    };
    return Promise.all(all.map(sizeOf));
  });
  assert.ok(icons.length >= 3);
  for (const { src, sizes, real } of icons) assert.ok(sizes === 'any' || sizes === real, `${src}: ${real}`);
};

test('looks and words', { concurrency: 2 }, (t) => onSite(t, {
  'themes by system and by choice': themes,
  'on a phone nothing is cut': phone,
  'right to left nothing is cut': mirrored,
  'every word is of the catalogue': pseudo,
  'it can be installed': installable,
}));
