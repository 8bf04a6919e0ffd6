// The end of a server: nobody who got a part of an answer is left without the rest, everybody is
// told, and it is over in time.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { io } from 'socket.io-client';
import WebSocket from 'ws';

import { all, errorCode, eventually, frame, get, OP, PATIENCE, serve, Wire, within } from './stoa.mjs';

const HEALTH = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';
const PAGE = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';
const page = await readFile(new URL('../../build/gen/static/index.html', import.meta.url));

/** How long it takes from the signal to the end, in ms. */
const ending = async (s, signal = 'SIGTERM') => {
  const began = performance.now();
  s.child.kill(signal);
  assert.deepEqual(await s.ended(), [0, null]);
  return performance.now() - began;
};

const DELAY = 5000; // ms that a server listens behind the signal
const SOON = 20_000; // ms, of a deadline of 30 s

test('SIGTERM under load', async (t) => {
  const s = await serve(t, ['--drain-delay', `${DELAY}ms`, '--drain-deadline', '30s']);
  const counts = { answers: 0, between: 0, refused: 0, whileWaiting: 0 };
  let phase = 'serving';
  let signalled = Infinity;

  /** Asks in a closed loop until nobody listens any more. */
  const client = async () => {
    for (;;) {
      let wire;
      try {
        wire = await Wire.open(s.port);
      } catch {
        counts.refused++;
        assert.ok(performance.now() - signalled >= DELAY, 'while it waits it listens');
        return;
      }
      for (;;) {
        const sentIn = phase;
        wire.send(PAGE);
        let answer;
        try {
          answer = await wire.response();
        } catch (error) {
          assert.equal(wire.rest.length, 0, `half an answer: ${error.message}`);
          assert.notEqual(sentIn, 'serving', 'a request before the signal has an answer');
          counts.between++;
          break;
        }
        assert.equal(answer.status, 200);
        assert.ok(answer.body.equals(page));
        counts.answers++;
        if (sentIn === 'waiting') counts.whileWaiting++;
        if (answer.headers.connection !== 'close') continue;
        assert.notEqual(phase, 'serving');
        await wire.closed();
        assert.equal(wire.rest.length, 0);
        break;
      }
      wire.close();
    }
  };
  const talker = async () => {
    const ws = new WebSocket(`ws://127.0.0.1:${s.port}/ws/echo`);
    await within(once(ws, 'open'), 'a WebSocket');
    let echoes = 0;
    ws.on('message', (data) => {
      assert.equal(`${data}`, `${echoes++}`);
      ws.send(`${echoes}`);
    });
    ws.send('0');
    const [code, reason] = await once(ws, 'close');
    assert.ok(echoes > 0);
    return `${code} ${reason}`;
  };
  const talkers = Array.from({ length: 200 }, talker);
  const clients = Array.from({ length: 100 }, client);
  await eventually(async () => counts.answers > 500 &&
    (await s.metrics()).stoa_websockets === 200, 'the load');
  assert.equal((await get(s.port, '/readyz')).status, 200);

  signalled = performance.now();
  phase = 'waiting'; // before the signal: what is sent from now on may or may not be answered
  s.child.kill('SIGTERM');
  await s.says('draining');
  const ready = await get(s.port, '/readyz');
  assert.equal(ready.status, 503);
  assert.equal(`${ready.body}`, '{"status":"draining"}');
  assert.equal(ready.headers.connection, 'close');
  assert.equal((await get(s.port, '/healthz')).status, 200);

  await within(Promise.all(clients), 'the clients');
  const goodbyes = new Set(await within(Promise.all(talkers), 'the WebSockets'));
  assert.deepEqual([...goodbyes], ['1001 The server is shutting down; connect again.']);
  assert.deepEqual(await s.ended(), [0, null]);
  assert.ok(performance.now() - signalled >= DELAY);
  assert.equal(s.said('stopped').connections_cut, 0, 'it was over in time');
  assert.equal(counts.refused, 100);
  assert.ok(counts.whileWaiting > 100, `${counts.whileWaiting}`);
});

