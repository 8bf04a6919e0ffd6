import assert from 'node:assert/strict';
import test from 'node:test';
import { parseOp } from './ops';
import { escaped, toSvg } from './svg';
import type { Measure } from './textLayout';

const measure: Measure = (line, font) => line.length * Number.parseFloat(font) * 0.5;
const PICTURE = `/files/${'0a'.repeat(16)}/a.png`;
const svg = (...ops: object[]): string =>
  toSvg(
    ops.flatMap((op, i) => parseOp({ id: `o${i}`, ...op }) ?? []),
    { measure, pictures: new Map([[PICTURE, 'data:image/png;base64,AA==']]) },
  );

test('texts are escaped, and hold nothing that XML forbids', () => {
  assert.equal(escaped(`<a href="x">&'`), '&lt;a href=&quot;x&quot;&gt;&amp;&#39;');
  assert.equal(escaped('a\u0000b\u001fc\ud800d\tÄ😀'), 'abcd\tÄ😀');
});

test('hostile ops stay texts', () => {
  const evil = '"/><script>alert(1)</script>';
  const made = svg(
    { type: 'text', x: 0, y: 0, text: evil, color: evil, font: evil },
    { type: 'note', x: 0, y: 0, text: evil },
    { type: 'image', x: 0, y: 0, w: 9, h: 9, fileUrl: PICTURE, name: evil },
    {
      type: 'stroke',
      points: [
        [0, 0],
        [5, 5],
      ],
      color: evil,
    },
  );
  assert.ok(!made.includes('<script'));
  assert.ok(made.includes('&lt;script&gt;'));
});

test('every kind is written, with numbers that are short', () => {
  const made = svg(
    {
      type: 'stroke',
      points: [
        [0, 0, 0.123],
        [50, 50, 0.7],
      ],
      color: '#000',
      width: 3,
    },
    {
      type: 'stroke',
      kind: 'highlighter',
      points: [
        [0, 0],
        [9, 9],
      ],
      width: 20,
    },
    { type: 'arrow', from: [0, 0], to: [30, 30] },
    { type: 'rect', x: 0, y: 0, w: 1 / 3, h: 10, fill: 'soft' },
    { type: 'ellipse', x: 0, y: 0, w: 10, h: 10 },
    { type: 'image', x: 0, y: 0, w: 9, h: 9, fileUrl: PICTURE },
  );
  for (const part of ['<path d="M', 'fill-opacity="0.38"', '<ellipse', 'href="data:image/png'])
    assert.ok(made.includes(part), part);
  assert.ok(!/NaN|undefined|\d\.\d{4}/.test(made));
  assert.ok(made.startsWith('<svg xmlns="http://www.w3.org/2000/svg" viewBox="'));
});
