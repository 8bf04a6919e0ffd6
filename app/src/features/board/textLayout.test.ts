import assert from 'node:assert/strict';
import test from 'node:test';
import { parseOp, type Note } from './ops';
import { layoutNote, layoutText, wrapped, type Measure } from './textLayout';

const LINE = 1.3;
const measure: Measure = (line, font) => [...line].length * Number.parseFloat(font) * 0.5;
const lengthOf = (piece: string): number => [...piece].length;

const note = (text: string, rest: object = {}): Note => {
  const op = { id: 'n', type: 'note', x: 0, y: 0, w: 100, h: 100, text, size: 40, ...rest };
  return parseOp(op) as Note;
};

test('lines break between words, and long words anywhere', () => {
  assert.deepEqual(wrapped('one two three', lengthOf, 5), ['one', 'two', 'three']);
  assert.deepEqual(wrapped('abcdefghijkl m', lengthOf, 5), ['abcde', 'fghij', 'kl m']);
  assert.deepEqual(wrapped('a\n\nb', lengthOf, 5), ['a', '', 'b']);
  assert.deepEqual(wrapped('ab cd   efg', lengthOf, 5), ['ab cd', 'efg']);
  assert.deepEqual(wrapped('😀😀😀', lengthOf, 2), ['😀😀', '😀']);
  assert.deepEqual(wrapped('abc', lengthOf, -1), ['a', 'b', 'c']);
});

test('letters of a note get smaller until it holds them', () => {
  const { size, lines } = layoutNote(note('word '.repeat(10)), measure);
  assert.ok(size > 10 && size < 20 && size * LINE * lines.length <= 72);
  assert.equal(layoutNote(note('word', { size: 20 }), measure).size, 20);
});

test('measuring a note costs no more than its length', () => {
  const letters = Array.from({ length: 4000 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join('');
  const words = Array.from({ length: 800 }, (_, i) => String(i)).join(' ');
  for (const text of ['x'.repeat(4000), letters, words, ' '.repeat(4000), '\n'.repeat(4000)])
    for (const rest of [{}, { h: 1 }, { w: 1 }, { w: 9000, h: 9000 }, { size: 400, w: 900 }]) {
      let calls = 0;
      let asked = 0;
      const counting: Measure = (line, font) => {
        calls++;
        asked += line.length;
        return measure(line, font);
      };
      layoutNote(note(text, rest), counting);
      assert.ok(calls <= 2 * text.length && asked <= 10 * text.length, `${calls}, ${asked}`);
    }
});

test('what a note cannot hold is left out', () => {
  const { size, lines } = layoutNote(note('x'.repeat(4000)), measure);
  assert.equal(size, 8);
  assert.ok(lines.length * size * LINE <= 72);
  assert.ok(lines.at(-1)?.endsWith('x…'));
  assert.deepEqual(layoutNote(note('abc', { w: 5, h: 5 }), measure), { lines: ['a…'], size: 8 });
  assert.equal(layoutNote(note('abc', { size: 4, h: 5 }), measure).size, 4);
});

test('very long texts end in dots', () => {
  const text = parseOp({ id: 't', type: 'text', x: 0, y: 0, text: 'y' + '😀'.repeat(1500) });
  assert.ok(text?.type === 'text');
  const [line = ''] = layoutText(text).lines;
  assert.equal(line, 'y' + '😀'.repeat(999) + '…');
});
