import assert from 'node:assert/strict';
import test from 'node:test';
import { isColor, noteColor, PALETTE, shown } from './colors';
import { fromFile, toFile } from './files';
import { FAR, localUrl, MAX_TEXT, opBytes, parseOp, parsePoints, toOp } from './ops';

test('a stroke as other clients draw it', () => {
  const op = {
    id: 'a',
    type: 'stroke',
    points: [
      [0, 0],
      [9, 9],
    ],
    color: '#000',
    width: 2,
  };
  assert.deepEqual(parseOp(op), { ...op, kind: 'pen' });
});

test('unknown kinds are no shapes', () => {
  for (const op of [
    null,
    7,
    'stroke',
    [],
    {},
    { id: 'a' },
    { id: 'a', type: 'hologram' },
    { id: 'a', type: '__proto__' },
    { id: 5, type: 'stroke', points: [[0, 0]] },
    { id: '', type: 'stroke', points: [[0, 0]] },
  ])
    assert.equal(parseOp(op), null);
});

test('numbers that are none, or far too large', () => {
  assert.deepEqual(parsePoints([[NaN, 1], ['1', 2], [1], null, [1e300, -Infinity, 7]]), [
    [FAR, -FAR, 1],
  ]);
  const rect = parseOp({ id: 'a', type: 'rect', x: 10, y: 10, w: -5, h: 1e99, width: NaN });
  assert.deepEqual(rect, {
    ...{ id: 'a', type: 'rect', x: 5, y: 10, w: 5, h: FAR },
    ...{ color: PALETTE[0].hex, width: 4, fill: 'none' },
  });
  assert.equal(parseOp({ id: 'a', type: 'stroke', points: [['x', 'y']] }), null);
  assert.equal(parseOp({ id: 'a', type: 'line', from: [0], to: [1, 1] }), null);
});

test('points and texts have a most', () => {
  assert.equal(parsePoints(Array.from({ length: 50_000 }, () => [0, 0])).length, 12_000);
  const note = parseOp({ id: 'a', type: 'note', x: 0, y: 0, text: 'x'.repeat(99_999) });
  assert.equal(note?.type === 'note' && note.text.length, MAX_TEXT);
});

test('colours are colours and nothing else', () => {
  for (const good of ['#000', '#AbCdEf', 'red', 'rgb(1, 2, 3)']) assert.ok(isColor(good));
  for (const bad of ['url(/x)', '#00', 'constructor', 'red;', '', null, 7, 'var(--x)'])
    assert.ok(!isColor(bad));
});

test('ink turns light in the dark, and the middle colours stay', () => {
  assert.notEqual(shown('#000', true), '#000');
  assert.notEqual(shown('white', true), 'white');
  assert.equal(shown('#000', false), '#000');
  for (const { hex } of PALETTE.slice(1)) assert.equal(shown(hex, true), hex);
  assert.match(noteColor('#dba815', false), /^#[0-9a-f]{6}$/);
});

test('pictures are of this server only', () => {
  const folder = `/files/${'0a'.repeat(16)}`;
  for (const name of ['a.png', 'a%20b~c_d-e.png', '%C3%A4', '...', '..a'])
    assert.equal(localUrl(`${folder}/${name}`, undefined), `${folder}/${name}`);
  assert.equal(localUrl(`https://rooms.test${folder}/a`, 'https://rooms.test'), `${folder}/a`);
  for (const name of [
    '',
    '.',
    '..',
    '%2e.',
    'a/b',
    '..%2fapi',
    '%5C',
    '%',
    '%0',
    'a?b',
    'a#b',
    'ä',
  ])
    assert.equal(localUrl(`${folder}/${name}`, undefined), null, name);
  for (const bad of [
    folder,
    `/api${folder}/a`,
    `/api/logout`,
    `/files/../api/x`,
    `/files/f1/a.png`,
    `/files/${'0a'.repeat(17)}/a.png`,
    `${folder}/a\n`,
    `https://evil.test${folder}/a`,
    `/${folder}/a`,
    '//evil.test/x',
    '/\\evil.test/x',
    'https://evil.test/x',
    'https://rooms.test.evil/x',
    'javascript:alert(1)',
    'data:image/png;base64,',
    '/a b',
    '/a\n',
    '',
    null,
  ])
    assert.equal(localUrl(bad, 'https://rooms.test'), null, String(bad));
});

test('shapes travel as they are', () => {
  const shape = parseOp({ id: 'é', type: 'ellipse', x: 1, y: 2, w: 3, h: 4, by: 'u1' });
  assert.ok(shape);
  assert.deepEqual(parseOp(toOp(shape)), shape);
  assert.equal(opBytes(shape), JSON.stringify(shape).length + 1);
});

test('files are checked', () => {
  const op = { id: 'a', type: 'line', from: [0, 0], to: [1, 1], color: '#000', width: 2 };
  const file = toFile([op, { id: 'b', type: 'hologram' }]);
  assert.deepEqual(fromFile(file), [op]);
  for (const bad of [
    '',
    '[]',
    'null',
    '{"type":"stoa-board"}',
    '{"type":"x","version":1,"ops":[]}',
  ])
    assert.equal(fromFile(bad), null);
});
