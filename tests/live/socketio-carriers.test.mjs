// What happens to carriers: an upgrade amid traffic, connections cut, a server that goes and comes
// again, clients that do not read, peers that break the protocol. Nothing is lost or doubled that
// must not be, and nobody else notices.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';

import { ask, client, connected, dial, happens, listen, Peer, tell, upTo, ways } from './socketio.mjs';
import { all, ask as request, eventually, get, Wire, within } from './stoa.mjs';

/** Says a number every moment, until it is stopped; gives how many it said. */
const stream = (say) => {
  let n = 0;
  const timer = setInterval(() => { for (let i = 0; i < 3; i++) say(n++); }, 1);
  return () => {
    clearInterval(timer);
    return n;
  };
};

// ---- upgrading

/** What goes through here takes a while, so that there is time to change the carrier in. */
const slowly = async (t, peer) => {
  const server = net.createServer((near) => {
    const far = net.connect(peer.port, '127.0.0.1');
    for (const [from, to] of [[near, far], [far, near]]) {
      const ms = 5 + Math.random() * 10;
      const later = (act) => () => setTimeout(act, ms);
      from.on('data', (bytes) => later(() => to.writable && to.write(bytes))());
      from.on('end', later(() => to.end()));
      from.on('close', later(() => to.destroy()));
      from.on('error', () => {});
    }
  });
  t.after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { url: `http://127.0.0.1:${server.address().port}` };
};

test('an upgrade amid traffic loses nothing and doubles nothing', { concurrency: 4 }, async (t) => {
  const peer = await Peer.start(t);
  const way = await slowly(t, peer);
  const other = await dial(t, peer, ways.websocket);
  const stop = stream((n) => other.emit('tell', [], [other.id], false, n)); // to everybody else

  let both = 0; // were told things by one carrier, then by the other
  const upgrade = async () => {
    const socket = client(t, way, ways.upgrade);
    const [mirrored, heard, carriers] = [[], [], new Set()];
    socket.on('mirror', (n, bytes) => mirrored.push(Buffer.isBuffer(bytes) ? [n, bytes.readUInt8()] : n));
    socket.on('told', (n) => {
      heard.push(n);
      carriers.add(socket.io.engine.transport.name);
    });
    const stopMirror = stream((n) => (n % 5
      ? socket.emit('mirror', n) : socket.emit('mirror', n, Buffer.from([n % 256]))));
    await happens(socket.io, 'open');
    await happens(socket.io.engine, 'upgrade');
    await sleep(60);
    const sent = stopMirror();
    await eventually(() => mirrored.length >= sent, 'the rest');
    await ask(socket, 'echo');
    const [first, n] = [heard[0], heard.length];
    socket.disconnect();
    assert.deepEqual(mirrored, upTo(sent).map((k) => (k % 5 ? k : [k, k % 256])));
    assert.deepEqual(heard.slice(0, n), upTo(n).map((k) => first + k));
    both += carriers.size === 2;
  };

  await all(t, Object.fromEntries(upTo(16).map((i) => [`upgrade ${i}`, upgrade])));
  stop();
  assert.ok(both > 0, `${both} of 16`);
});

