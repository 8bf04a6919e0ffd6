// The server is killed and started again in the middle of a call, and of a focus: what people have
// between them goes on, what they did meanwhile is told, time has passed.
import assert from 'node:assert/strict';
import test from 'node:test';

import { MortalSite, moves } from './app.mjs';
import { pair } from './app-scenes.mjs';
import { eventually } from './stoa.mjs';

const lost = 'Reconnecting.';

const isBack = (visitor) =>
  visitor.page.getByText(/what you write is kept/).first().waitFor({ state: 'detached' });

test('in the middle of a call', async (t) => {
  const site = await MortalSite.open(t);
  const come = (where, name) => where.visitor(name, { viewport: { width: 900, height: 640 } });
  const { host: ann, guest: bob } = await pair(site, 'A call', { mode: 'call' }, come);
  const [atAnn, atBob] = [ann.video('Bob'), bob.video('Ann')];
  const says = (state) => bob.page.getByRole('group', { name: new RegExp(`^Ann.*${state}`) });
  await moves(atAnn, 'Bob, before');
  await moves(atBob, 'Ann, before');
  await bob.sees(says('microphone on, camera on'));

  await site.kill();
  await ann.sees(lost);
  await bob.sees(lost);
  await t.test('the pictures go on without it', async () => {
    await moves(atAnn, 'Bob, while the server is away');
    await moves(atBob, 'Ann, while the server is away');
  });
  await ann.setDevice('microphone', false);
  await site.restart();
  await isBack(ann);
  await isBack(bob);
  await t.test('and when it is back', async () => {
    await moves(ann.video('Bob'), 'Bob, after');
    await moves(bob.video('Ann'), 'Ann, after');
    assert.equal(await ann.page.locator('.stage-tile').count(), 2, 'each is there once');
    assert.equal(await bob.page.locator('.stage-tile').count(), 2, 'each is there once');
  });
  await t.test('what was turned off meanwhile is seen to be off', async () => {
    await bob.sees(says('microphone off, camera on'));
    await ann.setDevice('microphone', true);
    await bob.sees(says('microphone on, camera on'));
  });
  await site.check();
});

/** The moment at which what the page shows will be at zero. */
const endOf = (visitor) => visitor.page.getByRole('timer').first().evaluate((dial) => {
  const [minutes, seconds] = dial.textContent.split(':').map(Number);
  return Date.now() + (minutes * 60 + seconds) * 1000;
});

/** In a page. */
const countTones = () => {
  window.tones = 0;
  const { start } = OscillatorNode.prototype;
  OscillatorNode.prototype.start = function (...args) {
    window.tones++;
    return start.apply(this, args);
  };
};

const near = (a, b) => Math.abs(a - b) < 2500; // what is shown is rounded to seconds

const reenter = async (visitor) => {
  await visitor.page.reload();
  await visitor.page.locator('button[type=submit]').first().click();
  await visitor.isIn();
};

test('in the middle of a focus', async (t) => {
  const site = await MortalSite.open(t);
  const timer = { focusMinutes: 0.25, breakMinutes: 20 };
  const { host: ann, guest: bob } = await pair(site, 'A focus', { mode: 'focus', timer });
  const dial = (visitor, phase) => visitor.page.locator(`.timer-dial[data-phase=${phase}][data-running]`);
  for (const { page } of [ann, bob]) await page.evaluate(countTones);
  await ann.button('Start focus').click();
  await bob.sees(dial(bob, 'focus'));
  const ends = await endOf(bob);

  await ann.page.waitForTimeout(1000); // what a timer does is told at once, and stored within 50 ms
  await site.kill();
  await ann.sees(lost);
  await bob.sees(lost);
  await t.test('it goes on by the clock', async () => {
    assert.ok(near(await endOf(ann), ends) && near(await endOf(bob), ends));
    await ann.sees(ann.page.getByRole('timer').filter({ hasText: /^00:00$/ })); // ends without a server
  });
  await site.restart();
  await t.test('what was over meanwhile was over when it was due', async () => {
    for (const visitor of [ann, bob]) {
      await isBack(visitor);
      await visitor.sees(dial(visitor, 'break'));
      await eventually(() => visitor.page.evaluate(() => window.tones === 3), 'one chime', 30_000);
    }
    const due = ends + timer.breakMinutes * 60_000;
    for (const visitor of [ann, bob])
      assert.ok(near(await endOf(visitor), due), 'the break has begun when the focus ended');
    await reenter(bob);
    assert.ok(near(await endOf(bob), due), 'also for who comes anew');
  });
  await t.test('and it obeys again', async () => {
    await bob.button('Pause').click();
    await ann.sees(ann.button('Go on'));
  });
  await site.check();
});
