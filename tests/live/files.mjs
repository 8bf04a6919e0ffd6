// What the tests of files share: asking for an address, bringing a file there, reading it.
import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';

import { expectRest, JWT_SECRET } from './flow.mjs';
import { within } from './stoa.mjs';

export const MIB = 1 << 20;

/** A room where anybody may come in; gives its id. */
export const openRoom = async (server, body = {}) =>
  (await expectRest(201, server, 'POST', '/api/rooms', { body: { isPublic: true, ...body } })).id;

export const offer = (server, body, options = {}) =>
  expectRest(200, server, 'POST', '/api/upload-url', { body, ...options });

/** One request, whose answer is read to its end. */
export const call = async (url, { method = 'GET', headers = {}, body } = {}) => {
  const { request: ask } = url.startsWith('https') ? https : http;
  const request = ask(url, { method, headers, agent: false, rejectUnauthorized: false });
  request.on('error', () => {});
  request.end(body);
  const [response] = await within(once(request, 'response'), `an answer to ${method} ${url}`);
  const chunks = [];
  for await (const chunk of response) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  return { status: response.statusCode, headers: response.headers, body: bytes };
};

/** Brings the bytes to where an offer says. */
export const bring = ({ uploadUrl, method, headers }, bytes, other = {}) =>
  call(uploadUrl, {
    method,
    headers: { ...headers, 'content-length': bytes.length, ...other.headers },
    body: bytes,
    ...(other.method && { method: other.method }),
  });

/** Offer and upload in one; gives the offer. */
export const upload = async (server, bytes, body, options) => {
  const offered = await offer(server, { size: bytes.length, ...body }, options);
  const answer = await bring(offered, bytes);
  assert.equal(answer.status, 201, `${answer.body}`);
  return offered;
};

/** Bytes that are nowhere alike. */
export const noise = (n) => {
  const block = randomBytes(65_536);
  const bytes = Buffer.alloc(n);
  for (let at = 0; at < n; at += block.length) {
    block.writeUInt32LE(at, 0);
    block.copy(bytes, at, 0, Math.min(block.length, n - at));
  }
  return bytes;
};

const hmac = (key, text) => createHmac('sha256', key).update(text).digest();
const lengthOf = (bytes) => bytes.length.toString(16).padStart(8, '0');
const part = (text) => `${lengthOf(Buffer.from(text))}${text}`;
const number = (n) => `00000010${n.toString(16).padStart(16, '0')}`;

/** The query of an upload's address as whoever knows the server's secret would make it. */
export const sign = ({ method, id, size, type, user, expires }, secret = JWT_SECRET) => {
  const key = hmac(secret, 'stoa: addresses of uploads, 1');
  const name = hmac(key, 'name').toString('hex').slice(0, 8);
  const text = part(method) + part(id) + number(size) + part(type) + number(expires) + part(user)
    + part(name);
  const signature = hmac(key, text).toString('hex');
  return new URLSearchParams({ size, type, user, expires, key: name, signature }).toString()
    .replaceAll('+', '%20');
};

/** Reads what comes, with a rest of `ms` after each piece. Gives how much it was. */
export const readSlowly = async (url, ms, each = () => {}) => {
  const request = http.request(url, { agent: false });
  request.end();
  const [response] = await within(once(request, 'response'), `an answer to ${url}`);
  let n = 0;
  for await (const chunk of response) {
    n += chunk.length;
    await each(n);
    await new Promise((resolve) => { setTimeout(resolve, ms); });
  }
  return n;
};
