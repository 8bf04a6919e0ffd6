// Debian's coturn on loopback, for the tests of calls that go through a relay.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import dgram from 'node:dgram';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { eventually } from './stoa.mjs';

export const TURN_SECRET = 'a secret that coturn shares with us';

/** A port that nobody listened on a moment ago. */
const freePort = () => new Promise((resolve, reject) => {
  const socket = dgram.createSocket('udp4').on('error', reject).bind(0, '127.0.0.1', () => {
    const { port } = socket.address();
    socket.close(() => resolve(port));
  });
});

/** The port of one that runs until `t` ends. */
export const coturn = async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'stoa-turn-'));
  const port = await freePort();
  const child = spawn('turnserver', ['-n', '--no-cli', '--no-tls', '--no-dtls', '--log-file', 'stdout',
    '--simple-log', '--listening-ip', '127.0.0.1', '--listening-port', `${port}`,
    '--relay-ip', '127.0.0.1', '--allow-loopback-peers', '--realm', 'stoa.test',
    '--use-auth-secret', `--static-auth-secret=${TURN_SECRET}`,
    '--userdb', `${folder}/turndb`, '--pidfile', `${folder}/pid`],
  { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const out of [child.stdout, child.stderr]) out.on('data', (text) => { said += text; });
  t.after(async () => {
    child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });
  await eventually(() => said.includes('Total General servers'), 'coturn to listen');
  return port;
};