test('the last moments', { concurrency: 6 }, async (t) => {
  await all(t, {
    'an idle connection is not waited for': async (u) => {
      const s = await serve(u, ['--drain-deadline', '30s']);
      const wires = await Promise.all(Array.from({ length: 5 }, () => Wire.open(s.port)));
      for (const wire of wires.slice(1)) await wire.request(HEALTH); // one has never asked
      assert.ok(await ending(s) < SOON);
      for (const wire of wires) assert.equal(await wire.closed(), 'end');
    },
    'nor an idle one under TLS': async (u) => {
      const s = await serve(u, ['--drain-deadline', '30s', '--dev-tls']);
      const wire = await Wire.open(s.port, {});
      await wire.request(HEALTH);
      const half = await Wire.open(s.port); // and one amid its handshake
      half.send(Buffer.from([0x16, 3, 1]));
      assert.ok(await ending(s) < SOON);
      assert.equal(await wire.closed(), 'end');
      half.close();
    },
    'one that does not hang up is heard for a moment only': async (u) => {
      const s = await serve(u, ['--drain-deadline', '30s']);
      const wire = await Wire.open({ port: s.port, allowHalfOpen: true });
      await wire.request(HEALTH);
      assert.ok(await ending(s) < SOON);
      wire.close();
    },
    'a request that has begun is served': async (u) => {
      const s = await serve(u, ['--drain-deadline', '30s']);
      const wire = await Wire.open(s.port);
      wire.send(HEALTH.slice(0, 20));
      await get(s.port, '/healthz'); // by now these bytes are read
      s.child.kill('SIGTERM');
      await s.says('draining');
      await eventually(() => Wire.open(s.port).then((other) => other.close(), () => true),
        'nobody to listen');
      wire.send(HEALTH.slice(20));
      const answer = await wire.response();
      assert.deepEqual([answer.status, answer.headers.connection], [200, 'close']);
      assert.equal(await wire.closed(), 'end');
      assert.deepEqual(await s.ended(), [0, null]);
    },
    'answers that wait for their reader arrive': async (u) => {
      const s = await serve(u, ['--drain-deadline', '30s']);
      const wire = await Wire.open(s.port);
      wire.socket.pause();
      wire.send(PAGE.repeat(6000));
      await get(s.port, '/healthz');
      s.child.kill('SIGTERM');
      await s.says('draining');
      wire.socket.resume();
      let n = 0;
      for (;; n++) {
        const answer = await wire.response().catch((error) => error);
        if (answer instanceof Error) break;
        assert.ok(answer.body.equals(page));
      }
      assert.equal(wire.rest.length, 0, 'no half an answer');
      assert.ok(n > 100);
      assert.equal(wire.over, 'end');
      assert.deepEqual(await s.ended(), [0, null]);
    },
    'a WebSocket may say what it had to say, and is closed': async (u) => {
      const s = await serve(u, ['--drain-deadline', '30s']);
      const wire = await Wire.open(s.port);
      await wire.upgrade();
      wire.send(frame(OP.text, 'a').subarray(0, 3)); // amid a frame
      s.child.kill('SIGTERM');
      const { op, payload } = await wire.frame();
      assert.deepEqual([op, payload.readUInt16BE()], [OP.close, 1001]);
      wire.send(frame(OP.text, 'a').subarray(3), frame(OP.close, payload));
      assert.equal(await wire.closed(), 'end');
      assert.deepEqual(await s.ended(), [0, null]);
    },
    'who does not answer the goodbye is cut at the deadline': async (u) => {
      const s = await serve(u, ['--drain-deadline', '400ms']);
      const wire = await Wire.open(s.port);
      await wire.upgrade();
      const ms = await ending(s);
      assert.ok(ms > 350, `${ms}`);
      assert.equal(s.said('stopped').connections_cut, 1);
      wire.close();
    },
    'a second signal ends it at once': async (u) => {
      for (const signal of ['SIGTERM', 'SIGINT']) {
        const s = await serve(u, ['--drain-deadline', '30s', '--drain-delay', '30s']);
        const wire = await Wire.open(s.port);
        await wire.upgrade();
        s.child.kill(signal);
        await s.says('draining');
        assert.ok(await ending(s, signal) < SOON);
        assert.ok(s.said('stopped at once by a second signal'));
        wire.close();
      }
    },
    'so it does while it waits for goodbyes': async (u) => {
      const s = await serve(u, ['--drain-deadline', '30s']);
      const wire = await Wire.open(s.port);
      await wire.upgrade();
      s.child.kill('SIGTERM');
      await wire.frame();
      assert.ok(await ending(s) < SOON);
      wire.close();
    },
    'an upgrade while it drains': async (u) => {
      const s = await serve(u, ['--drain-delay', '5s']);
      s.child.kill('SIGTERM');
      await s.says('draining');
      const wire = await Wire.open(s.port);
      const answer = await wire.upgrade();
      if (answer.status === 101) assert.equal((await wire.goodbye().catch(() => ({}))).code, 1001);
      else assert.equal(errorCode(answer), 'DRAINING');
      wire.close();
    },
    'what is not stored yet is told no more': async (u) => {
      for (let n = 0; n < 5; n++) {
        const s = await serve(u);
        const at = `http://127.0.0.1:${s.port}`;
        const made = await fetch(`${at}/api/rooms`, { method: 'POST', body: '{"title":"x"}',
          headers: { 'content-type': 'application/json' } });
        const { roomId } = await made.json();
        const people = await Promise.all(Array.from({ length: 12 }, async () => {
          const person = io(`${at}/rooms`, { forceNew: true, reconnection: false, transports: ['websocket'] });
          await person.timeout(PATIENCE).emitWithAck('joinRoom', { roomId, name: 'x' });
          return person;
        }));
        for (const person of people)
          for (let m = 0; m < 8; m++) person.emit('chat:message', { roomId, text: `${m}` });
        await new Promise((resolve) => setTimeout(resolve, n));
        for (const person of people) person.disconnect(); // their leaving waits to be stored, too
        await ending(s);
      }
    },
    'SIGHUP without a certificate changes nothing': async (u) => {
      const s = await serve(u);
      s.child.kill('SIGHUP');
      await s.says('nothing to reload');
      assert.equal((await get(s.port, '/healthz')).status, 200);
    },
  });
});
