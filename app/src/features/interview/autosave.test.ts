import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WireError } from '~/wire/errors';
import type { OwnCode } from '~/wire/types';
import { Autosave } from './autosave';
import { CODE_MAX, fingerprint, judge, type Draft, type Kept } from './drafts';
import { FakeClock } from './fakeClock';

/** A server that holds code, a browser that keeps it, and a line between them that breaks. */
class World {
  clock = new FakeClock();
  server: OwnCode | null = null;
  handedIn: string[] = [];
  handedIds = new Set<string>();
  sent: string[] = [];
  kept: Kept | null = null;
  isUp = true;
  fails: (WireError | null)[] = [];
  losesAnswers = false; // what is said arrives, but the answer does not
  page = this.load();

  load(): Autosave {
    const page: Autosave = new Autosave(
      {
        changeCode: (code, language) => this.#get(code, language, null),
        submitCode: (code, language, id) => this.#get(code, language, id),
        load: () => this.kept,
        keep: (kept) => (this.kept = structuredClone(kept)),
        clock: this.clock,
      },
      'python',
    );
    return page;
  }

  enter(): Autosave {
    this.page.open(this.server ? { ...this.server } : null);
    this.page.line(this.isUp);
    return this.page;
  }

  reload(): Autosave {
    this.page.close();
    this.page = this.load();
    return this.isUp ? this.enter() : this.page;
  }

  set(isUp: boolean): void {
    this.isUp = isUp;
    if (isUp) this.enter();
    else this.page.line(false);
  }

  /** `id`: of a submission. */
  #get(code: string, language: string, id: string | null): Promise<void> {
    const error = this.fails.shift();
    if (error) return Promise.reject(error);
    if (!this.isUp) return Promise.reject(new WireError('OFFLINE', ''));
    this.sent.push(code);
    const was = this.server?.submitted ?? false;
    if (id === null || !this.handedIds.has(id))
      this.server = { code, language, submitted: id !== null || was, submittedAt: null };
    if (id !== null && !this.handedIds.has(id)) this.handedIn.push(code);
    if (id !== null) this.handedIds.add(id);
    return this.losesAnswers ? new Promise(() => {}) : Promise.resolve();
  }
}

const edited = (world: World, ...codes: string[]) => {
  for (const code of codes) world.page.edit(code, 'python');
};

test('many changes are few messages, and the newest arrives', async () => {
  const world = new World();
  world.enter();
  for (let n = 1; n <= 100; n++) {
    edited(world, `line ${n}`);
    await world.clock.pass(20);
  }
  await world.clock.pass(1000);
  assert.ok(world.sent.length <= 6, String(world.sent.length));
  assert.equal(world.server?.code, 'line 100');
  assert.equal(world.page.state.get().saving, 'saved');
});

test('each change is kept in the browser at once', () => {
  const world = new World();
  world.enter();
  edited(world, 'a', 'ab');
  assert.equal(world.kept?.code, 'ab');
  assert.equal(world.page.state.get().saving, 'saving');
});

test('offline, only the newest is kept, and it goes first when the line is back', async () => {
  const world = new World();
  world.enter();
  world.set(false);
  edited(world, 'a', 'b', 'c');
  await world.clock.pass(20_000);
  assert.equal(world.page.state.get().saving, 'offline');
  world.set(true);
  await world.clock.pass(0);
  assert.deepEqual(world.sent, ['c']);
  assert.equal(world.page.state.get().saving, 'saved');
});

test('a reload while offline loses nothing', async () => {
  const world = new World();
  world.enter();
  edited(world, 'old');
  await world.clock.pass(1000);
  world.set(false);
  edited(world, 'new');
  world.reload();
  world.set(true);
  await world.clock.pass(1000);
  assert.equal(world.page.state.get().code, 'new');
  assert.equal(world.server?.code, 'new');
});

