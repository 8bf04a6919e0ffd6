// Socket.IO as its stock client sees it: the same things over every carrier.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import test from 'node:test';

import { ask, client, connected, dial, happens, listen, Peer, tell, upTo, ways } from './socketio.mjs';
import { all, errorCode, eventually, get, serve, Wire } from './stoa.mjs';

const carriers = {
  ...ways,
  'polling with base64': { transports: ['polling'], forceBase64: true },
  'websocket with base64': { transports: ['websocket'], forceBase64: true },
};

const values = [null, true, false, 0, -1.5, 1e300, '', 'Grüße, 世界 😀', '\u2028"\\\n\0', [], {},
  [[1, [2]], { a: { b: [null] } }], { _placeholder: 'no' }, 'b', '\x1e', 'x'.repeat(70_000)];

const buffers = (n) => upTo(n).map((i) => randomBytes(i * 1000));

/** What every carrier must do; `t` has a peer and a way to get there. */
const basics = (t, peer, options) => ({
  'values come back as they were': async () => {
    const socket = await dial(t, peer, options);
    for (const value of values) assert.deepEqual(await ask(socket, 'echo', value), value);
    const many = await new Promise((resolve) => {
      socket.emit('echo', ...values, (...back) => resolve(back));
    });
    assert.deepEqual(many, values);
    assert.equal(await ask(socket, 'echo'), undefined);
    const back = happens(socket, 'mirror');
    socket.emit('mirror', ...values);
    const [offset] = (await back).splice(values.length);
    assert.match(offset, /^[0-9a-f]{12}$/, 'behind them, what recovery needs');
  },
  'binary comes back as it was': async () => {
    const socket = await dial(t, peer, options);
    for (const n of [1, 2, 10]) {
      const sent = buffers(n);
      assert.deepEqual(await ask(socket, 'echo', sent), sent);
      const nested = { a: [{ b: sent[0] }], c: 'text', d: sent.slice(1) };
      const back = happens(socket, 'mirror');
      socket.emit('mirror', nested, 'last');
      assert.deepEqual((await back).slice(0, 2), [nested, 'last']);
    }
    assert.deepEqual(await ask(socket, 'echo', new Uint8Array([1, 2, 3])), Buffer.from([1, 2, 3]));
  },
  'order is kept, text and binary mixed': async () => {
    const socket = await dial(t, peer, options);
    const heard = [];
    socket.on('mirror', (n, bytes) => heard.push(Buffer.isBuffer(bytes) ? [n, bytes.readUInt32LE()] : n));
    const sent = upTo(500).map((n) => (n % 7 ? n : [n, n * n]));
    for (const one of sent) {
      if (Array.isArray(one)) socket.emit('mirror', one[0], Buffer.from(Uint32Array.of(one[1]).buffer));
      else socket.emit('mirror', one);
    }
    await eventually(() => heard.length >= sent.length, 'all of them');
    assert.deepEqual(heard, sent);
  },
  'both sides ask, and may wait in vain': async () => {
    const socket = await dial(t, peer, options);
    assert.equal(await ask(socket, 'getId'), socket.id);
    socket.on('ack', (answer) => answer(5, { test: true }));
    socket.emit('ack');
    await happens(socket, 'got it');
    socket.off('ack').on('ack', (answer) => answer('something else'));
    socket.emit('ack');
    assert.equal((await happens(socket, 'no answer'))[0], 'wrong');
    socket.off('ack');
    socket.emit('ack'); // the server's patience is five seconds
    assert.equal((await happens(socket, 'no answer'))[0], 'timeout');
    await assert.rejects(socket.timeout(50).emitWithAck('nobody answers this'), /timed out/);
    assert.equal(await ask(socket, 'echo', 'and life goes on'), 'and life goes on');
  },
  'the heartbeat goes on': async () => {
    const socket = await dial(t, peer, options);
    for (let i = 0; i < 3; i++) await happens(socket.io, 'ping');
    assert.ok(socket.connected);
  },
});

test('the stock client', { concurrency: 8 }, async (t) => {
  const peer = await Peer.start(t);
  await all(t, Object.fromEntries(Object.entries(carriers).flatMap(([name, options]) =>
    Object.entries(basics(t, peer, options)).map(([what, run]) => [`${name}: ${what}`, run]))));
});

