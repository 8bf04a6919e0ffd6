import assert from 'node:assert/strict';
import { test } from 'node:test';

import { WireError } from '~/wire/errors';

import { hueOf, initialsOf } from './Avatar';
import { nextTab } from './Tabs';
import { attempt, dropToast, errorText, toast, toasts } from './toast';

test('initials', () => {
  assert.equal(initialsOf('Ada Lovelace'), 'AL');
  assert.equal(initialsOf(' edsger w. dijkstra '), 'ED');
  assert.equal(initialsOf('ada'), 'A');
  assert.equal(initialsOf('k.johnson'), 'KJ');
  assert.equal(initialsOf('李 明'), '李明');
  assert.equal(initialsOf('🙂'), '?');
  assert.ok(hueOf('Ada') === hueOf('Ada') && hueOf('Ada') < 8);
});

test('arrow keys among tabs', () => {
  assert.equal(nextTab('ArrowRight', 2, 3, false), 0);
  assert.equal(nextTab('ArrowRight', 0, 3, true), 2);
  assert.equal(nextTab('ArrowLeft', 0, 3, false), 2);
  assert.equal(nextTab('Home', 2, 3, false), 0);
  assert.equal(nextTab('End', 0, 3, false), 2);
  assert.equal(nextTab('a', 0, 3, false), undefined);
});

test('what people are told about errors', () => {
  assert.match(errorText(new WireError('OFFLINE', '')), /connection/);
  assert.equal(errorText(new WireError('NEW_ONE', 'Its own words.')), 'Its own words.');
  assert.match(errorText(new TypeError('x is not a function')), /reload/);
});

test('toasts: one of a key, and not too many', async () => {
  for (const title of ['a', 'b', 'c', 'd', 'e']) toast({ title });
  toast({ title: 'e2', key: 'k' });
  toast({ title: 'e3', key: 'k' });
  assert.deepEqual(
    toasts.get().map(({ title }) => title),
    ['c', 'd', 'e', 'e3'],
  );
  for (const { id } of toasts.get()) dropToast(id);
  assert.equal(await attempt(Promise.resolve(1)), 1);
  assert.equal(await attempt(Promise.reject(new WireError('ABORTED', ''))), undefined);
  assert.equal(toasts.get().length, 0);
  await attempt(Promise.reject(new WireError('OFFLINE', '')));
  assert.equal(toasts.get().length, 1);
});
