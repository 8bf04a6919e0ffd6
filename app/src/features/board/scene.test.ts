import assert from 'node:assert/strict';
import test from 'node:test';
import type { Op } from '~/wire/types';
import { Scene } from './scene';

const rect = (id: string, x: number): Op => ({
  ...{ id, type: 'rect', x, y: 0, w: 10, h: 10 },
  ...{ color: '#000', width: 2, fill: 'solid' },
});

test('new ops come on top, replaced ones stay where they are', () => {
  const scene = new Scene();
  scene.load([rect('a', 0), rect('b', 0)]);
  assert.equal(scene.put([rect('c', 0)]).kind, 'top');
  const damage = scene.put([rect('a', 100)]);
  assert.deepEqual(damage, { kind: 'area', box: { x: -1, y: -1, w: 112, h: 12 } });
  assert.deepEqual(
    scene.items.map(({ op }) => op.id),
    ['a', 'b', 'c'],
  );
  assert.equal(scene.top(5, 5, 0)?.op.id, 'c');
  assert.equal(scene.top(5, 5, 0, ({ op }) => op.id !== 'c')?.op.id, 'b');
  assert.equal(scene.top(105, 5, 0)?.op.id, 'a');
});

test('ops of unknown kinds are kept, and touch nothing', () => {
  const scene = new Scene();
  scene.put([{ id: 'x', type: 'hologram' }, rect('a', 0)]);
  assert.equal(scene.items.length, 2);
  assert.deepEqual(scene.remove('x'), { kind: 'top', items: [] });
  assert.equal(scene.remove('a').kind, 'area');
  assert.equal(scene.remove('a').kind, 'top');
  assert.equal(scene.find('a'), undefined);
});

test('the same id twice in one message is one thing', () => {
  const scene = new Scene();
  scene.put([rect('a', 0), rect('a', 50)]);
  assert.equal(scene.items.length, 1);
  assert.equal(scene.bounds()?.x, 49);
});