test('namespaces', { concurrency: 4 }, async (t) => {
  const peer = await Peer.start(t);

  await all(t, {
    'several on one connection': async () => {
      const first = await dial(t, peer, ways.upgrade);
      const others = ['/foo', '/valid', '/asd'].map((name) => first.io.socket(name));
      await Promise.all(others.map(connected));
      const ids = await Promise.all([first, ...others].map((socket) => ask(socket, 'getId')));
      assert.deepEqual(ids, [first, ...others].map(({ id }) => id));
      assert.equal(new Set(ids).size, 4);
      const heard = others.map((socket) => listen(socket));
      await tell(others[0], {}, 'hello');
      assert.deepEqual(heard, [['hello'], [], []]);
      others[1].disconnect();
      await tell(others[2], {}, 'still here');
      assert.deepEqual(heard[2], ['still here']);
      assert.ok(first.connected && first.io.engine.readyState === 'open');
      await connected(others[1].connect());
      assert.notEqual(others[1].id, ids[2]);
    },
    'that do not exist': async () => {
      const socket = await dial(t, peer, ways.websocket);
      const nowhere = socket.io.socket('/nowhere');
      const [error] = await happens(nowhere, 'connect_error');
      assert.equal(error.message, 'Invalid namespace');
      assert.ok(!nowhere.connected);
      assert.equal(await ask(socket, 'getId'), socket.id, 'the others do not mind');
    },
    'that refuse, and say why': async () => {
      const socket = client(t, peer, ways.polling, '/no');
      const [error] = await happens(socket, 'connect_error');
      assert.equal(error.message, 'Auth failed (custom namespace)');
      assert.deepEqual(error.data, { code: 'NO_ENTRY' });
      const [other] = await happens(client(t, peer, ways.websocket, '/?fail=1'), 'connect_error');
      assert.equal(other.message, 'Auth failed (main namespace)');
      assert.equal(other.data, undefined);
    },
    'learn what the client says of itself': async () => {
      const options = { auth: { token: 'ä', n: 1 }, query: { room: 'a b&c=d', x: '1' } };
      for (const way of Object.values(ways)) {
        const socket = await dial(t, peer, { ...way, ...options });
        const { query, auth } = await ask(socket, 'getHandshake');
        assert.deepEqual(auth, options.auth);
        assert.equal(query.room, 'a b&c=d');
        assert.equal(query.EIO, '4');
      }
    },
  });
});

test('rooms', { concurrency: 4 }, async (t) => {
  const peer = await Peer.start(t);
  const names = ['a', 'b', 'c', 'd'];
  const sockets = Object.fromEntries(await Promise.all(names.map(async (name, i) =>
    [name, await dial(t, peer, Object.values(ways)[i % 3])])));
  const { a, b, c, d } = sockets;
  await ask(a, 'join', 'x');
  await ask(b, 'join', 'x', 'y');
  await ask(c, 'join', 'y');

  /** Who is told, a letter for each time. */
  const told = async (audience) => {
    const heard = names.map((name) => listen(sockets[name]));
    const mark = Math.random();
    await tell(d, audience, mark);
    const there = names.filter((name) => sockets[name].connected);
    await Promise.all(there.map((name) => ask(sockets[name], 'echo'))); // behind what was told
    return names.flatMap((name, i) => heard[i].filter((n) => n === mark).map(() => name)).join('');
  };

  const table = [
    [{}, 'abcd'],
    [{ to: ['x'] }, 'ab'],
    [{ to: ['x', 'y'] }, 'abc'],
    [{ to: ['y', 'x', 'y'] }, 'abc'],
    [{ to: ['nobody'] }, ''],
    [{ to: ['x', 'y'], except: ['y'] }, 'a'],
    [{ except: ['x'] }, 'cd'],
    [{ except: ['x', 'y'] }, 'd'],
    [{ to: [a.id] }, 'a'],
    [{ to: [a.id, d.id, 'y'] }, 'abcd'],
    [{ except: [a.id, d.id] }, 'bc'],
    [{ to: ['x'], except: [a.id] }, 'b'],
  ];
  await t.test('union, except, each once', async () => {
    for (const [audience, want] of table) assert.equal(await told(audience), want, JSON.stringify(audience));
  });
  await t.test('are left, and are gone with their members', async () => {
    await ask(b, 'leave', 'x', 'never');
    assert.equal(await told({ to: ['x'] }), 'a');
    a.disconnect();
    assert.equal(await told({ to: ['x', 'y'] }), 'bc');
    await connected(a.connect());
    assert.equal(await told({ to: ['x'] }), '', 'a new socket is in no room');
  });
});

