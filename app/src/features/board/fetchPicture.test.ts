import assert from 'node:assert/strict';
import test from 'node:test';
import { fetchPicture } from './fetchPicture';

const answering = (type: string | null, status = 200) => {
  const headers = new Headers(type === null ? {} : { 'content-type': type });
  return async (): Promise<Response> => new Response(new Uint8Array(3), { status, headers });
};

test('only pictures are put into a picture', async () => {
  assert.equal((await fetchPicture('/x', answering('image/png')))?.size, 3);
  assert.equal((await fetchPicture('/x', answering('IMAGE/PNG; a=b')))?.size, 3);
  for (const type of ['application/json', 'text/html', 'x; image/png', '', null])
    assert.equal(await fetchPicture('/x', answering(type)), null, String(type));
  assert.equal(await fetchPicture('/x', answering('image/png', 404)), null);
  assert.equal(await fetchPicture('/x', () => Promise.reject(new Error('offline'))), null);
});
