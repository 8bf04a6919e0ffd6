import assert from 'node:assert/strict';
import test from 'node:test';
import { persistently } from './lazily';

const away = (times: number) => {
  let n = 0;
  return async () => {
    if (n++ < times) throw new Error('the server is away');
    return 'here';
  };
};

test('asks again until it is there, more and more seldom', async () => {
  const waits: number[] = [];
  const wait = async (ms: number): Promise<void> => void waits.push(ms);
  assert.equal(await persistently(away(6), wait), 'here');
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 4000, 4000]);
});

test('gives up at last', async () => {
  await assert.rejects(
    persistently(away(1000), async () => {}),
    /away/,
  );
});
