// That the catalogue and the code agree: no text is missing, none is left over, and what stands in
// braces is given.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { first } from './en/first';
import { second } from './en/second';
import { fill, hasText, registerTexts, t, type Key, type Plural } from './index';
import { pseudo } from './pseudo';

const catalogue: Record<string, string | Plural> = { ...first, ...second };

// the test runs as a bundle: the source is found from where node was started
const source = ['app/src', 'src', '../src'].find((folder) => existsSync(join(folder, 'text/en')));
assert.ok(source, 'run this in the root of the repository');

const codeIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return path.endsWith(join('text', 'en')) ? [] : codeIn(path);
    return /(?<!\.test)\.tsx?$/.test(entry.name) ? [readFileSync(path, 'utf8')] : [];
  });
const code = codeIn(source).join('\n');

const formsOf = (text: string | Plural) =>
  typeof text === 'string' ? [text] : Object.values(text);
const namesIn = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');

const literals = new Set([...code.matchAll(/'([a-z]\w*(?:\.\w+)+)'/g)].map(([, key]) => key));
const prefixes = [...code.matchAll(/`([a-z]\w*\.(?:\w+\.)*)\$\{/g)].map(
  ([, prefix]) => prefix ?? '',
);

/** The text from an opening bracket to the one that closes it. */
const bracketed = (from: number): string => {
  let depth = 0;
  for (let i = from; i < code.length; i++) {
    if (code[i] === '(') depth++;
    if (code[i] === ')' && --depth === 0) return code.slice(from + 1, i);
  }
  return code.slice(from + 1);
};
const calls = [...code.matchAll(/(?<![\w.])t\(\s*'([\w.]+)'/g)].map((match) => ({
  key: match[1] ?? '',
  inside: bracketed(match.index + match[0].indexOf('(')),
}));

test('every text that is asked for exists', () => {
  const missing = calls.filter(({ key }) => !(key in catalogue)).map(({ key }) => key);
  assert.deepEqual([...new Set(missing)], []);
});

test('every text is used', () => {
  const left = Object.keys(catalogue).filter(
    (key) => !literals.has(key) && !prefixes.some((prefix) => key.startsWith(prefix)),
  );
  assert.deepEqual(left, []);
});

test('what stands in braces is given', () => {
  const wrong = calls.filter(({ key, inside }) => {
    const text = catalogue[key];
    const given = /^\s*'[\w.]+'\s*,?\s*([^]*)$/.exec(inside)?.[1] ?? '';
    if (text === undefined || (given !== '' && !given.startsWith('{'))) return false;
    const names = new Set(formsOf(text).flatMap(namesIn));
    if (typeof text !== 'string') names.add('n');
    return [...names].some((name) => !new RegExp(`\\b${name}\\b`).test(given));
  });
  assert.deepEqual(
    wrong.map(({ key, inside }) => `${key}: ${inside}`),
    [],
  );
});

test('texts that count have the number in both forms, or in none', () => {
  for (const [key, text] of Object.entries(catalogue))
    if (typeof text !== 'string')
      assert.ok(text.one !== '' && text.other !== '' && namesIn(text.other).includes('n'), key);
});

test('a text is filled, and counts', () => {
  registerTexts({ 'test.n': { one: '{n} file of {name}', other: '{n} files of {name}' } });
  const key = 'test.n' as Key;
  assert.equal(t(key, { n: 1, name: 'Ada' }), '1 file of Ada');
  assert.equal(t(key, { n: 0, name: 'Ada' }), '0 files of Ada');
  assert.equal(t(key, { n: 12000, name: '{n}' }), '12,000 files of {n}');
  assert.equal(fill('{a} and {b}', { a: 'x' }), 'x and {b}');
  assert.equal(t('test.none' as Key), 'test.none');
  assert.ok(hasText('error.OFFLINE') && !hasText('toString'));
});

test('languages nobody speaks keep what stands in braces', () => {
  const long = pseudo['en-XA']?.('Say {name} hello') ?? '';
  assert.match(long, /^\[Šáý \{name\} ĥéļļö.*\]$/);
  assert.ok(long.length >= 1.4 * 'Say {name} hello'.length);
  assert.equal(pseudo['ar-XB']?.('Hi {n}'), '\u202eHi\u202c {n}');
});
