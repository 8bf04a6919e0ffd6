// Socket.IO from a browser: its own XMLHttpRequest and WebSocket, ArrayBuffers and Blobs.
// CHROMIUM names another one than Debian's.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import test from 'node:test';
import { chromium } from 'playwright-core';

import { Peer, dial, tell, ways } from './socketio.mjs';
import { all, eventually } from './stoa.mjs';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const bundle = path.join(path.dirname(createRequire(import.meta.url).resolve('socket.io-client/package.json')),
  'dist/socket.io.min.js');
const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];

// Runs in the page, before anything else there.
const helpers = () => {
  window.within = (promise, what, ms = 45_000) => Promise.race([promise, new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`waited for ${what}`)), ms);
  })]);
  window.happens = (emitter, name) => within(new Promise((resolve) => {
    emitter.once(name, (...got) => resolve(got));
  }), name);
  window.dial = async (options, where = '/') => {
    const socket = io(where, { forceNew: true, reconnectionDelay: 50, ...options });
    await within(new Promise((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', reject);
    }), 'a connection');
    return socket;
  };
  window.ask = (socket, ...what) => socket.timeout(45_000).emitWithAck(...what);
  window.bytesOf = async (data) => [...new Uint8Array(data instanceof Blob ? await data.arrayBuffer() : data)];
};

/** A page of the peer's own origin, so that nothing is across origins. */
const open = async (t, browser, peer) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${peer.url}/page`);
  await page.addScriptTag({ path: bundle });
  await page.evaluate(helpers);
  return page;
};

const carriers = {
  ...ways,
  'websocket with base64': { transports: ['websocket'], forceBase64: true },
};

const basics = async (options) => {
  const socket = await dial(options);
  const text = 'Grüße, 世界 😀 \0\u2028';
  const values = [null, true, -1.5, '', text, [[]], { a: { b: [null] } }];
  const out = { id: (await ask(socket, 'getId')) === socket.id };
  socket.on('mirror', (n) => { (out.order ??= []).push(n); });
  for (let n = 0; n < 200; n++) socket.emit('mirror', n);
  out.values = JSON.stringify(await Promise.all(values.map((value) => ask(socket, 'echo', value))))
    === JSON.stringify(values);
  const bytes = new Uint8Array([0, 1, 254, 255]);
  const sent = [bytes.buffer, bytes, new Blob([bytes]), new File([bytes], 'name')];
  const back = await ask(socket, 'echo', sent);
  out.kinds = back.every((one) => one instanceof ArrayBuffer);
  out.bytes = (await Promise.all(back.map(bytesOf))).every((got) => `${got}` === `${[...bytes]}`);
  const ten = Array.from({ length: 10 }, (_, i) => new Uint8Array(i * 10_000).fill(i));
  const tenBack = await ask(socket, 'echo', ...ten);
  out.large = new Uint8Array(tenBack).length === 0; // the first of them
  socket.on('ack', (answer) => answer(5, { test: true }));
  const got = happens(socket, 'got it');
  socket.emit('ack');
  await got;
  out.timeout = await socket.timeout(50).emitWithAck('nobody').catch(({ message }) => message);
  const other = socket.io.socket('/foo');
  await happens(other, 'connect');
  out.other = (await ask(other, 'getId')) === other.id && other.id !== socket.id;
  const no = socket.io.socket('/no');
  out.no = (await happens(no, 'connect_error'))[0].data.code;
  await ask(socket, 'echo', null);
  out.inOrder = out.order.length === 200 && out.order.every((n, i) => n === i);
  delete out.order;
  out.transport = socket.io.engine.transport.name;
  socket.io.engine.close();
  socket.disconnect();
  return out;
};

test('a browser', { skip: existsSync(executablePath) ? false : `no ${executablePath}`, concurrency: 4 },
  async (t) => {
    const peer = await Peer.start(t);
    const browser = await chromium.launch({ executablePath, args, headless: true });
    t.after(() => browser.close());

    await all(t, {
      ...Object.fromEntries(Object.entries(carriers).map(([name, options]) => [name, async () => {
        const page = await open(t, browser, peer);
        assert.deepEqual(await page.evaluate(basics, options), {
          id: true, values: true, kinds: true, bytes: true, large: true, inOrder: true,
          timeout: 'operation has timed out', other: true, no: 'NO_ENTRY',
          transport: options.transports.at(-1),
        });
      }])),
      'comes back to what it missed': async () => {
        const page = await open(t, browser, peer);
        const other = await dial(t, peer, ways.websocket);
        const id = await page.evaluate(async () => {
          window.heard = [];
          window.socket = await dial({});
          socket.on('told', (n) => heard.push(n));
          await ask(socket, 'join', 'x');
          return socket.id;
        });
        await tell(other, { to: ['x'] }, 0);
        await page.waitForFunction(() => heard.length === 1);
        const back = page.evaluate(async () => {
          const connect = happens(socket, 'connect');
          socket.io.engine.close();
          await connect;
          return [socket.recovered, socket.id];
        });
        for (let n = 1; n < 20; n++) await tell(other, { to: ['x'] }, n);
        assert.deepEqual(await back, [true, id]);
        await page.waitForFunction(() => heard.length >= 20);
        assert.deepEqual(await page.evaluate(() => heard), Array.from({ length: 20 }, (_, n) => n));
      },
      'twenty sockets in a page': async () => {
        const page = await open(t, browser, peer);
        const n = await page.evaluate(async () => {
          const sockets = await Promise.all(Array.from({ length: 20 }, () => dial({ transports: ['websocket'] })));
          const ids = await Promise.all(sockets.map((socket) => ask(socket, 'getId')));
          sockets.forEach((socket) => socket.disconnect());
          return new Set(ids).size;
        });
        assert.equal(n, 20);
      },
      'takes its connections with it when it closes': async () => {
        const own = await Peer.start(t);
        const before = await own.descriptors();
        const page = await open(t, browser, own);
        await page.evaluate(async () => {
          window.sockets = [await dial({}), await dial({ transports: ['polling'] })];
        });
        assert.ok(await own.descriptors() > before);
        await page.context().close();
        await eventually(async () => (await own.descriptors()) === before, 'them to be closed');
      },
      'finds a restarted server again': async () => {
        const own = await Peer.start(t);
        const page = await open(t, browser, own);
        const first = await page.evaluate(async () => {
          window.socket = await dial({ reconnectionDelayMax: 200 });
          return socket.id;
        });
        await own.restart();
        await page.waitForFunction((id) => socket.connected && socket.id !== id, first);
        assert.equal(await page.evaluate(() => ask(socket, 'echo', 'again')), 'again');
      },
    });
  });
