import assert from 'node:assert/strict';
import { test } from 'node:test';
import '~/text/room';
import { problemTexts } from './problems';

test('no trouble needs no words', () => {
  assert.deepEqual(problemTexts(null, null), []);
});

test('trouble of both devices is told once', () => {
  assert.equal(problemTexts('denied', 'denied').length, 1);
  assert.equal(problemTexts('missing', 'missing').length, 1);
  assert.equal(problemTexts('insecure', null).length, 1);
});

test('different troubles are told apart', () => {
  const texts = problemTexts('busy', 'missing');
  assert.equal(texts.length, 2);
  assert.notEqual(texts[0], texts[1]);
});

test('every trouble has words', () => {
  for (const problem of ['denied', 'missing', 'busy', 'insecure', 'unknown'] as const)
    for (const text of [...problemTexts(problem, null), ...problemTexts(null, problem)])
      assert.doesNotMatch(text, /^prejoin\./);
});
