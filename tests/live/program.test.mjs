// The program around the server: commands, options and their mistakes, how it is started by others.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { spawn } from 'node:child_process';
import test from 'node:test';

import { all, command, eventually, get, run, serve, stoa, within } from './stoa.mjs';

const folderOf = async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'stoa-program-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

test('commands', { concurrency: 4 }, async (t) => {
  const version = (await readFile(new URL('../../VERSION', import.meta.url), 'utf8')).trim();
  const table = [ // arguments, status, standard output, standard error
    [['version'], 0, new RegExp(`^stoa ${version.replaceAll('.', '\\.')}( \\(.+\\))?\n$`), /^$/],
    [['--version'], 0, /^stoa \d/, /^$/],
    [['help'], 0, /Usage: stoa .*serve.*check-config.*token.*version.*help/s, /^$/],
    [['--help'], 0, /Usage: stoa/, /^$/],
    [['serve', '--help'], 0, /--limits-header-deadline/, /^$/],
    [['help', 'options'], 0, /limits\.header-deadline/, /^$/],
    [['help', 'config'], 0, /^#port = 5050$/m, /^$/],
    [['help', 'token'], 0, /^Usage: stoa token --user ID/, /^$/],
    [['token', '--help'], 0, /stoa token --user alice/, /^$/],
    [['token'], 64, /^$/, /Write --user ID/],
    [['token', '--user', 'a', '--prot', '1'], 64, /^$/, /did you mean --port\?/],
    [['help', 'nothing'], 64, /^$/, /"nothing" is not a topic/],
    [['serv'], 64, /^$/, /"serv" is not a command; did you mean serve\?/],
    [['check-config', '--prot', '1'], 64, /^$/, /"--prot" is not an option; did you mean --port\?/],
    [['check-config', 'x'], 64, /^$/, /"x" is not expected here/],
    [['check-config', '--port'], 64, /^$/, /--port: a value is missing/],
    [['check-config', '--port', '70000'], 64, /^$/, /--port: .*70000.*0.*65535/],
    [['check-config', '--port', '\x1b[31m'], 64, /^$/, /^[^\x1b]*$/],
    [['check-config'], 0, /The configuration is good\./, /^$/],
    [['check-config', '--port', '8080'], 0, /port.*8080.*The configuration is good\./s, /^$/],
  ];
  await all(t, Object.fromEntries(table.map(([args, status, out, err]) => [
    JSON.stringify(args), async () => {
      const result = await stoa(args);
      assert.equal(result.status, status, result.stderr);
      assert.match(result.stdout, out);
      assert.match(result.stderr, err);
    }])));
});

test('a token for somebody', { concurrency: 4 }, async (t) => {
  const folder = await folderOf(t);
  const secret = '0123456789abcdef0123456789abcdef';
  const claimsOf = (text, by) => {
    const parts = text.trim().split('.');
    const mac = createHmac('sha256', by).update(`${parts[0]}.${parts[1]}`).digest('base64url');
    assert.equal(parts[2], mac);
    return JSON.parse(Buffer.from(parts[1], 'base64url'));
  };

  await all(t, {
    'is the one line that is printed, signed with JWT_SECRET': async () => {
      const { status, stdout, stderr } = await stoa(
        ['token', '--user', 'alice', '--name', 'Alice Liddell', '--ttl', '12h'],
        { env: { JWT_SECRET: secret } });
      assert.equal(status, 0, stderr);
      assert.equal(stderr, '');
      assert.match(stdout, /^[\w-]+\.[\w-]+\.[\w-]+\n$/);
      const claims = claimsOf(stdout, secret);
      assert.equal(claims.sub, 'alice');
      assert.equal(claims.name, 'Alice Liddell');
      assert.equal(claims.admin, undefined);
      assert.equal(claims.exp - claims.iat, 12 * 3600);
      assert.ok(Math.abs(claims.iat - Date.now() / 1000) < 60);
    },
    'else with the secret of the data folder, which several make at once': async () => {
      const data = path.join(folder, 'data');
      const runs = await Promise.all(Array.from({ length: 6 }, () =>
        stoa(['token', '--user', 'root', '--admin', '--data', data])));
      const kept = (await readFile(path.join(data, 'secret'), 'utf8')).trim();
      assert.match(kept, /^[0-9a-f]{64}$/);
      assert.equal((await stat(path.join(data, 'secret'))).mode & 0o777, 0o600);
      for (const { status, stdout, stderr } of runs) {
        assert.equal(status, 0, stderr);
        assert.equal(claimsOf(stdout, kept).admin, true);
      }
    },
    'not with a secret that others may read': async () => {
      const data = path.join(folder, 'open');
      await mkdir(data);
      await writeFile(path.join(data, 'secret'), secret, { mode: 0o644 });
      const { status, stdout, stderr } = await stoa(['token', '--user', 'a', '--data', data]);
      assert.equal(status, 78);
      assert.equal(stdout, '');
      assert.match(stderr, /secret: others .*chmod 600/);
      assert.doesNotMatch(stderr, /0123456789/);
    },
  });
});

test('a file of options', { concurrency: 4 }, async (t) => {
  const folder = await folderOf(t);
  let n = 0;
  const check = async (text, env) => {
    const file = path.join(folder, `${n++}.conf`);
    await writeFile(file, text);
    return { file, ...await stoa(['check-config', '--config', file], { env }) };
  };
  const bad = [ // text, line:column, what is said
    ['port = 5050\nprot = 1\n', '2:1', /did you mean port\?/],
    ['port = "x"\n', '1:8', /port/],
    ['[limits]\nkeep-alive = 10 weeks\n', '2:\\d+', /./],
    ['[limits]\nkeep-alive = "soon"\n', '2:14', /soon/],
    ['port 5050\n', '1:6', /=/],
    ['port = 1\nport = 2\n', '2:1', /port/],
    ['[nothing]\nx = 1\n', '[12]:\\d+', /nothing/],
    ['host = ["127.0.0.1", "nowhere"]\n', '1:8', /nowhere/],
    ['public-url = "https://Stoa.example/"\n', '1:14', /origin/],
    ['x\0y = 1\n', '1:\\d+', /./],
  ];
  await all(t, {
    ...Object.fromEntries(bad.map(([text, place, says]) => [`${JSON.stringify(text)} is refused`,
      async () => {
        const { file, status, stderr } = await check(text);
        assert.equal(status, 78, stderr);
        assert.match(stderr, new RegExp(`^stoa: ${file}:${place}: `, 'm'));
        assert.match(stderr, says);
        assert.match(stderr, /\.\n$|\?\n$/);
      }])),
    'all mistakes are said at once': async () => {
      const { status, stderr } = await check('prot = 1\n[ws]\nping = "x"\nechoo = true\n');
      assert.equal(status, 78);
      assert.deepEqual([...stderr.matchAll(/conf:(\d+):/g)].map((m) => m[1]), ['1', '3', '4']);
    },
    'a good one is good': async () => {
      const { status, stdout, stderr } = await check(
        '# mine\nport = 8080\nhost = ["127.0.0.1", "::1"]\n[ws]\nping = 30s\necho = false\n');
      assert.equal(status, 0, stderr);
      assert.match(stdout, /8080/);
      assert.match(stdout, /30s/);
    },
    'one that is not there': async () => {
      const { status, stderr } = await stoa(['serve', '--config', path.join(folder, 'no.conf')]);
      assert.equal(status, 78);
      assert.match(stderr, /no\.conf/);
    },
    'our own example is good': async () => {
      const { stdout } = await stoa(['help', 'config']);
      assert.equal((await check(stdout)).status, 0);
    },
    'a secret is never shown': async () => {
      const { stdout, stderr, status } =
        await check('[jwt]\nsecret = "seldom-seen-0123456789-abcdefghijk"\n');
      assert.equal(status, 0, stderr);
      assert.doesNotMatch(stdout + stderr, /seldom/);
      const short = await check('[metrics]\ntoken = "seldom"\n');
      assert.equal(short.status, 78);
      assert.doesNotMatch(short.stdout + short.stderr, /seldom/);
    },
  });
});

test('the environment', { concurrency: 4 }, async (t) => {
  const folder = await folderOf(t);
  await all(t, {
    'PORT is the port, and flags outrank it': async (u) => {
      const free = net.createServer().listen(0, '127.0.0.1');
      await once(free, 'listening');
      const { port } = free.address();
      await new Promise((resolve) => free.close(resolve));
      const checked = await stoa(['check-config'], { env: { PORT: `${port}` } });
      assert.match(checked.stdout, new RegExp(`port.*${port}.*PORT`));
      const s = await serve(u, [], { env: { PORT: `${port}` } }); // --port 0
      assert.notEqual(s.port, port);
    },
    'a bad one is refused': async () => {
      const { status, stderr } = await stoa(['serve'], { env: { PORT: 'http' } });
      assert.equal(status, 78);
      assert.match(stderr, /PORT/);
    },
    'a database that it cannot use is refused, without its password': async () => {
      for (const [scheme, says] of [['mysql', /DATABASE_URL.*database.*SQLite.*\.$/m],
        ['postgresql', /database/], ['postgres', /database/]]) {
        const { status, stderr } = await stoa(['serve', '--data', folder],
          { env: { DATABASE_URL: `${scheme}://stoa:hunter2@127.0.0.1:1/stoa` } });
        assert.equal(status, 78);
        assert.match(stderr, says);
        assert.doesNotMatch(stderr, /hunter2/);
      }
    },
    'Redis is a warning': async (u) => {
      const s = await serve(u, [],
        { env: { REDIS_HOST: 'redis.example', REDIS_PASSWORD: 'hunter2' } });
      const warnings = s.log.filter((line) => line.level === 'warning').map((line) => line.what);
      assert.equal(warnings.length, 2);
      assert.match(warnings.join(), /redis\.host .*no effect/);
      assert.doesNotMatch(s.stderr, /hunter2/);
    },
    'a secret may be in a file': async (u) => {
      const file = path.join(folder, 'token');
      await writeFile(file, 'a-token-from-a-file\n');
      const s = await serve(u, ['--trusted-proxies', '127.0.0.1'],
        { env: { STOA_METRICS_TOKEN_FILE: file } });
      const headers = { 'X-Forwarded-For': '203.0.113.9' };
      assert.equal((await get(s.port, '/metrics', headers)).status, 403);
      headers.Authorization = 'Bearer a-token-from-a-file';
      assert.equal((await get(s.port, '/metrics', headers)).status, 200);
    },
  });
});

test('where it listens', { concurrency: 4 }, async (t) => {
  const folder = await folderOf(t);
  let n = 0; // of data folders: only one process may use each
  const starts = (...flags) => stoa(['serve', '--data', path.join(folder, `data${n++}`), ...flags]);

  await all(t, {
    'a taken port is said, with what to do': async (u) => {
      const s = await serve(u);
      const { status, stderr } = await starts('--host', '127.0.0.1', '--port', `${s.port}`);
      assert.equal(status, 78);
      const { level, msg, address } = JSON.parse(stderr.trim().split('\n').at(-1));
      assert.equal(level, 'error');
      assert.match(msg, /taken.*--port/);
      assert.equal(address, `127.0.0.1:${s.port}`);
    },
    'a taken port is said where it listens everywhere, too': async (u) => {
      const s = await serve(u, ['--host', '0.0.0.0']);
      const { status, stderr } = await starts('--port', `${s.port}`);
      assert.equal(status, 78, stderr);
      assert.match(stderr, /taken/);
    },
    'an address that is not this machine\'s': async () => {
      const { status, stderr } = await starts('--host', '192.0.2.1', '--port', '0');
      assert.equal(status, 78);
      assert.match(stderr, /192\.0\.2\.1/);
    },
    'a data folder that cannot be': async () => {
      const { status, stderr } = await stoa(['serve', '--port', '0', '--data', '/proc/no/such']);
      assert.equal(status, 78);
      assert.match(stderr, /data folder/);
    },
    'its data are its own': async (u) => {
      const s = await serve(u, ['--data', path.join(folder, 'a/b/c')]);
      assert.equal(s.said('ready').data, path.join(folder, 'a/b/c'));
      assert.equal((await stat(path.join(folder, 'a/b/c'))).mode & 0o077, 0);
    },
    'on several addresses': async (u) => {
      const s = await serve(u, ['--host', '127.0.0.1,127.0.0.5']);
      const places = s.log.filter((line) => line.msg === 'listening')
        .map((line) => line.address.split(':'));
      assert.deepEqual(places.map(([host]) => host), ['127.0.0.1', '127.0.0.5']);
      for (const [host, port] of places)
        assert.equal((await get({ host, port: Number(port) }, '/healthz')).status, 200);
      assert.equal(s.said('ready').url, `http://localhost:${s.port}`);
    },
    'a unix socket, for curl': async (u) => {
      const socket = path.join(folder, 'stoa.sock');
      const s = await serve(u, ['--socket', socket]);
      const curl = () => run(['curl', '-sS', '--unix-socket', socket, 'http://localhost/healthz']);
      assert.equal((await curl()).stdout, '{"status":"ok"}');
      await s.stop();
      assert.equal(await stat(socket).catch(() => null), null, 'it tidies up');
    },
    'a unix socket that a dead server left': async (u) => {
      const socket = path.join(folder, 'left.sock');
      const dead = spawn('python3', ['-c',
        'import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])', socket]);
      await once(dead, 'exit');
      await serve(u, ['--socket', socket]);
      assert.equal((await get({ path: socket }, '/healthz')).status, 200);
      const second = await starts('--host', '127.0.0.1', '--port', '0', '--socket', socket);
      assert.equal(second.status, 78, 'not one that lives');
      assert.equal((await get({ path: socket }, '/healthz')).status, 200);
    },
    'a file in the way stays': async () => {
      const file = path.join(folder, 'precious');
      await writeFile(file, 'precious');
      const { status } = await starts('--host', '127.0.0.1', '--port', '0', '--socket', file);
      assert.equal(status, 78);
      assert.equal(await readFile(file, 'utf8'), 'precious');
    },
  });
});

test('started by systemd', { concurrency: 4 }, async (t) => {
  const folder = await folderOf(t);
  await all(t, {
    'it takes the sockets it is given': async (u) => {
      const socket = net.createServer().listen(0, '127.0.0.1');
      await once(socket, 'listening');
      const { port } = socket.address();
      const s = await serve(u, [], {
        stdio: ['ignore', 'ignore', 'pipe', socket._handle.fd],
        shell: 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"',
      });
      socket.close();
      assert.equal(s.port, port);
      assert.equal(s.log.filter((line) => line.msg === 'listening').length, 1);
      assert.equal((await get(port, '/healthz')).status, 200);
    },
    'but not those of another process': async (u) => {
      const s = await serve(u, [], { shell: 'LISTEN_PID=1 LISTEN_FDS=1 exec "$@"' });
      assert.equal((await get(s.port, '/healthz')).status, 200);
    },
    'what is no socket is said': async () => {
      const child = spawn('bash', ['-c', 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@" 3</dev/null', 'bash',
        ...command, 'serve', '--data', path.join(folder, 'x')]);
      let stderr = '';
      child.stderr.on('data', (text) => { stderr += text; });
      const [status] = await within(once(child, 'close'), 'its end');
      assert.equal(status, 78, stderr);
      assert.match(stderr, /inherited/);
    },
    'it says when it is ready, and when it stops': async (u) => {
      const socket = path.join(folder, 'notify.sock');
      const systemd = spawn('python3', ['-u', '-c', `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("bound")
while True: print(s.recv(4096).decode())`, socket]);
      u.after(() => systemd.kill());
      let heard = '';
      systemd.stdout.on('data', (text) => { heard += text; });
      await eventually(() => heard === 'bound\n', 'somebody to notify');
      const s = await serve(u, [], { env: { NOTIFY_SOCKET: socket } });
      await eventually(() => heard === 'bound\nREADY=1\n', 'READY=1');
      await s.stop();
      await eventually(() => heard === 'bound\nREADY=1\nSTOPPING=1\n', 'STOPPING=1');
    },
    'nobody to notify is no trouble': async (u) => {
      const s = await serve(u, [], { env: { NOTIFY_SOCKET: path.join(folder, 'nobody') } });
      assert.equal((await get(s.port, '/healthz')).status, 200);
    },
  });
});
