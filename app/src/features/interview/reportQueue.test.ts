import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WireError } from '~/wire/errors';
import type { Report, ReportKind } from '~/wire/types';
import { FakeClock } from './fakeClock';
import { QUEUE_MAX, ReportQueue } from './reportQueue';

const kindsOf = (reports: readonly Report[]): ReportKind[] => reports.map(({ kind }) => kind);

function setup(kept: Report[] = []) {
  const clock = new FakeClock();
  const heard: ReportKind[] = [];
  const world = { clock, heard, kept: [...kept], fails: [] as (WireError | null)[] };
  const queue = new ReportQueue(
    {
      send: ({ kind }) => {
        const error = world.fails.shift();
        if (error) return Promise.reject(error);
        heard.push(kind);
        return Promise.resolve();
      },
      keep: (reports) => (world.kept = [...reports]),
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
  const { queue, clock, heard, world } = setup([{ id: 'r', kind: 'FULLSCREEN_ENTER' }]);
  queue.push(['TAB_BLUR', 'TAB_FOCUS']);
  await clock.pass(60_000);
  assert.deepEqual(heard, []);
  assert.deepEqual(kindsOf(world.kept), ['FULLSCREEN_ENTER', 'TAB_BLUR', 'TAB_FOCUS']);
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
  assert.equal(world.kept.at(-1)?.kind, 'PASTE');
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
    send: ({ kind }) => (sent.push(kind) === 1 ? first : Promise.resolve()),
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
  assert.deepEqual([heard, world.kept, queue.reports], [[], [], []]);
});

/** A server that counts each id once, a line that loses answers, a browser that keeps the queue. */
class World {
  clock = new FakeClock();
  counted = new Map<string, ReportKind>();
  sent: string[] = [];
  kept: Report[] = [];
  loses: 'nothing' | 'answers' | 'all' = 'nothing';
  queue = this.load();

  load(): ReportQueue {
    return new ReportQueue(
      {
        send: ({ id, kind }) => {
          this.sent.push(id);
          if (this.loses !== 'all' && !this.counted.has(id)) this.counted.set(id, kind);
          return this.loses === 'nothing' ? Promise.resolve() : new Promise(() => {});
        },
        keep: (reports) => (this.kept = structuredClone([...reports])),
        clock: this.clock,
      },
      this.kept,
    );
  }
}

for (const loses of ['answers', 'all'] as const)
  for (const comesBack of ['over a new line', 'after a reload'])
    test(`lost (${loses}), and sent again ${comesBack}`, async () => {
      const world = new World();
      world.queue.line(true);
      world.loses = loses;
      world.queue.push(['TAB_BLUR', 'FULLSCREEN_EXIT', 'TAB_BLUR']);
      await world.clock.pass(1000);
      world.loses = 'nothing';
      if (comesBack === 'after a reload') {
        world.queue.close();
        world.queue = world.load();
      } else world.queue.line(false);
      world.queue.line(true);
      await world.clock.pass(1000);
      assert.equal(world.sent[1], world.sent[0], 'the same once more');
      assert.deepEqual([...world.counted.values()], ['TAB_BLUR', 'FULLSCREEN_EXIT', 'TAB_BLUR']);
      assert.deepEqual([world.sent.length, world.kept], [4, []]);
    });

test('what is closed is kept for coming back, but for what is answered meanwhile', async () => {
  const { queue, clock, heard, world } = setup();
  queue.line(true);
  queue.push(['COPY', 'PASTE']);
  queue.close();
  await clock.pass(10_000);
  assert.deepEqual([heard, kindsOf(world.kept)], [['COPY'], ['PASTE']]);
});
