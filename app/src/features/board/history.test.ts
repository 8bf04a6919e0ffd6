import assert from 'node:assert/strict';
import test from 'node:test';
import type { Op } from '~/wire/types';
import { History, sameOp, type Change, type Deed } from './history';

/** A board that does what the engine does with deeds, and others change meanwhile. */
const makeBoard = (mayEdit: (op: Op) => boolean = () => true) => {
  const ops = new Map<string, Op>();
  const history = new History();
  const ground = { find: (id: string) => ops.get(id) ?? null, canEdit: mayEdit };
  const apply = (deed: Deed): void => {
    for (const { id, after } of deed) {
      if (after) ops.set(id, { ...after, by: 'me' });
      else ops.delete(id);
    }
  };
  const change = (id: string, after: Op | null): Change => ({ id, before: ground.find(id), after });
  return {
    ops,
    history,
    draw: (...drawn: Op[]) => {
      const deed = drawn.map((op) => change(op.id, op));
      apply(deed);
      history.did(deed);
    },
    erase: (...ids: string[]) => {
      const deed = ids.map((id) => change(id, null));
      apply(deed);
      history.did(deed);
    },
    undo: () => apply(history.undo(ground)),
    redo: () => apply(history.redo(ground)),
    x: (id: string) => ops.get(id)?.['x'],
  };
};

const op = (id: string, x = 0): Op => ({ id, type: 'rect', x });

test('there and back', () => {
  const board = makeBoard();
  board.draw(op('a'));
  board.draw(op('a', 5));
  board.erase('a');
  board.undo();
  assert.equal(board.x('a'), 5);
  board.undo();
  assert.equal(board.x('a'), 0);
  board.undo();
  assert.equal(board.ops.size, 0);
  assert.ok(!board.history.canUndo);
  board.redo();
  board.redo();
  assert.equal(board.x('a'), 5);
  board.redo();
  assert.equal(board.ops.size, 0);
  assert.ok(!board.history.canRedo);
});

test('a new deed ends what could be redone', () => {
  const board = makeBoard();
  board.draw(op('a'));
  board.undo();
  board.draw(op('b'));
  assert.ok(!board.history.canRedo);
});

test('what somebody else has moved since stays', () => {
  const board = makeBoard();
  board.draw(op('a'), op('b'));
  board.draw(op('a', 5), op('b', 5));
  board.ops.set('a', op('a', 99));
  board.undo();
  assert.deepEqual([board.x('a'), board.x('b')], [99, 0]);
  board.redo();
  assert.deepEqual([board.x('a'), board.x('b')], [99, 5]);
});

test('what somebody else has erased is not drawn again by undoing a move', () => {
  const board = makeBoard();
  board.draw(op('old'));
  board.draw(op('a'));
  board.draw(op('a', 5));
  board.ops.delete('a');
  board.undo(); // nothing is left of the move, nor of the drawing: the one before is undone
  assert.equal(board.ops.size, 0);
  assert.ok(!board.history.canUndo);
});

test('what was erased, and has been drawn again by somebody, stays theirs', () => {
  const board = makeBoard();
  board.draw(op('a'));
  board.erase('a');
  board.ops.set('a', op('a', 7));
  board.undo();
  assert.equal(board.x('a'), 7);
});

test('what one may not change any more is left', () => {
  const board = makeBoard((each) => each.id !== 'b');
  board.draw(op('a'), op('b'));
  board.undo();
  assert.deepEqual([...board.ops.keys()], ['b']);
});

test('ops are the same whoever they are of', () => {
  assert.ok(sameOp({ a: [1, { b: 2 }], by: 'u1' }, { a: [1, { b: 2 }] }));
  assert.ok(!sameOp({ a: [1] }, { a: [1, 2] }));
  assert.ok(!sameOp({ a: 1 }, { a: 1, c: undefined, d: 2 }));
});
