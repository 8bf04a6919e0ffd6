// Calls from browser to browser: what the others get are pictures that move, not elements that exist.
import assert from 'node:assert/strict';
import test from 'node:test';

import { moves, openSite } from './app.mjs';
import { coturn, TURN_SECRET } from './coturn.mjs';
import { eventually } from './stoa.mjs';

const four = ['Ann', 'Bob', 'Cay', 'Dan'];

const meet = async (site, names, settings = { mode: 'study' }) => {
  const roomId = await site.makeRoom('A call', settings);
  const people = {};
  for (const name of names) {
    people[name] = await site.visitor(name, { viewport: { width: 900, height: 640 } });
    await people[name].enter(roomId);
  }
  return { roomId, people };
};

/** Everybody's picture moves on everybody else's page. */
const allMove = async (people) => {
  for (const [name, visitor] of Object.entries(people))
    for (const other of Object.keys(people))
      if (other !== name) await moves(visitor.video(other), `${other}'s picture on ${name}'s page`);
};

/** Whether the sound that comes from the others is more than silence. */
const hears = (visitor) => visitor.page.evaluate(async () => {
  const audio = [...document.querySelectorAll('audio')].find((a) => a.srcObject);
  if (!audio) return false;
  const context = new AudioContext();
  const meter = context.createAnalyser();
  context.createMediaStreamSource(audio.srcObject).connect(meter);
  const samples = new Float32Array(meter.fftSize);
  let loudest = 0;
  for (let n = 0; n < 40; n++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    meter.getFloatTimeDomainData(samples);
    loudest = Math.max(loudest, ...samples.map(Math.abs));
  }
  await context.close();
  return loudest > 0.01;
});

test('a call of two', async (t) => {
  const site = await openSite(t);
  const { people } = await meet(site, ['Ann', 'Bob']);
  const { Ann, Bob } = people;
  await t.test('pictures move on both sides', () => allMove(people));
  await t.test('sound comes across, until it is turned off', async () => {
    await eventually(() => hears(Bob), 'Ann to be heard');
    await Ann.setDevice('microphone', false);
    await Bob.sees(Bob.page.getByRole('group', { name: /^Ann.*microphone off/ }));
    await eventually(async () => !(await hears(Bob)), 'silence');
    await Ann.setDevice('microphone', true);
    await Bob.sees(Bob.page.getByRole('group', { name: /^Ann.*microphone on/ }));
    await eventually(() => hears(Bob), 'Ann to be heard again');
  });
  await t.test('a camera that is off is not shown, on again it moves again', async () => {
    await Ann.setDevice('camera', false);
    await Bob.video('Ann').first().waitFor({ state: 'detached' });
    await Ann.setDevice('camera', true);
    await moves(Bob.video('Ann'), "Ann's picture, on again");
  });
  await t.test('a shared screen is seen by the other, and gone when it stops', async () => {
    await Ann.button('Share screen').click();
    await moves(Bob.screen('Ann'), "Ann's screen");
    await Ann.button('Stop sharing').click();
    await Bob.screen('Ann').first().waitFor({ state: 'detached' });
  });
  await t.test('a host turns a microphone off', async () => {
    await Ann.tile('Bob').getByRole('button', { name: /More about Bob/ }).click({ force: true });
    await Ann.page.getByRole('menuitem', { name: 'Mute' }).click();
    await Bob.sees('Ann turned your microphone off');
    await Ann.sees(Ann.page.getByRole('group', { name: /^Bob.*microphone off/ }));
  });
  await t.test('a raised hand is seen', async () => {
    await Bob.button('Raise hand').click();
    await Ann.sees(Ann.page.getByRole('group', { name: /^Bob.*hand raised/ }));
  });
  await t.test('who leaves is gone', async () => {
    await Bob.button('Leave').click();
    await Bob.sees('You have left the room');
    await Ann.tile('Bob').first().waitFor({ state: 'detached' });
  });
  await site.check();
});

test('a call of four, and a fifth', async (t) => {
  const site = await openSite(t);
  const { roomId, people } = await meet(site, four);
  await allMove(people);
  const eve = await site.visitor('Eve', { viewport: { width: 900, height: 640 } });
  await eve.enter(roomId);
  await eve.sees(/The call is full/);
  await people.Dan.button('Leave').click();
  await eve.page.getByText(/The call is full/).first().waitFor({ state: 'detached' });
  await moves(eve.video('Ann'), 'what Eve sees once there is a place');
  await moves(people.Ann.video('Eve'), 'Eve, on the page of somebody who was there');
  await site.check();
});

test('a reload in the middle of a call', async (t) => {
  const site = await openSite(t);
  const { roomId, people } = await meet(site, ['Ann', 'Bob']);
  await allMove(people);
  await people.Bob.enter(roomId);
  await allMove(people);
  const seats = await people.Ann.page.locator('.stage-tile').count();
  assert.equal(seats, 2, 'Bob is there once');
  await site.check();
});

test('through a relay alone', async (t) => {
  const port = await coturn(t);
  const site = await openSite(t, {
    flags: ['--ice-turn', `turn:127.0.0.1:${port}?transport=udp`], env: { TURN_SECRET },
  });
  const { people } = await meet(site, ['Ann', 'Bob'], { mode: 'study', iceTransportPolicy: 'relay' });
  await allMove(people);
  await people.Ann.sees(people.Ann.page.getByRole('img', { name: /through a relay/ }));
  await site.check();
});