test('what arrived without an answer is known again after a reload', async () => {
  const world = new World();
  world.enter();
  world.losesAnswers = true;
  edited(world, 'arrived');
  await world.clock.pass(1000);
  edited(world, 'arrived and more');
  world.losesAnswers = false;
  world.reload();
  await world.clock.pass(1000);
  assert.equal(world.page.state.get().choice, null);
  assert.equal(world.server?.code, 'arrived and more');
});

test('what was written on another device is taken when nothing is unsent here', async () => {
  const world = new World();
  world.enter();
  edited(world, 'here');
  await world.clock.pass(1000);
  world.server = { code: 'elsewhere', language: 'go', submitted: false, submittedAt: null };
  world.reload();
  assert.equal(world.page.state.get().code, 'elsewhere');
  assert.equal(world.page.state.get().language, 'go');
});

for (const which of ['here', 'server'] as const)
  test(`when both have changed the candidate chooses: ${which}`, async () => {
    const world = new World();
    world.enter();
    edited(world, 'both');
    await world.clock.pass(1000);
    world.set(false);
    edited(world, 'here');
    world.server = { code: 'server', language: 'go', submitted: false, submittedAt: null };
    world.set(true);
    await world.clock.pass(5000);
    assert.equal(world.page.state.get().choice?.here.code, 'here');
    assert.equal(world.server.code, 'server', 'nothing is overwritten before');
    world.page.edit('typed meanwhile', 'python');
    world.page.choose(which);
    await world.clock.pass(1000);
    assert.equal(world.page.state.get().code, which);
    assert.equal(world.server.code, which);
  });

test('a submission goes at once; one made offline goes later, before newer changes', async () => {
  const world = new World();
  world.enter();
  edited(world, 'one');
  world.page.submit();
  await world.clock.pass(0);
  assert.deepEqual(world.handedIn, ['one']);
  world.set(false);
  edited(world, 'two');
  world.page.submit();
  assert.equal(world.page.state.get().handing, 'kept');
  edited(world, 'three');
  world.reload();
  world.set(true);
  await world.clock.pass(1000);
  assert.deepEqual(world.handedIn, ['one', 'two']);
  assert.equal(world.server?.code, 'three');
  assert.equal(world.page.state.get().handing, 'no');
  assert.equal(world.page.state.get().submitted?.code, 'two');
});

for (const comesBack of ['over a new line', 'after a reload'])
  test(`a submission whose answer is lost is handed in once, sent ${comesBack}`, async () => {
    const world = new World();
    world.enter();
    edited(world, 'one');
    world.losesAnswers = true;
    world.page.submit();
    await world.clock.pass(1000);
    world.losesAnswers = false;
    if (comesBack === 'after a reload') world.reload();
    else {
      world.set(false);
      world.set(true);
    }
    await world.clock.pass(1000);
    assert.deepEqual(world.sent.slice(0, 2), ['one', 'one']);
    assert.deepEqual(world.handedIn, ['one']);
    assert.equal(world.page.state.get().handing, 'no');
    world.page.submit();
    await world.clock.pass(1000);
    assert.deepEqual(world.handedIn, ['one', 'one'], 'the same once more, when one wants to');
  });

test('RATE_LIMITED waits as long as it says', async () => {
  const world = new World();
  world.enter();
  world.fails = [new WireError('RATE_LIMITED', '', { retryAfterMs: 3000 })];
  edited(world, 'a');
  await world.clock.pass(2900);
  edited(world, 'ab');
  await world.clock.pass(400);
  assert.deepEqual(world.sent, []);
  await world.clock.pass(200);
  assert.deepEqual(world.sent, ['ab']);
});

test('what the server refuses is said, and not sent again until it changes', async () => {
  const world = new World();
  world.enter();
  world.fails = [new WireError('BAD_FIELD', 'No.')];
  edited(world, 'bad');
  await world.clock.pass(60_000);
  assert.equal(world.page.state.get().saving, 'failed');
  assert.deepEqual(world.sent, []);
  edited(world, 'good');
  await world.clock.pass(1000);
  assert.equal(world.server?.code, 'good');
});

