// What auth/livekit mints (by tests/tools/livekit_token.c) is shown to LiveKit's own library: it
// takes the token with the right secret only, and reads in it what was put in.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { AccessToken, TokenVerifier } from 'livekit-server-sdk';

import { all, program, run } from './stoa.mjs';

const tool = path.join(path.dirname(program), 'tests/tools/livekit_token');
const command = tool.includes('/tsan/') ? ['setarch', '-R', tool] : [tool];
const KEY = 'APIstoa';
const SECRET = 'a-secret-that-livekit-and-stoa-share';

const mint = async (room, identity, name, permissions, secret = SECRET) => {
  const { status, stdout, stderr } =
    await run([...command, KEY, secret, room, identity, name, permissions]);
  assert.equal(status, 0, stderr);
  return stdout.trim();
};
const verify = (token, key = KEY, secret = SECRET) => new TokenVerifier(key, secret).verify(token);

const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

test('LiveKit access tokens', { concurrency: 4 }, async (t) => {
  await all(t, {
    'LiveKit takes them and reads what was put in': async () => {
      const before = Math.floor(Date.now() / 1000);
      const claims = await verify(await mint('A7x9K2', 'alice', 'Alice "Al" Zoë 🦊', 'psd'));
      assert.equal(claims.iss, KEY);
      assert.equal(claims.sub, 'alice');
      assert.equal(claims.name, 'Alice "Al" Zoë 🦊');
      assert.deepEqual(claims.video, {
        room: 'A7x9K2', roomJoin: true, canPublish: true, canSubscribe: true, canPublishData: true,
      });
      assert.ok(claims.nbf >= before && claims.nbf <= before + 15, 'valid from now');
      assert.equal(claims.exp - claims.nbf, 3600);
    },
    'permissions are what was granted': async () => {
      const { video } = await verify(await mint('r', 'bob', '', 's'));
      assert.deepEqual(video, {
        room: 'r', roomJoin: true, canPublish: false, canSubscribe: true, canPublishData: false,
      });
    },
    'it has no claim that LiveKit\'s own token lacks': async () => {
      const own = new AccessToken(KEY, SECRET, { identity: 'bob', name: 'Bob', ttl: 3600 });
      own.addGrant({
        room: 'r', roomJoin: true, canPublish: true, canSubscribe: true, canPublishData: true,
      });
      const theirs = claimsOf(await own.toJwt());
      const ours = claimsOf(await mint('r', 'bob', 'Bob', 'psd'));
      const unknown = Object.keys(ours).filter((name) => !(name in theirs));
      assert.deepEqual(unknown, []);
      assert.deepEqual(ours.video, theirs.video);
    },
    'a secret of any length will do': async () => {
      const token = await mint('r', 'bob', '', 'psd', 'secret');
      assert.equal((await verify(token, KEY, 'secret')).sub, 'bob');
    },
    'another secret is refused': async () => {
      await assert.rejects(verify(await mint('r', 'bob', '', 'psd'), KEY, `${SECRET}!`));
    },
    'another key is refused': async () => {
      await assert.rejects(verify(await mint('r', 'bob', '', 'psd'), 'APIother'));
    },
    'nothing is minted without a room or somebody': async () => {
      for (const [room, identity] of [['', 'bob'], ['r', '']]) {
        const { status, stdout } = await run([...command, KEY, SECRET, room, identity, '', 'psd']);
        assert.equal(status, 1);
        assert.equal(stdout, '');
      }
    },
  });
});
