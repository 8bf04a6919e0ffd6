// What hosts do about a room and its people, as both sides see it: muting all, letting all in,
// making a co-host, locking, removing and letting back, ending.
import assert from 'node:assert/strict';
import test from 'node:test';

import { openSite } from './app.mjs';
import { quiet } from './app-scenes.mjs';
import { eventually } from './stoa.mjs';

const calm = { microphone: false, camera: false };

const row = (visitor, name) => visitor.page.getByRole('list', { name: 'People in the room' })
  .getByRole('listitem').filter({ hasText: name });

/** In the panel of people, about one of them. */
const choose = async (visitor, name, deed) => {
  await visitor.button(`Actions for ${name}`).click();
  await visitor.page.getByRole('menuitem', { name: deed }).click();
};

/** Says yes to what the page asks; `reason` where it asks for one. */
const confirm = async (visitor, yes, reason) => {
  const dialog = visitor.page.getByRole('dialog');
  if (reason) await dialog.getByRole('textbox').fill(reason);
  await dialog.getByRole('button', { name: yes, exact: true }).click();
};

const inMenu = async (visitor, deed) => {
  await visitor.button('Room menu').click();
  await visitor.page.getByRole('menuitem', { name: deed }).click();
};

const comes = async (site, roomId, name) => {
  const visitor = await quiet(site, name);
  await visitor.enter(roomId, { ...calm, waits: true });
  return visitor;
};

const again = async (visitor) => {
  await visitor.button('Try again').click();
  await visitor.page.locator('button[type=submit]').first().click();
};

test('mute all', async (t) => {
  const site = await openSite(t);
  const roomId = await site.makeRoom('A lecture', { mode: 'call' });
  const people = [];
  for (const name of ['Ann', 'Bob', 'Cay']) {
    const visitor = await quiet(site, name);
    await visitor.enter(roomId, { microphone: true, camera: false });
    people.push(visitor);
  }
  const [ann, ...others] = people;
  await ann.panel('People');
  for (const { name } of others)
    await row(ann, name).getByRole('img', { name: /Microphone on/ }).waitFor();
  await ann.button('Mute all').click();
  await confirm(ann, 'Mute all');
  for (const visitor of others) {
    await visitor.sees('Ann turned your microphone off');
    await visitor.sees(visitor.button('Turn microphone on'));
    await row(ann, visitor.name).getByRole('img', { name: /Microphone off/ }).waitFor();
  }
  await ann.sees(ann.button('Turn microphone off'));
  await t.test('and who was muted may speak again', async () => {
    await others[0].setDevice('microphone', true);
    await row(ann, 'Bob').getByRole('img', { name: /Microphone on/ }).waitFor();
  });
  await site.check();
});

test('the door, and who keeps it', async (t) => {
  const site = await openSite(t);
  const roomId = await site.makeRoom('A class', { mode: 'study', approval: true });
  const ann = await quiet(site, 'Ann');
  await ann.enter(roomId, calm);
  const bob = await comes(site, roomId, 'Bob');
  const cay = await comes(site, roomId, 'Cay');
  await t.test('all are admitted at once', async () => {
    await ann.panel('People');
    await ann.sees('2 people wait to come in');
    await ann.button('Admit all').click();
    await bob.isIn();
    await cay.isIn();
    await ann.sees('3 people here');
    assert.equal(await ann.button('Admit all').count(), 0);
  });
  await t.test('a co-host lets people in', async () => {
    await choose(ann, 'Bob', 'Make co-host');
    await row(cay, 'Bob').or(cay.page.getByRole('tab', { name: 'People' })).first().click();
    await row(cay, 'Bob').getByText('Co-host').waitFor();
    await bob.panel('People');
    const dan = await comes(site, roomId, 'Dan');
    await bob.button('Admit Dan').click();
    await dan.isIn();
    await ann.sees(row(ann, 'Dan'));
    await dan.page.context().close();
    site.visitors.splice(site.visitors.indexOf(dan), 1);
  });
  await t.test('and removes them, with a reason, and lets them back', async () => {
    await choose(bob, 'Cay', 'Remove from the room');
    await confirm(bob, 'Remove', 'Too loud');
    await cay.sees('You were removed from the room');
    await cay.sees('The host said: Too loud');
    await row(ann, 'Cay').first().waitFor({ state: 'detached' });
    await bob.button('Let back in').hover(); // so that it stays
    await cay.enter(roomId, { ...calm, waits: true });
    await cay.sees('A host removed you from this room.');
    await bob.button('Let back in').click();
    await bob.sees('Cay may come back');
    await cay.enter(roomId, { ...calm, waits: true });
    await cay.isIn();
  });
  await t.test('but has no say in roles, and none in the room', async () => {
    await bob.button('Actions for Cay').click();
    await bob.sees(bob.page.getByRole('menuitem', { name: 'Remove from the room' }));
    assert.equal(await bob.page.getByRole('menuitem', { name: /^Make/ }).count(), 0);
    await bob.page.keyboard.press('Escape');
    await bob.button('Room menu').click();
    await bob.sees(bob.page.getByRole('menuitem', { name: 'Invite' }));
    assert.equal(await bob.page.getByRole('menuitem', { name: /lock the room/i }).count(), 0);
    await bob.page.keyboard.press('Escape');
  });
  await t.test('until the role is taken back', async () => {
    await choose(ann, 'Bob', 'Make participant');
    await row(bob, 'Bob').getByText('Co-host').first().waitFor({ state: 'detached' });
    await bob.button('Actions for Cay').click();
    await bob.sees(bob.page.getByRole('menuitem', { name: 'Write privately' }));
    assert.equal(await bob.page.getByRole('menuitem', { name: 'Remove from the room' }).count(), 0);
  });
  await site.check();
});

test('locked, unlocked, ended', async (t) => {
  const site = await openSite(t);
  const roomId = await site.makeRoom('A meeting', { mode: 'study' });
  const ann = await quiet(site, 'Ann');
  await ann.enter(roomId, calm);
  const bob = await comes(site, roomId, 'Bob');
  await bob.isIn();
  await inMenu(ann, 'Lock the room');
  const sign = bob.page.getByRole('img', { name: 'Locked: nobody new comes in' });
  await sign.waitFor();
  const cay = await comes(site, roomId, 'Cay');
  await t.test('a newcomer is told', async () => {
    await cay.sees('You cannot enter');
    await cay.sees('This room is locked. Ask its host to unlock it.');
  });
  await t.test('who is in comes back in all the same', async () => {
    await bob.enter(roomId, calm);
    await sign.waitFor();
  });
  await t.test('unlocked, it lets people in', async () => {
    await inMenu(ann, 'Unlock the room');
    await sign.first().waitFor({ state: 'detached' });
    await again(cay);
    await cay.isIn();
  });
  await t.test('the end is for all, and stays', async () => {
    await ann.button('Ways to leave').click();
    await ann.page.getByRole('menuitem', { name: 'End for everybody' }).click();
    await confirm(ann, 'End for everybody');
    for (const visitor of [ann, bob, cay]) await visitor.sees('The room has ended');
    await eventually(async () => {
      const { body } = await site.ask('GET', `/api/rooms/${roomId}`);
      return body.status === 'ENDED';
    }, 'the end');
    await cay.enter(roomId, { ...calm, waits: true });
    await cay.sees('This room has ended.');
  });
  await site.check();
});
