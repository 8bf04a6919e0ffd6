import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WireError } from '~/wire/errors';
import type { ReportKind } from '~/wire/types';
import { FakeClock } from './fakeClock';
import { QUEUE_MAX, ReportQueue } from './reportQueue';

function setup(kept: ReportKind[] = []) {
  const clock = new FakeClock();
  const heard: ReportKind[] = [];
  const world = { clock, heard, kept: [...kept], fails: [] as (WireError | null)[] };
  const queue = new ReportQueue(
    {
      send: (kind) => {
        const error = world.fails.shift();
        if (error) return Promise.reject(error);
        heard.push(kind);
        return Promise.resolve();
      },
      counted: () => null,
      keep: (kinds) => (world.kept = [...kinds]),
      clock,
    },
    kept,
  );
  return { ...world, world, queue };
}

const offline = () => new WireError('OFFLINE', '');

test('reports go in order, one at a time', async () => {
  const { queue, clock, heard, world } = setup();
  queue.line(true);
  queue.push(['TAB_BLUR']);
  queue.push(['FULLSCREEN_EXIT', 'TAB_FOCUS']);
  await clock.pass(0);
  assert.deepEqual(heard, ['TAB_BLUR', 'FULLSCREEN_EXIT', 'TAB_FOCUS']);
  assert.deepEqual(world.kept, []);
});

test('they wait while the line is lost, and over a reload', async () => {
  const { queue, clock, heard, world } = setup(['FULLSCREEN_ENTER']);
  queue.push(['TAB_BLUR', 'TAB_FOCUS']);
  await clock.pass(60_000);
  assert.deepEqual(heard, []);
  assert.deepEqual(world.kept, ['FULLSCREEN_ENTER', 'TAB_BLUR', 'TAB_FOCUS']);
  queue.line(true);
  await clock.pass(0);
  assert.deepEqual(heard, ['FULLSCREEN_ENTER', 'TAB_BLUR', 'TAB_FOCUS']);
});

test('one that fails is sent again before the next', async () => {
  const { queue, clock, heard, world } = setup();
  world.fails = [new WireError('RATE_LIMITED', '', { retryAfterMs: 700 }), offline(), null];
  queue.line(true);
  queue.push(['COPY', 'PASTE']);
  await clock.pass(699);
  assert.deepEqual(heard, []);
  await clock.pass(10_000);
  assert.deepEqual(heard, ['COPY', 'PASTE']);
});

test('one that the server never takes does not hold up the others', async () => {
  const { queue, clock, heard, world } = setup();
  world.fails = [new WireError('CONFLICT', '')];
  queue.line(true);
  queue.push(['COPY', 'PASTE']);
  await clock.pass(0);
  assert.deepEqual(heard, ['PASTE']);
});

test('only the newest are kept, and nothing after the end', async () => {
  const { queue, clock, heard, world } = setup();
  for (let n = 0; n < QUEUE_MAX; n++) queue.push(['TAB_BLUR']);
  queue.push(['PASTE']);
  assert.equal(world.kept.length, QUEUE_MAX);
  assert.equal(world.kept.at(-1), 'PASTE');
  queue.end();
  queue.line(true);
  queue.push(['COPY']);
  await clock.pass(10_000);
  assert.deepEqual([heard, world.kept], [[], []]);
});

test('what was under way when the line broke is sent again after it is back', async () => {
  const { queue, clock, heard, world } = setup();
  let reject = (_: WireError): void => {};
  const first = new Promise<void>((_, no) => (reject = no));
  const sent: ReportKind[] = [];
  const slow = new ReportQueue({
    send: (kind) => (sent.push(kind) === 1 ? first : Promise.resolve()),
    counted: () => null,
    keep: () => {},
    clock,
  });
  slow.line(true);
  slow.push(['TAB_BLUR', 'TAB_FOCUS']);
  slow.line(false);
  slow.line(true);
  await clock.pass(0);
  reject(offline());
  await clock.pass(10_000);
  assert.deepEqual(sent, ['TAB_BLUR', 'TAB_BLUR', 'TAB_FOCUS']);
  assert.deepEqual([heard, world.kept, queue.kinds], [[], [], []]);
});

for (const arrives of [true, false])
  test(`an answer is lost, and the report has ${arrives ? '' : 'not '}arrived`, async () => {
    const clock = new FakeClock();
    let counted = 3;
    let isUp = true;
    const sent: ReportKind[] = [];
    const queue = new ReportQueue({
      send: (kind) => {
        sent.push(kind);
        return isUp ? Promise.resolve() : new Promise(() => {});
      },
      counted: () => counted,
      keep: () => {},
      clock,
    });
    queue.line(true);
    isUp = false;
    queue.push(['TAB_BLUR', 'FULLSCREEN_EXIT']);
    await clock.pass(1000);
    queue.line(false);
    if (arrives) counted++;
    isUp = true;
    queue.line(true);
    await clock.pass(1000);
    const again = arrives ? [] : ['TAB_BLUR'];
    assert.deepEqual(sent, ['TAB_BLUR', ...again, 'FULLSCREEN_EXIT']);
  });

test('what is closed is kept for coming back, but for what is answered meanwhile', async () => {
  const { queue, clock, heard, world } = setup();
  queue.line(true);
  queue.push(['COPY', 'PASTE']);
  queue.close();
  await clock.pass(10_000);
  assert.deepEqual([heard, world.kept], [['COPY'], ['PASTE']]);
});