test('parting', { concurrency: 4 }, async (t) => {
  const peer = await Peer.start(t);
  const cases = Object.fromEntries(Object.entries(ways).flatMap(([name, way]) => Object.entries({
    'the client leaves a namespace': async () => {
      const socket = await dial(t, peer, way);
      const other = await connected(socket.io.socket('/foo'));
      const left = happens(socket, 'disconnect');
      socket.disconnect();
      assert.equal((await left)[0], 'io client disconnect');
      assert.equal(await ask(other, 'getId'), other.id);
      other.disconnect();
      await eventually(() => socket.io.engine.readyState === 'closed', 'the end');
    },
    'the server sends it out of one': async () => {
      const socket = await dial(t, peer, way);
      const other = await connected(socket.io.socket('/foo'));
      const left = happens(socket, 'disconnect');
      socket.emit('kick', false);
      assert.equal((await left)[0], 'io server disconnect');
      assert.equal(await ask(other, 'getId'), other.id);
      await connected(socket.connect());
      assert.equal(await ask(socket, 'getId'), socket.id);
    },
    'the server sends it away': async () => {
      const socket = await dial(t, peer, { ...way, reconnection: false });
      const other = await connected(socket.io.socket('/foo'));
      const left = Promise.all([happens(socket, 'disconnect'), happens(other, 'disconnect')]);
      const ended = happens(socket.io, 'close');
      socket.emit('kick', true);
      assert.deepEqual((await left).map(([why]) => why), Array(2).fill('io server disconnect'));
      await ended;
    },
    'the connection is closed under it': async () => {
      const socket = await dial(t, peer, way);
      const left = happens(socket, 'disconnect');
      const back = happens(socket, 'connect');
      socket.io.engine.close();
      assert.equal((await left)[0], 'forced close');
      await back;
      assert.equal(await ask(socket, 'getId'), socket.id);
    },
  }).map(([what, run]) => [`${name}: ${what}`, run])));
  await all(t, cases);
});

test('the client comes with the server', async (t) => {
  const s = await serve(t);
  const dist = path.join(path.dirname(createRequire(import.meta.url).resolve('socket.io-client/package.json')), 'dist');
  for (const name of ['socket.io.js', 'socket.io.min.js', 'socket.io.esm.min.js', 'socket.io.min.js.map']) {
    const { status, headers, body } = await get(s.port, `/socket.io/${name}`);
    assert.equal(status, 200, name);
    assert.match(headers['content-type'], name.endsWith('.map') ? /json/ : /javascript/);
    assert.ok(headers.etag, 'can be kept');
    assert.ok(body.equals(await readFile(path.join(dist, name))), `${name} is as its package has it`);
  }
});

test('sessions that poll are bounded, though they need no connection', async (t) => {
  const s = await serve(t, ['--limits-connections-per-address', '3']);
  const wire = await Wire.open(s.port);
  const ask = () => wire.request('GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const first = await ask();
  for (let i = 0; i < 2; i++) assert.equal((await ask()).status, 200);
  assert.equal(errorCode(await ask()), 'RATE_LIMITED');
  const { sid } = JSON.parse(`${first.body}`.slice(1));
  const left = await wire.request(`POST /socket.io/?EIO=4&transport=polling&sid=${sid} HTTP/1.1\r\n`
    + 'Host: localhost\r\nContent-Length: 1\r\n\r\n1');
  assert.equal(`${left.body}`, 'ok');
  assert.equal((await ask()).status, 200, 'one went, one may come');
  wire.close();
});
