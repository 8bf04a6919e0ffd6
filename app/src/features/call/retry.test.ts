import assert from 'node:assert/strict';
import test from 'node:test';
import { Retry, type Act } from './retry';
import { World } from './testing/world';

const begin = (polite: boolean) => {
  const world = new World(1);
  const start = world.now();
  const acts: [Act, number][] = [];
  const states: string[] = [];
  const retry = new Retry({
    clock: world,
    polite,
    isPending: () => false,
    act: (what) => acts.push([what, world.now() - start]),
    changed: () => states.push(retry.state),
  });
  return { world, retry, acts, states };
};

const connected = (polite: boolean) => {
  const all = begin(polite);
  all.retry.start();
  all.retry.heard();
  all.retry.link('connected');
  return all;
};

test('new, connecting, connected', async () => {
  const { world, retry, states, acts } = begin(false);
  assert.equal(retry.state, 'new');
  retry.start();
  retry.heard();
  retry.link('connecting');
  retry.link('connected');
  await world.pass(100_000);
  assert.deepEqual(states, ['connecting', 'connected']);
  assert.deepEqual(acts, []);
});

test('what mends itself within four seconds is no matter', async () => {
  const { world, retry, acts, states } = connected(false);
  retry.link('disconnected');
  await world.pass(3900);
  retry.link('connected');
  await world.pass(60_000);
  assert.deepEqual(acts, []);
  assert.deepEqual(states, ['connecting', 'connected']);
});

test('two restarts, then all anew, twice over, with growing pauses, then failed', async () => {
  const { world, retry, acts, states } = connected(false);
  retry.link('disconnected');
  for (let n = 0; n < 6; n++) {
    const before = acts.length;
    while (acts.length === before) await world.pass(500);
    retry.heard();
    retry.link('failed');
  }
  const kinds = acts.map(([what]) => what);
  assert.deepEqual(kinds, ['restart', 'restart', 'rebuild', 'restart', 'restart', 'rebuild']);
  assert.deepEqual(states.slice(2), ['retrying', 'failed']);
  const [first = 0, ...later] = acts.map(([, at]) => at);
  assert.equal(first, 5000); // four seconds of grace, one of pause
  const pauses = later.map((at, i) => at - (acts[i]?.[1] ?? 0));
  assert.deepEqual(pauses, [2000, 4000, 8000, 8000, 8000]);
  await world.pass(100_000);
  assert.equal(acts.length, 6);
});

test('having failed is not waited for', async () => {
  const { world, retry, acts } = connected(false);
  retry.link('failed');
  await world.pass(1000);
  assert.deepEqual(acts, [['restart', 1000]]);
});

test('the polite side leaves it to the other one, but not for ever', async () => {
  const { world, retry, acts } = connected(true);
  retry.link('failed');
  await world.pass(5900);
  assert.deepEqual(acts, []);
  await world.pass(200);
  assert.equal(acts.length, 1);
});

test('an offer of the other side takes the place of one’s own', async () => {
  const { world, retry, acts } = connected(true);
  retry.link('failed');
  await world.pass(2000);
  retry.heard();
  await world.pass(11_000);
  assert.deepEqual(acts, []);
  retry.link('connected');
  assert.equal(retry.state, 'connected');
});

test('unanswered offers are said again, and count only if nobody was ever heard', async () => {
  const unheard = begin(false);
  unheard.retry.start();
  await unheard.world.pass(60_000);
  assert.equal(unheard.retry.state, 'failed');
  const known = connected(false);
  known.retry.link('failed');
  await known.world.pass(600_000);
  assert.equal(known.retry.state, 'retrying');
  assert.ok(known.acts.length > 60);
  assert.ok(known.acts.slice(1).every(([what]) => what === 'offer'));
});

test('retrying begins anew, and stopping ends all', async () => {
  const { world, retry, acts } = begin(false);
  retry.start();
  await world.pass(60_000);
  acts.length = 0;
  retry.again(true);
  assert.deepEqual(
    acts.map(([what]) => what),
    ['rebuild'],
  );
  assert.equal(retry.state, 'retrying');
  retry.heard();
  retry.link('connected');
  retry.link('disconnected');
  retry.stop();
  assert.equal(world.timers, 0);
});

test('who was given up and makes an offer gets one more try', async () => {
  const { world, retry } = connected(true);
  retry.link('failed');
  for (let n = 0; n < 40 && retry.state !== 'failed'; n++) {
    await world.pass(13_000);
    retry.heard();
    retry.link('failed');
  }
  assert.equal(retry.state, 'failed');
  retry.heard();
  assert.equal(retry.state, 'retrying');
  retry.link('failed');
  assert.equal(retry.state, 'failed');
});

test('when negotiating breaks, all is built anew', async () => {
  const { world, retry, acts } = connected(false);
  for (let n = 0; n < 10; n++) {
    retry.broke(); // again and again, which must not put it off
    await world.pass(1000);
  }
  assert.equal(acts[0]?.[0], 'rebuild');
});
