import assert from 'node:assert/strict';
import test from 'node:test';
import {
  addRemains,
  isSameFile,
  remainOf,
  remainsOf,
  takeRemain,
  type FileFacts,
  type Remain,
} from './remains';
import type { Offer } from './upload';
import { Uploads } from './uploads';

const facts = { name: 'a.zip', size: 9e6, type: 'application/zip', lastModified: 7 };
const offerOf = (name: string, more: Partial<Offer> = {}): Offer => ({
  uploadUrl: name,
  method: 'PATCH',
  headers: {},
  fileUrl: '/files/1',
  ...more,
});
const turn = () => new Promise((resolve) => setTimeout(resolve));

test('a file is known again by its name, size and date', () => {
  assert.ok(isSameFile(facts, { ...facts, type: '' }));
  for (const other of [{ name: 'b.zip' }, { size: 1 }, { lastModified: 8 }])
    assert.ok(!isSameFile(facts, { ...facts, ...other }));
});

test('what is left over is kept for its room until it is taken, or expires', () => {
  const soon = new Date(Date.now() + 60_000).toISOString();
  const remain = remainOf(facts, offerOf('a', { expiresAt: soon }), 0.5);
  const gone = remainOf(facts, offerOf('b', { expiresAt: '2020-01-01T00:00:00Z' }), 0.5);
  addRemains('r', [gone]);
  assert.deepEqual(remainsOf('r'), []);
  addRemains('r', [remain]);
  assert.deepEqual([remainsOf('r'), remainsOf('other')], [[remain], []]);
  assert.equal(takeRemain('r', { ...facts, size: 1 }), undefined);
  assert.equal(takeRemain('r', facts), remain);
  assert.equal(takeRemain('r', facts), undefined, 'it is taken once');
});

/** Uploads that never end. */
function endless(take: (file: FileFacts) => Remain | undefined = () => undefined) {
  const begun: { name: string; isBegun: boolean; url: string }[] = [];
  const dropped: string[] = [];
  const uploads = new Uploads({
    take,
    share: async () => {},
    drop: ({ uploadUrl }) => dropped.push(uploadUrl),
    offer: async ({ name, size }) => offerOf(name, { method: size > 5e6 ? 'PATCH' : 'PUT' }),
    bring: ({ name }, { uploadUrl }, { isBegun = false, onProgress }) => {
      begun.push({ name, isBegun, url: uploadUrl });
      queueMicrotask(() => onProgress?.(0.25));
      return new Promise(() => {});
    },
  });
  return { uploads, begun, dropped };
}

const file = (name: string, size: number) =>
  Object.defineProperty(new File([], name, { lastModified: 7 }), 'size', { value: size });

test('when the page is left, what comes in parts is set aside, the rest ends', async () => {
  const { uploads, dropped } = endless();
  uploads.add([file('large', 9e6), file('small', 10), file('c', 10), file('waits', 9e6)], 'files');
  await turn();
  assert.deepEqual(uploads.setAside(), [
    {
      name: 'large',
      size: 9e6,
      type: '',
      lastModified: 7,
      offer: offerOf('large'),
      fraction: 0.25,
    },
  ]);
  assert.deepEqual(dropped, ['small', 'c']);
  assert.deepEqual(uploads.view.get(), []);
});

test('who chooses the same file again goes on', async () => {
  const remain = remainOf(facts, offerOf('before'), 0.75);
  const { uploads, begun, dropped } = endless(({ name }) => (name === 'a' ? remain : undefined));
  uploads.add([file('a', 9e6), file('b', 9e6)], 'files');
  assert.equal(uploads.view.get()[0]?.fraction, 0.75);
  await turn();
  assert.deepEqual(begun, [
    { name: 'a', isBegun: true, url: 'before' },
    { name: 'b', isBegun: false, url: 'b' },
  ]);
  const [first] = uploads.view.get();
  uploads.cancel(first?.id ?? '');
  assert.deepEqual(dropped, ['before']);
});
