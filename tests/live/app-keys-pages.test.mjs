// The pages outside of rooms by the keyboard alone: accounts, sessions, the dashboard, codes.
import assert from 'node:assert/strict';
import test from 'node:test';

import { openSite } from './app.mjs';
import { steps, typist } from './app-typist.mjs';

const ann = 'Ann Lee';
const anna = 'Anna Lee';
const email = 'ann@example.org';
const password = 'down the rabbit hole';
const another = 'through the looking-glass';

const heading = ({ page }, name) => page.getByRole('heading', { name, level: 1 });

const follow = async (who, name) => {
  await who.activate(who.page.getByRole('link', { name, exact: true }).first());
};

const writeIn = async (who, ...texts) => {
  await who.has(who.field('E-mail'), 'the first field');
  for (const [n, text] of texts.entries()) {
    if (n > 0) await who.press('Tab');
    await who.retype(text);
  }
  await who.press('Enter');
};

/** The focus stays in the form when it was wrong. */
const logIn = async (who) => {
  await who.visitor.goTo('/');
  await follow(who, 'Log in');
  await writeIn(who, email, 'a wrong password');
  await who.sees('The email address or the password is wrong.');
  await who.to(who.page.getByLabel('Password'), 'Shift+Tab');
  await who.retype(password);
  await who.press('Enter');
  await who.sees(who.button(`Account of ${ann}`));
};

const changeName = async (who) => {
  await who.choose(who.button(`Account of ${ann}`), 'Your account', 'Shift+Tab');
  await who.sees(heading(who, 'Your account'));
  await who.seesFocusOn(who.field('Name'));
  await who.retype(anna);
  await who.press('Enter');
  await who.sees('Your name is changed');
  await who.sees(who.button(`Account of ${anna}`));
  await who.has(who.field('Name'), 'the name that was changed');
  assert.equal(await who.field('Name').inputValue(), anna);
};

const changePassword = async (who) => {
  await who.seesFocusOn(who.page.getByLabel('Current password').first());
  await who.type(password);
  await who.seesFocusOn(who.page.getByLabel('New password'));
  await who.type(another);
  await who.activate(who.button('Change password'));
  await who.sees('Your password is changed');
  await who.keepsPlace('changing the password');
};

const logOutAndIn = async (who) => {
  await who.choose(who.button(`Account of ${anna}`), 'Log out', 'Shift+Tab');
  await who.sees('You are logged out');
  if (await heading(who, 'Log in').count() === 0) await follow(who, 'Log in');
  await writeIn(who, email, another);
  await who.sees(who.button(`Account of ${anna}`));
};

const joinSession = async (who) => {
  await follow(who, 'Sessions');
  await who.sees(heading(who, 'Sessions'));
  await follow(who, 'Join Algebra');
  await who.sees(heading(who, 'Algebra'));
  await who.activate(who.page.locator('.prejoin button[type=submit]'));
  await who.visitor.isIn();
  await follow(who, 'To all rooms');
  await who.sees(heading(who, 'Rooms'));
};

const openFromDashboard = async (who) => {
  await follow(who, 'Dashboard');
  await who.sees(heading(who, 'Dashboard'));
  await who.activate(who.page.getByRole('link', { name: /Algebra/ }));
  await who.sees(heading(who, 'Algebra'));
};

const joinByCode = async (who, roomId) => {
  await who.visitor.goTo('/');
  await who.seesFocusOn(who.field('Code or link'));
  await who.type('no code!');
  await who.press('Enter');
  await who.sees('That is no code of a room');
  await who.has(who.field('Code or link'));
  await who.retype(roomId);
  await who.press('Enter');
  await who.sees(heading(who, 'Hidden'));
  await who.sees(who.page.getByRole('button', { name: 'Join', exact: true }));
};

/** Over the links of the head, and what is behind them. */
const skip = async (who) => {
  await who.visitor.goTo('/sessions');
  await who.sees(heading(who, 'Sessions'));
  await follow(who, 'Skip to content');
  await who.to(who.page.getByRole('link', { name: 'Join Algebra' }));
};

const deleteAccount = async (who) => {
  await who.choose(who.button(`Account of ${anna}`), 'Your account', 'Shift+Tab');
  await who.sees(heading(who, 'Your account'));
  await who.to(who.page.getByLabel('Current password').last());
  await who.type(another);
  await who.activate(who.button('Delete account'));
  await who.answer('Delete account');
  await who.sees('Your account is deleted');
  await who.sees(who.page.getByRole('link', { name: 'Log in' }));
};

test('accounts, and ways into a room', async (t) => {
  const site = await openSite(t);
  const wish = { name: ann, email, password };
  assert.equal((await site.ask('POST', '/api/auth/signup', wish)).status, 201);
  await site.makeRoom('Algebra', { mode: 'study' });
  const hidden = await site.makeRoom('Hidden', { mode: 'study', isPublic: false });
  const who = await typist(site, ann);
  await steps(t, {
    'logging in, at the second try': () => logIn(who),
    'another name': () => changeName(who),
    'another password': () => changePassword(who),
    'out, and in again': () => logOutAndIn(who),
    'joining a session': () => joinSession(who),
    'a room of the dashboard': () => openFromDashboard(who),
    'joining by a code': () => joinByCode(who, hidden),
    'skipping the head of a page': () => skip(who),
    'an end to the account': () => deleteAccount(who),
    'nothing went wrong': () => site.check(),
  });
});
