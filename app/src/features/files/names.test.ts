// Names, addresses and attachments as hostile people send them.
import assert from 'node:assert/strict';
import test from 'node:test';
import { attachmentOf, attachmentsOf, sharedOf } from './attachments';
import { addressOf, kindOf, safeName, typeOf } from './names';

test('names and types as the server takes them', () => {
  assert.equal(safeName('a/b\\c.txt'), 'a_b_c.txt');
  assert.equal(safeName('evil\u202etxt.exe'), 'eviltxt.exe');
  const turning = '\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\r\u009f';
  for (const sign of turning) assert.equal(safeName(`a${sign}b`), 'ab', JSON.stringify(sign));
  assert.equal(safeName('\u0000\n'), 'file');
  assert.equal(safeName('..'), 'file');
  assert.equal(safeName(`${'é'.repeat(300)}.pdf`), `${'é'.repeat(251)}.pdf`);
  assert.equal(typeOf({ type: 'text/plain;charset=utf-8' }), 'text/plain');
  assert.equal(typeOf({ type: '' }), 'application/octet-stream');
  assert.equal(typeOf({ type: 'nonsense' }), 'application/octet-stream');
});

test('kinds and addresses', () => {
  const kind = (name: string, type: string | null = null) => kindOf({ name, type });
  assert.equal(kind('a.png', 'image/png'), 'image');
  assert.equal(kind('a.svg', 'image/svg+xml'), 'other');
  assert.equal(kind('a.PDF'), 'pdf');
  assert.equal(kind('a.tar.gz'), 'archive');
  assert.equal(kind('a', 'text/x-thing'), 'text');
  const base = 'https://stoa.example/room/1';
  const id = '0123456789abcdef0123456789abcdef';
  assert.deepEqual(addressOf(`/files/${id}/a.png`, base), {
    href: `https://stoa.example/files/${id}/a.png`,
    isOurs: true,
    host: '',
  });
  assert.deepEqual(addressOf('https://evil.example/a.png', base), {
    href: 'https://evil.example/a.png',
    isOurs: false,
    host: 'evil.example',
  });
  const foreign = (url: string, host: string) => {
    const { isOurs, host: shown } = addressOf(url, base) ?? {};
    assert.deepEqual([isOurs, shown], [false, host], url);
  };
  foreign(`https://evil.example/files/${id}/a.png`, 'evil.example');
  foreign(`//evil.example/files/${id}/a.png`, 'evil.example');
  foreign(`\\\\evil.example/files/${id}/a.png`, 'evil.example');
  foreign(`https://stoa.example@evil.example/files/${id}/a.png`, 'evil.example');
  foreign(`https://stoa.example:8443/files/${id}/a.png`, 'stoa.example:8443');
  foreign(`http://stoa.example/files/${id}/a.png`, 'stoa.example');
  foreign('/login', '');
  assert.equal(addressOf(`https://stoa.example/files/${id}/a.png`, base)?.isOurs, true);
  const apart = (url: string) => addressOf(url, base, 'https://files.example');
  const there = { isOurs: true, host: '', href: `https://files.example/files/${id}/a.png` };
  assert.deepEqual(apart(there.href), there);
  assert.equal(apart('https://files.example/login')?.isOurs, false);
  assert.equal(apart(`https://files.example.evil.example/files/${id}/a.png`)?.isOurs, false);
  for (const bad of [
    'javascript:alert(1)',
    'data:text/html,x',
    'blob:https://stoa.example/1',
    'http://',
  ])
    assert.equal(addressOf(bad, base), null, bad);
});

test('attachments are any JSON', () => {
  for (const bad of [null, undefined, 5, true, '', ' ', {}, [], [['/x']], { url: 5 }, { url: {} }])
    assert.equal(attachmentOf(bad), null, JSON.stringify(bad));
  for (const bad of [{ url: '' }, { url: ['/x'] }, { fileUrl: null }, { name: 'a' }])
    assert.equal(attachmentOf(bad), null, JSON.stringify(bad));
  assert.deepEqual(attachmentOf('/files/1/a%20b.txt?x#y'), {
    url: '/files/1/a%20b.txt?x#y',
    name: 'a b.txt',
  });
  assert.deepEqual(attachmentOf({ fileUrl: '/x' }), { url: '/x', name: 'x' });
  assert.deepEqual(attachmentOf({ url: '/x/%zz' }), { url: '/x/%zz', name: '%zz' });
  assert.deepEqual(attachmentOf({ url: '/x', type: 5, name: {}, size: '1' }), {
    url: '/x',
    name: 'x',
  });
  for (const size of [-1, NaN, Infinity, null, [1]])
    assert.equal(attachmentOf({ url: '/x', size })?.size, undefined);
  const whole = { url: '/x', name: 'a.png', size: 0, type: 'image/png' };
  assert.deepEqual(attachmentOf({ ...whole, more: {} }), whole);
  assert.equal(attachmentOf({ url: '/x', name: 'a\u202egnp.exe' })?.name, 'agnp.exe');
  assert.equal(attachmentOf('/x/a%E2%80%AEgnp.exe')?.name, 'agnp.exe');
  assert.deepEqual(attachmentsOf([null, {}, [[]], '/x']), [{ url: '/x', name: 'x' }]);
  for (const bad of [null, undefined, {}, 'x', 5]) assert.deepEqual(attachmentsOf(bad), []);
});

test('what is shared is any JSON too', () => {
  for (const bad of [null, 5, '/x', {}, [], { id: 'a' }]) assert.equal(sharedOf(bad), null);
  const odd = { id: {}, url: '/x', userName: [], timestamp: 1e300, size: {}, type: [] };
  assert.deepEqual(sharedOf(odd), {
    key: '/x',
    file: { url: '/x', name: 'x' },
    userName: '',
    timestamp: null,
  });
  const sound = { id: 'a', url: '/x', userName: 'Ann', timestamp: 5, name: 'n', type: null };
  assert.deepEqual(sharedOf(sound), {
    key: 'a',
    file: { url: '/x', name: 'n' },
    userName: 'Ann',
    timestamp: 5,
  });
});
