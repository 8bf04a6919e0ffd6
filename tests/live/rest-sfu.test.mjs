// POST /sfu/token: LiveKit's own library reads the tokens; who gets one, and as whom.
import assert from 'node:assert/strict';
import test from 'node:test';
import { TokenVerifier } from 'livekit-server-sdk';

import { endRoom, expectRest, has, issue, refusal, rest, socket, start } from './flow.mjs';
import { all } from './stoa.mjs';

const KEY = 'APIstoa';
const SECRET = 'a-secret-that-livekit-and-stoa-share';
const tokens = {
  ada: issue({ userId: 'u1', username: 'Ada' }),
  bob: issue({ userId: 'u2', username: 'Bob' }),
};

const refused = async (status, code, ...request) => {
  const answer = await rest(...request);
  assert.equal(answer.status, status, answer.text);
  return has(answer.json, { error: refusal(code) }).error.message;
};

const make = (server, body, token) => expectRest(201, server, 'POST', '/api/rooms', { body, token });

test('tokens for the SFU', { concurrency: 8 }, async (t) => {
  const server = await start(t, { flags: ['--livekit-url', 'wss://sfu.example', '--livekit-api-key', KEY,
    '--livekit-api-secret', SECRET, '--rate-create', '1000', '--rate-join', '1000'] });
  const ask = async (body, token) => {
    const answer = await expectRest(200, server, 'POST', '/sfu/token', { body, token });
    assert.deepEqual(Object.keys(answer), ['token', 'url', 'room', 'identity']);
    assert.equal(answer.url, 'wss://sfu.example');
    const claims = await new TokenVerifier(KEY, SECRET).verify(answer.token);
    assert.equal(claims.sub, answer.identity);
    assert.deepEqual(claims.video, { room: answer.room, roomJoin: true, canPublish: true,
      canSubscribe: true, canPublishData: true });
    return { ...answer, name: claims.name };
  };
  const deny = (status, code, body, token) =>
    refused(status, code, server, 'POST', '/sfu/token', { body, token });

  await all(t, {
    'a guest is whom it wants to be': async () => {
      has(await ask({ room_id: 'new', identity: 'zoe', name: 'Zoe' }),
        { room: 'new', identity: 'zoe', name: 'Zoe' });
      has(await ask({ room: 'new', user_id: 7 }), { identity: '7' });
      has(await ask({ room: 'new' }), { identity: /^g_/ });
      has(await expectRest(200, server, 'GET', '/rooms/new'), { room_id: 'new' });
    },
    'an account is itself': async () => {
      has(await ask({ room_id: 'mine', identity: 'zoe', name: 'Zoe' }, tokens.ada),
        { identity: 'u1', name: 'Ada' });
    },
    'nobody is somebody\'s account': async () => {
      const { id } = await make(server, {}, tokens.ada);
      await deny(403, 'FORBIDDEN', { room_id: id, identity: 'u1' });
      await ask({ room_id: id, identity: 'u2' });
      const bob = await socket(t, server, 'bob', { auth: { token: tokens.bob } });
      await bob.ask('join-session', { sessionId: id, userId: 'x', userName: 'x' });
      await deny(403, 'FORBIDDEN', { room_id: id, identity: 'u2' });
      has(await ask({ room_id: id, identity: 'u2' }, tokens.bob), { identity: 'u2' });
    },
    'one must be able to come in': async () => {
      const guarded = await make(server, { approval: true }, tokens.ada);
      await deny(403, 'NOT_IN_ROOM', { room_id: guarded.id });
      await ask({ room_id: guarded.id }, tokens.ada);
      const locked = await make(server, { locked: true }, tokens.ada);
      await deny(403, 'ROOM_LOCKED', { room_id: locked.id }, tokens.bob);
      const ended = await make(server, {}, tokens.ada);
      await endRoom(t, server, ended.id, tokens.ada);
      await deny(409, 'ROOM_ENDED', { room_id: ended.id }, tokens.ada);
    },
    'what is wrong': async () => {
      for (const body of [{}, { room_id: 'a b' }, { room_id: 'a.b' }, { room_id: 'x', identity: 'a b' },
        { room_id: 'x', identity: 'x'.repeat(51) }, { room_id: 'x', name: 'a\nb' }])
        await deny(400, 'BAD_FIELD', body);
    },
  });
});

test('without an SFU there are no tokens', async (t) => {
  const server = await start(t);
  await refused(501, 'NOT_IMPLEMENTED', server, 'POST', '/sfu/token', { body: { room_id: 'x' } });
  await refused(404, 'ROOM_NOT_FOUND', server, 'GET', '/rooms/x');
});
