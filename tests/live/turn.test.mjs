// The credentials that people get for TURN let them pass a real coturn, and nothing else does.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import test from 'node:test';

import { coturn, TURN_SECRET } from './coturn.mjs';
import { SECRET, token } from './room-clients.mjs';
import { run, serve } from './stoa.mjs';

/** Whether coturn relays for that name and password. */
const relays = async (port, username, credential) => {
  const { stdout, stderr } = await run(['timeout', '30', 'turnutils_uclient', '-y', '-c', '-n', '1',
    '-u', username, '-w', credential, '-p', `${port}`, '127.0.0.1']);
  return /tot_recv_msgs=[1-9]/.test(stdout + stderr);
};

const sign = (username) => createHmac('sha1', TURN_SECRET).update(username).digest('base64');

test('coturn relays for those who got credentials from us', async (t) => {
  const port = await coturn(t);
  const server = await serve(t, ['--ice-turn', `turn:127.0.0.1:${port}?transport=udp`],
    { env: { TURN_SECRET, JWT_SECRET: SECRET } });
  const answer = await fetch(`http://127.0.0.1:${server.port}/api/ice-servers`,
    { headers: { authorization: `Bearer ${token('ann')}` } });
  const servers = await answer.json();
  const turn = (servers.iceServers ?? servers).find(({ urls }) => `${urls}`.startsWith('turn:'));
  const [until, who] = turn.username.split(/:(.*)/s);
  assert.equal(who, 'ann');
  assert.ok(Number(until) > Date.now() / 1000 + 60, 'they hold for a while');
  assert.equal(turn.credential, sign(turn.username));
  const over = `${Math.floor(Date.now() / 1000) - 120}:ann`;
  const cases = {
    'as they are given': [true, turn.username, turn.credential],
    'with another password': [false, turn.username, sign(`${turn.username}x`)],
    'for another name': [false, `${until}:eve`, turn.credential],
    'made to last longer': [false, `${Number(until) + 1}:ann`, turn.credential],
    'when their time is over': [false, over, sign(over)],
  };
  for (const [name, [want, username, credential]] of Object.entries(cases))
    await t.test(name, async () => assert.equal(await relays(port, username, credential), want));
});