test('an upgrade that fails leaves polling alone', async (t) => {
  const peer = await Peer.start(t);
  const { sid } = await handshake(peer);
  assert.equal(await post(peer, sid, '40'), 'ok');
  assert.match(await poll(peer, sid), /^40\{"sid"/);
  const probe = await open(peer, sid);
  probe.send('2probe');
  assert.equal(await probe.next(), '3probe');
  const second = await open(peer, sid);
  assert.deepEqual(await within(second.over, 'the second one to be closed'), [1005, '']);
  assert.equal(await poll(peer, sid), '6', 'while it is probed a poll is ended');
  probe.terminate();
  assert.equal(await post(peer, sid, '421["echo",1]'), 'ok');
  assert.equal(await poll(peer, sid), '431[1]');
});

// ---- coming back

test('reconnecting', { concurrency: 3 }, async (t) => {
  await all(t, Object.fromEntries(Object.entries(ways).map(([name, way]) => [
    `${name}: a server that is restarted`, async () => {
      const peer = await Peer.start(t);
      const socket = await dial(t, peer, { ...way, reconnectionDelayMax: 100 });
      const { id } = socket;
      const heard = listen(socket, 'mirror');
      // The stock client does not notice before its patience ends when both its carriers go at once.
      const last = way.transports.at(-1);
      await eventually(() => socket.io.engine.transport.name === last, 'the upgrade');
      const gone = happens(socket, 'disconnect');
      await peer.stop();
      assert.match((await gone)[0], /^transport (close|error)$/);
      upTo(10).forEach((n) => socket.emit('mirror', n)); // kept by the client
      const back = happens(socket, 'connect');
      await peer.run(peer.port);
      await back;
      assert.ok(!socket.recovered && socket.id !== id, 'the new one knows nobody');
      await eventually(() => heard.length >= 10, 'what was kept');
      assert.deepEqual(heard, upTo(10));
    },
  ])));
});

/** Takes the carrier away that it has now. */
const cut = ({ io: { engine } }) => (engine.transport.ws ? engine.transport.ws.terminate() : engine.close());

test('coming back', { concurrency: 4 }, async (t) => {
  const peer = await Peer.start(t);
  const other = await dial(t, peer, ways.websocket);
  const cases = Object.entries(ways).flatMap(([name, way]) => Object.entries({
    'what was missed comes once, rooms are restored': async () => {
      const socket = await dial(t, peer, { ...way, reconnection: false }); // it comes back when it is told to
      const room = `room of ${socket.id}`;
      const { id } = socket;
      const heard = listen(socket);
      await ask(socket, 'join', room);
      await tell(other, { to: [id] }, 'first');
      await eventually(() => heard.length === 1, 'an offset');
      const gone = happens(socket, 'disconnect');
      cut(socket);
      await tell(other, { to: [room] }, 'missed'); // whether the server knows already or not
      await gone;
      for (let i = 0; i < 20; i++) await tell(other, { to: [i % 2 ? room : id] }, i);
      await tell(other, { to: [room], except: [id] }, 'not for you');
      await tell(other, { to: [room], ifYouCan: true }, 'not if it costs');
      const back = happens(socket, 'connect');
      socket.connect();
      await back;
      assert.ok(socket.recovered);
      assert.equal(socket.id, id);
      await tell(other, { to: [room] }, 'last');
      await eventually(() => heard.at(-1) === 'last', 'the last');
      assert.deepEqual(heard, ['first', 'missed', ...upTo(20), 'last']);
      assert.equal(await ask(socket, 'getId'), id);
    },
    'again and again amid traffic': async () => {
      const socket = await dial(t, peer, { ...way, reconnectionDelay: 1, reconnectionDelayMax: 5 });
      const { id } = socket;
      const heard = listen(socket);
      const stop = stream((n) => { if (n % 3 === 0) other.emit('tell', [id], [], false, n / 3); });
      await eventually(() => heard.length > 0, 'the first');
      for (let i = 0; i < 8; i++) {
        // Closed while it upgrades, the stock client forgets that it has seen what came last.
        await eventually(() => socket.io.engine.transport.name === way.transports.at(-1), 'the upgrade');
        const back = happens(socket, 'connect');
        if (i % 2) cut(socket);
        else socket.io.engine.close(); // a goodbye, but none to the namespace
        await back;
        assert.ok(socket.recovered && socket.id === id, `return ${i}`);
        await sleep(15);
      }
      const told = Math.ceil(stop() / 3);
      await eventually(() => heard.length >= told, 'the rest');
      await ask(socket, 'echo');
      assert.deepEqual(heard, upTo(told));
    },
    'too much was missed': async () => {
      const socket = await dial(t, peer, { ...way, reconnectionDelay: 800, randomizationFactor: 0 });
      const { id } = socket;
      const heard = listen(socket);
      await tell(other, { to: [id] }, 0);
      await eventually(() => heard.length === 1, 'an offset');
      const back = happens(socket, 'connect');
      cut(socket);
      for (let i = 0; i < 150; i++) other.emit('tell', [id], [], false, i);
      await back;
      assert.ok(!socket.recovered && socket.id !== id, 'then it is somebody new');
      assert.deepEqual(heard, upTo(heard.length), 'with nothing of what the old one missed');
    },
    'after leaving there is nothing to come back to': async () => {
      const socket = await dial(t, peer, way);
      const { id } = socket;
      const heard = listen(socket);
      await tell(other, { to: [id] }, 0);
      await eventually(() => heard.length === 1, 'an offset');
      socket.disconnect();
      await connected(socket.connect());
      assert.ok(!socket.recovered && socket.id !== id);
    },
  }).map(([what, run]) => [`${name}: ${what}`, run]));
  await all(t, Object.fromEntries(cases));
});

// ---- clients that do not read

test('what can be missed is missed', async (t) => {
  const peer = await Peer.start(t);
  const other = await dial(t, peer, ways.websocket);

  await t.test('by a poller that does not poll', async () => {
    const { sid } = await handshake(peer);
    await post(peer, sid, '40');
    const { sid: id } = JSON.parse((await poll(peer, sid)).slice(2));
    await tell(other, { to: [id], ifYouCan: true }, 'missed');
    await tell(other, { to: [id] }, 'kept');
    await tell(other, { to: [id], ifYouCan: true }, 'missed');
    assert.match(await poll(peer, sid), /^42\["told","kept","[0-9a-f]{12}"\]$/);
    const waiting = poll(peer, sid);
    await eventually(async () => {
      await tell(other, { to: [id], ifYouCan: true }, 'in time');
      return Promise.race([waiting, sleep(20)]);
    }, 'a poll that is answered');
    assert.equal(await waiting, '42["told","in time"]');
  });

  await t.test('by a WebSocket that does not read', async () => {
    const socket = await dial(t, peer, ways.websocket);
    const heard = [];
    socket.on('told', (value) => heard.push(value[0]));
    const raw = socket.io.engine.transport.ws._socket;
    raw.pause();
    for (let i = 0; i < 20; i++) await tell(other, { to: [socket.id] }, ['kept', 'x'.repeat(400_000)]);
    for (let i = 0; i < 50; i++) await tell(other, { to: [socket.id], ifYouCan: true }, ['missed']);
    raw.resume();
    await ask(socket, 'echo');
    await tell(other, { to: [socket.id], ifYouCan: true }, ['in time']);
    await ask(socket, 'echo');
    assert.deepEqual(heard, [...Array(20).fill('kept'), 'in time']);
  });

  await t.test('but a poller that lets too much pile up is gone', async () => {
    const { sid } = await handshake(peer);
    await post(peer, sid, '40');
    const { sid: id } = JSON.parse((await poll(peer, sid)).slice(2));
    await ask(other, 'join', 'pile'); // it hears the same, and stays
    const heard = [];
    other.on('told', ([n]) => heard.push(n));
    for (let i = 0; i < 20; i++) await tell(other, { to: [id, 'pile'] }, [i, 'x'.repeat(900_000)]);
    assert.deepEqual(heard, upTo(20));
    const answer = await get(peer.port, `/socket.io/?EIO=4&transport=polling&sid=${sid}`);
    assert.equal(`${answer.body}`, '{"code":1,"message":"Session ID unknown"}');
  });
});

// ---- raw sessions

const address = (transport, sid) => `/socket.io/?EIO=4&transport=${transport}${sid ? `&sid=${sid}` : ''}`;

const handshake = async (peer) => {
  const { status, body } = await get(peer.port, address('polling'));
  assert.equal(status, 200);
  return JSON.parse(`${body}`.slice(1));
};

/** What a poll brings, without the server's pings, which come when it is time for them. */
async function poll(peer, sid) {
  for (;;) {
    const body = `${(await get(peer.port, address('polling', sid))).body}`;
    const rest = body.split('\x1e').filter((packet) => packet !== '2').join('\x1e');
    if (rest || !body) return rest;
  }
}

const postRaw = (peer, sid, body, headers = '') => request(peer.port,
  `POST ${address('polling', sid)} HTTP/1.1\r\nHost: localhost\r\n${headers}`
  + `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);

const post = async (peer, sid, body, headers) => `${(await postRaw(peer, sid, body, headers)).body}`;

/** A raw WebSocket whose messages wait until they are taken. */
const open = async (peer, sid) => {
  const ws = new WebSocket(`ws://127.0.0.1:${peer.port}${address('websocket', sid)}`);
  const messages = [];
  ws.on('message', (bytes) => messages.push(`${bytes}`));
  ws.on('error', () => {});
  ws.next = async () => {
    await eventually(() => messages.length, 'a message');
    return messages.shift();
  };
  ws.over = once(ws, 'close').then(([code, reason]) => [code, `${reason}`]);
  await within(once(ws, 'open'), 'a WebSocket');
  return ws;
};

const placeholder = (num) => `{"_placeholder":true,"num":${num}}`;
const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;

const bad = ['', '7', 'x', '2', '9'.repeat(1000), 'b', 'b!', '4', '47', '4x', '42', '42{}', '42[', '42[]',
  '42["connect"]', '42["__proto__"]', '42["a"', '42abc["a"]', '42/foo,["a"]', '40', '44{"message":"x"}',
  '450-["a"]', '451["a"]', '451-', '451-["a"]', `451-["a",${placeholder(1)}]`, `451-["a",${placeholder(-1)}]`,
  `4511-["a",${upTo(11).map(placeholder)}]`, `459999999999-["a",${placeholder(0)}]`, `42["a",${deep}]`,
  '420["a",{"b":1,"b":2}]', '42["a","\\ud80"]', 'bAQI=', '43{}', '46["a"]', '41{}'];

test('a packet that cannot be ends that session, and no other', { concurrency: 4 }, async (t) => {
  const peer = await Peer.start(t);
  const bystanders = await Promise.all(Object.values(ways).map((way) => dial(t, peer, way)));
  const heard = bystanders.map((socket) => listen(socket, 'mirror'));
  const stops = bystanders.map((socket) => stream((n) => socket.emit('mirror', n)));
  const ids = bystanders.map(({ id }) => id);

  await t.test('by WebSocket', async () => {
    for (const packet of bad) {
      const ws = await open(peer);
      ws.send('40');
      assert.match(await ws.next(), /^0\{/);
      assert.match(await ws.next(), /^40\{/);
      ws.send(packet);
      const what = packet.slice(0, 50);
      assert.deepEqual(await within(ws.over, `the end after ${what}`), [1005, ''], what);
    }
  });
  await t.test('amid attachments', async () => {
    for (const next of ['42["a"]', '40', '41', '2', `451-["b",${placeholder(0)}]`]) {
      const ws = await open(peer);
      ws.send('40');
      ws.send(`452-["a",${placeholder(0)},${placeholder(1)}]`);
      ws.send(randomBytes(100));
      ws.send(next);
      await within(ws.over, `the end after ${next}`);
    }
    const ws = await open(peer);
    ws.send('42["a"]'); // before it has connected
    await within(ws.over, 'the end');
  });
  await t.test('by POST', async () => {
    for (const packet of bad) {
      const { sid } = await handshake(peer);
      const payload = ['40', '421["echo",1]', packet, '422["echo",2]'].join('\x1e');
      const waiting = poll(peer, sid);
      assert.match(await post(peer, sid, payload), /^ok$/);
      const got = await waiting;
      assert.match(got, /^40\{"sid":"[^"]+","pid":"[^"]+"\}\x1e431\[1\]\x1e1$/, packet.slice(0, 50));
      assert.match(await poll(peer, sid), /"code":1,/);
    }
  });
  await t.test('misused polling', async () => {
    const cases = {
      'two polls at once': async (sid) => {
        const first = poll(peer, sid);
        let second;
        await eventually(async () => {
          second = await Promise.race([get(peer.port, address('polling', sid)), sleep(50)]);
          return second;
        });
        assert.deepEqual([second.status, `${second.body}`], [400, '']);
        assert.equal(await first, '1');
      },
      'two POSTs at once': async (sid) => {
        const wire = await Wire.open(peer.port);
        wire.send(`POST ${address('polling', sid)} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n4`);
        const second = await eventually(async () => {
          const answer = await postRaw(peer, sid, '3');
          return answer.status === 200 ? undefined : answer;
        });
        assert.deepEqual([second.status, `${second.body}`], [400, '']);
        wire.close();
      },
      'an empty POST': async (sid) => {
        const answer = await postRaw(peer, sid, '');
        assert.deepEqual([answer.status, `${answer.body}`], [200, 'ok']);
      },
      'bytes': async (sid) => {
        const answer = await postRaw(peer, sid, '4', 'Content-Type: application/octet-stream\r\n');
        assert.deepEqual([answer.status, `${answer.body}`], [400, '']);
      },
      'an abandoned poll': async (sid) => {
        const wire = await Wire.open(peer.port);
        wire.send(`GET ${address('polling', sid)} HTTP/1.1\r\nHost: x\r\n\r\n`);
        await sleep(20);
        wire.close();
      },
      'an abandoned POST': async (sid) => {
        const wire = await Wire.open(peer.port);
        wire.send(`POST ${address('polling', sid)} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n4`);
        await sleep(20);
        wire.close();
      },
    };
    for (const [what, misuse] of Object.entries(cases)) {
      const { sid } = await handshake(peer);
      await misuse(sid);
      await eventually(async () => {
        const wire = await Wire.open(peer.port);
        wire.send(`GET ${address('polling', sid)} HTTP/1.1\r\nHost: x\r\n\r\n`);
        const answer = await Promise.race([wire.response().catch(() => {}), sleep(100)]);
        wire.close();
        return answer && `${answer.body}`.includes('"code":1,');
      }, what);
    }
  });
  await t.test('what is too large is said to be, and costs a POST nothing else', async () => {
    const { sid } = await handshake(peer);
    assert.equal(await post(peer, sid, '40'), 'ok');
    const answer = await postRaw(peer, sid, `4${'x'.repeat(1_000_000)}`);
    assert.deepEqual([answer.status, `${answer.body}`], [413, '']);
    assert.match(await poll(peer, sid), /^40/);
    const ws = await open(peer);
    ws.send(`4${'x'.repeat(1_000_000)}`);
    assert.deepEqual(await within(ws.over, 'the end'), [1009, '']);
  });
  await t.test('requests that fit nothing', async () => {
    const ws = await open(peer);
    const { sid } = JSON.parse((await ws.next()).slice(1));
    const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';
    const lines = [
      [`POST ${address('websocket', sid)}`, `${upgrade}Content-Length: 1\r\n\r\n4`],
      [`PUT ${address('websocket', sid)}`, `${upgrade}\r\n`],
      [`GET ${address('polling', sid)}`, `${upgrade}\r\n`],
      [`GET ${address('polling', sid)}`, '\r\n'],
      [`GET ${address('websocket', sid)}`, '\r\n'],
      [`POST ${address('websocket')}`, `${upgrade}Content-Length: 1\r\n\r\n4`],
      [`DELETE ${address('polling')}`, '\r\n'],
    ];
    for (const [line, rest] of lines) {
      const answer = await request(peer.port, `${line} HTTP/1.1\r\nHost: x\r\n${rest}`);
      assert.equal(answer.status, 400, line);
    }
    // A poll that was abandoned leaves nothing behind that a later request could trip over.
    for (let i = 0; i < 8; i++) {
      const { sid: mine } = await handshake(peer);
      const wire = await Wire.open(peer.port);
      wire.send(`GET ${address('polling', mine)} HTTP/1.1\r\nHost: x\r\n\r\n`);
      await sleep(10);
      wire.close();
      await sleep(10);
      const answer = await request(peer.port,
        `GET ${address('polling')} HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n`);
      assert.equal(answer.status, 413);
    }
    ws.terminate();
  });

  await t.test('meanwhile the others went on', async () => {
    const sent = stops.map((stop) => stop());
    await eventually(() => heard.every((list, i) => list.length >= sent[i]), 'the rest');
    assert.deepEqual(heard, sent.map(upTo));
    assert.deepEqual(bystanders.map(({ id }) => id), ids, 'on their first connection');
  });
});

// ---- many

test('two hundred at once', async (t) => {
  const peer = await Peer.start(t);
  const before = await peer.descriptors();
  const kinds = Object.values(ways);
  const sockets = await Promise.all(upTo(200).map((i) => dial(t, peer, kinds[i % kinds.length])));
  assert.equal(new Set(sockets.map(({ id }) => id)).size, 200);
  const heard = sockets.map((socket) => listen(socket));
  await Promise.all(sockets.map((socket) => ask(socket, 'join', `${sockets.indexOf(socket) % 20}`)));
  await Promise.all(sockets.map((socket, i) => tell(socket, { to: [`${i % 20}`, `${(i + 1) % 20}`] }, i)));
  await Promise.all(sockets.map((socket) => ask(socket, 'echo')));
  heard.forEach((list, i) => {
    const want = upTo(200).filter((n) => n % 20 === i % 20 || (n + 1) % 20 === i % 20);
    assert.deepEqual(list.toSorted((a, b) => a - b), want, `${i}`);
  });
  sockets.forEach((socket) => socket.disconnect());
  await eventually(async () => (await peer.descriptors()) === before, 'every connection to be closed');
});
