import assert from 'node:assert/strict';
import test from 'node:test';
import { WireError } from '~/wire/errors';
import type { Op } from '~/wire/types';
import { BoardLog, type BoardChange } from './board';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A server that may be away, and refuses what it is told to. */
const rig = () => {
  const server = { ops: new Map<string, Op>(), isAway: false, refuses: '', draws: 0 };
  const answer = async (act: () => void): Promise<void> => {
    await sleep(5);
    if (server.refuses) throw new WireError(server.refuses, 'No.', { retryAfterMs: 20 });
    act();
    if (server.isAway) throw new WireError('TIMEOUT', 'It was done, and nobody heard.');
  };
  const refused: string[] = [];
  const log: BoardLog = new BoardLog(
    {
      draw: (ops) => {
        server.draws++;
        return answer(() => ops.forEach((op) => server.ops.set(op.id, op)));
      },
      undraw: (id) => answer(() => void server.ops.delete(id)),
      clear: () => answer(() => server.ops.clear()),
      save: () => answer(() => {}),
    },
    () => ({ userId: 'ann', isHost: false }),
    (error) => {
      refused.push(error.code);
      log.reset([...server.ops.values()]);
    },
  );
  const changes: BoardChange[] = [];
  log.watch((change) => changes.push(change));
  const settled = async (): Promise<void> => {
    for (let n = 0; n < 300 && log.hasUnsent; n++) await sleep(10);
    assert.equal(log.hasUnsent, false, 'everything is sent');
  };
  return { server, log, changes, refused, settled };
};

const op = (id: string, more: object = {}): Op => ({ id, type: 'stroke', ...more });
const idsOf = (log: BoardLog): string[] => log.ops().map((o) => o.id);

test('what one draws is there at once, and reaches the server in groups', async () => {
  const { server, log, changes, settled } = rig();
  log.setOpen(true);
  for (let n = 0; n < 30; n++) log.draw([op(`o${n}`)]);
  assert.equal(log.ops().length, 30);
  assert.equal(changes.length, 30);
  await settled();
  assert.equal(server.ops.size, 30);
  assert.equal(server.draws, 1);
});

test('the same id replaces, in its place', async () => {
  const { server, log, settled } = rig();
  log.setOpen(true);
  log.draw([op('a'), op('b')]);
  log.draw([op('a', { x: 1 })]);
  assert.deepEqual(idsOf(log), ['a', 'b']);
  await settled();
  assert.equal(server.ops.get('a')?.['x'], 1);
});

test('drawn without a line, it is kept, shown over the state, and sent later', async () => {
  const { server, log, settled } = rig();
  log.draw([op('mine')]);
  log.undraw('mine');
  log.draw([op('mine2')]);
  log.reset([op('theirs')]);
  assert.deepEqual(idsOf(log), ['theirs', 'mine2']);
  log.setOpen(true);
  await settled();
  assert.deepEqual([...server.ops.keys()], ['mine2']);
});

test('an answer that is lost is no loss: it is said again', async () => {
  const { server, log, settled } = rig();
  log.setOpen(true);
  server.isAway = true;
  log.draw([op('a')]);
  await sleep(120);
  log.setOpen(false);
  server.isAway = false;
  log.setOpen(true);
  await settled();
  assert.deepEqual([...server.ops.keys()], ['a']);
});

test('many are removed quickly', async () => {
  const { server, log, settled } = rig();
  log.setOpen(true);
  log.draw(Array.from({ length: 60 }, (_, n) => op(`o${n}`)));
  await settled();
  for (let n = 0; n < 60; n++) log.undraw(`o${n}`);
  log.draw([op('last')]);
  await settled();
  assert.deepEqual([...server.ops.keys()], ['last']);
});

test('too fast is sent later, refused is taken back and told', async () => {
  const { server, log, refused, settled } = rig();
  log.setOpen(true);
  server.refuses = 'RATE_LIMITED';
  log.draw([op('a')]);
  await sleep(90);
  assert.deepEqual(idsOf(log), ['a']);
  server.refuses = 'TOO_MANY';
  await settled();
  assert.deepEqual([idsOf(log), refused], [[], ['TOO_MANY']]);
});

test('large groups are cut', async () => {
  const { server, log, settled } = rig();
  log.draw(Array.from({ length: 450 }, (_, n) => op(`o${n}`)));
  log.setOpen(true);
  await settled();
  assert.deepEqual([server.ops.size, server.draws], [450, 3]);
});

test('who may change what: the author', () => {
  const { log } = rig();
  log.draw([op('mine')]);
  log.heardDraw([op('theirs')], 'bob');
  assert.deepEqual(
    log.ops().map((o) => log.canEdit(o)),
    [true, false],
  );
});