test('too much is kept in the browser alone', async () => {
  const world = new World();
  world.enter();
  edited(world, 'é'.repeat(CODE_MAX / 2 + 1));
  world.page.submit();
  await world.clock.pass(1000);
  assert.equal(world.page.state.get().saving, 'tooLong');
  assert.deepEqual(world.sent, []);
  edited(world, 'é'.repeat(CODE_MAX / 2));
  await world.clock.pass(1000);
  assert.equal(world.page.state.get().saving, 'saved');
});

test('after the end nothing is sent, and what was not is said', async () => {
  const world = new World();
  world.enter();
  edited(world, 'sent');
  await world.clock.pass(1000);
  edited(world, 'unsent');
  world.page.end();
  world.page.edit('late', 'python');
  await world.clock.pass(5000);
  const { stored, hasUnsent, code } = world.page.state.get();
  assert.deepEqual([stored?.code, hasUnsent, code], ['sent', true, 'unsent']);
});

test('another page of the same person is followed, unless there is something unsent', async () => {
  const world = new World();
  world.enter();
  edited(world, 'a');
  await world.clock.pass(1000);
  const kept = world.kept as Kept;
  const other = { ...kept, code: 'b', at: kept.at + 1 };
  world.page.mirror(other);
  assert.equal(world.page.state.get().code, 'b');
  edited(world, 'bc');
  world.page.mirror(other);
  assert.equal(world.page.state.get().code, 'bc');
});

test('judge', () => {
  const of = (code: string): Draft => ({ code, language: 'c' });
  const kept = (code: string, acked: string | null, sent: string[] = []): Kept => ({
    ...of(code),
    at: 1,
    acked: acked === null ? null : fingerprint(of(acked)),
    sent: sent.map((s) => fingerprint(of(s))),
    submit: null,
    submitted: null,
  });
  assert.equal(judge(null, null), 'same');
  assert.equal(judge(of('x'), null), 'server');
  assert.equal(judge(null, kept('x', 'w')), 'here');
  assert.equal(judge(of('x'), kept('x', null)), 'same');
  assert.equal(judge(of('w'), kept('x', 'w')), 'here');
  assert.equal(judge(of('y'), kept('x', 'x')), 'server');
  assert.equal(judge(of('y'), kept('x', 'w', ['y'])), 'here');
  assert.equal(judge(of('y'), kept(' ', null)), 'server');
  assert.equal(judge(of(' '), kept('x', null)), 'here');
  assert.equal(judge(of('y'), kept('x', 'w')), 'ask');
});

test('nothing is lost in any order of lost, up, reload, edit, submit, lost answer', async () => {
  const steps: ((world: World) => void)[] = [
    (w) => w.set(!w.isUp),
    (w) => w.reload(),
    (w) => w.page.state.get().isReady && edited(w, `${w.page.state.get().code}x`),
    (w) => w.page.submit(),
    (w) => (w.losesAnswers = !w.losesAnswers),
  ];
  const run = async (path: readonly number[]): Promise<void> => {
    const world = new World();
    world.enter();
    let last = '';
    let wished: string | null = null;
    let wishes = 0;
    for (const [at, n] of path.entries()) {
      const isReady = world.page.state.get().isReady;
      steps[n]?.(world);
      if (isReady && n === 2) last = world.page.state.get().code;
      if (isReady && n === 3) {
        wished = world.page.state.get().code;
        wishes++;
      }
      await world.clock.pass(at % 2 === 0 ? 0 : 500);
    }
    world.losesAnswers = false;
    world.set(false);
    world.set(true);
    await world.clock.pass(10_000);
    const where = path.join();
    assert.equal(world.page.state.get().choice, null, where);
    assert.equal(world.page.state.get().code, last, where);
    assert.equal(world.server?.code ?? '', last, where);
    if (wished !== null) assert.equal(world.handedIn.at(-1), wished, where);
    assert.ok(world.handedIn.length <= wishes, where);
  };
  const walk = async (path: number[]): Promise<void> => {
    await run(path);
    if (path.length < 6) for (let n = 0; n < steps.length; n++) await walk([...path, n]);
  };
  await walk([]);
});
