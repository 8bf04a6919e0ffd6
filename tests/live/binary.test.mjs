// Binary data in an event: rooms keep and tell JSON, so it is refused before any of it is lost.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import test from 'node:test';
import { io } from 'socket.io-client';

import { serve } from './stoa.mjs';

const dial = async (t, server, options) => {
  const socket = io(`http://127.0.0.1:${server.port}`, { forceNew: true, ...options });
  t.after(() => socket.close());
  await once(socket, 'connect');
  return socket;
};

for (const carrier of ['websocket', 'polling']) {
  test(`an event with binary data is refused over ${carrier}, and the connection stays`, async (t) => {
    const server = await serve(t);
    const socket = await dial(t, server, { transports: [carrier] });
    const peer = await dial(t, server, { transports: [carrier] });
    for (const each of [socket, peer]) await each.emitWithAck('join-session', { sessionId: 'bytes' });
    const bytes = Buffer.from('bytes');

    const answer = await socket.emitWithAck('signal', { to: peer.id, data: bytes });
    assert.equal(answer.ok, false);
    assert.equal(answer.error.code, 'BAD_FIELD');
    assert.match(answer.error.message, /binary/i);

    const told = once(socket, 'error');
    socket.emit('chat-message', { sessionId: 'bytes', message: 'x', attachments: [bytes] });
    const [error] = await told;
    assert.equal(error.code, 'BAD_FIELD');
    assert.equal(error.event, 'chat-message');

    const heard = once(peer, 'chat-message');
    const said = await socket.emitWithAck('chat-message', { sessionId: 'bytes', message: 'text' });
    assert.equal(said.ok, true);
    assert.equal((await heard)[0].message, 'text', 'the first that the peer hears');
  });
}
