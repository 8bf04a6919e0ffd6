import assert from 'node:assert/strict';
import test from 'node:test';
import { Store } from '~/lib/store';
import type { Phase } from '~/room';
import { leaveWithRoom } from './leaving';
import { pastedFiles } from './pasting';

const hide = (persisted: boolean) => Object.assign(new Event('pagehide'), { persisted });

test('who leaves the room or the page is noticed', () => {
  for (const phase of ['left', 'kicked', 'ended'] as const) {
    const room = new Store<{ phase: Phase }>({ phase: 'in' });
    const page = new EventTarget();
    const said: string[] = [];
    const left = { room: () => said.push('room'), page: () => said.push('page') };
    leaveWithRoom(room, page, left);
    room.patch({ phase: 'in' });
    page.dispatchEvent(hide(true));
    assert.deepEqual(said, []);
    page.dispatchEvent(hide(false));
    assert.deepEqual(said, ['page']);
    room.patch({ phase });
    assert.deepEqual(said, ['page', 'room'], phase);
    page.dispatchEvent(hide(false));
    room.patch({ phase });
    assert.equal(said.length, 2, 'nothing is looked at any more');
  }
});

test('files that are pasted', () => {
  const file = new File(['a'], 'a');
  const pasted = (target: unknown, more = {}) =>
    pastedFiles({
      defaultPrevented: false,
      clipboardData: { files: [file] },
      composedPath: () => [target],
      ...more,
    });
  assert.deepEqual(pasted({ closest: () => null }), [file]);
  assert.deepEqual(pasted({}), [file], 'the document has no closest()');
  assert.deepEqual(pasted(undefined), [file]);
  assert.deepEqual(pasted({ closest: () => ({}) }), [], 'a field');
  assert.deepEqual(pasted({}, { defaultPrevented: true }), []);
  assert.deepEqual(pasted({}, { clipboardData: null }), []);
  assert.deepEqual(pasted({}, { clipboardData: { files: [] } }), []);
});
