// How an operator talks to a Stoa: accounts, backups and moves to another database, whether a server
// runs or not; and that nobody else gets there.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import {
  access, chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';

import { Postgres } from './postgres.mjs';
import { focus } from './room-clients.mjs';
import { all, ask, command, eventually, get, restartable, run, stoa } from './stoa.mjs';

const PASSWORD = 'correct horse battery staple';

const folderOf = async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'stoa-operator-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

const exists = (file) => access(file).then(() => true, () => false);

/** It says nothing on standard error and ends well; gives standard output. */
const good = async (args, options) => {
  const { status, stdout, stderr } = await stoa(args, options);
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' }, args.join(' '));
  return stdout;
};

/** It says one sentence and ends with that status. */
const bad = async (args, says, { status = 1, ...options } = {}) => {
  const result = await stoa(args, options);
  assert.match(result.stderr, says, args.join(' '));
  assert.match(result.stderr.replace(/^ts=.*\n/gm, ''), /^stoa: .+[.?]\n$/); // and the log's
  assert.equal(result.status, status, result.stderr);
  assert.equal(result.stdout, '');
};

const create = (data, email, flags = [], options = {}) => good(
  ['user', 'create', '--email', email, '--name', `Name of ${email}`, '--data', data, ...flags],
  { input: `${PASSWORD}\n`, ...options });

const users = async (data, options) =>
  JSON.parse(await good(['user', 'list', '--json', '--data', data], options));

/** A server on a folder, which ends with `t`. */
const server = async (t, data, flags, env) => {
  const s = await restartable(data, flags, env);
  s.end = async () => {
    s.child.kill('SIGTERM');
    assert.deepEqual(await s.ended(), [0, null], s.stderr);
    assert.doesNotMatch(s.stderr, /Sanitizer|runtime error:|panic/i);
  };
  t.after(() => (s.child.exitCode === null && s.child.signalCode === null ? s.end() : null));
  return s;
};

const logIn = async (s, email, password = PASSWORD) => {
  const answer = await fetch(`http://127.0.0.1:${s.port}/api/auth/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  await answer.text();
  return answer.status;
};

// ---- accounts

/** Everything that can be done with accounts, by commands alone. */
const manage = async (data, options) => {
  const id = (await create(data, 'Ada@Example.org', ['--admin'], options)).trim();
  assert.match(id, /^[\w-]{8,50}$/);
  await create(data, 'bob@example.org', ['--password-stdin'], options);
  await bad(['user', 'create', '--email', 'ada@example.org', '--name', 'X', '--data', data],
    /already/, { input: `${PASSWORD}\n`, ...options });
  const [ada] = (await users(data, options)).filter((user) => user.id === id);
  assert.deepEqual({ ...ada, createdAt: 0 }, {
    id, email: 'ada@example.org', name: 'Name of Ada@Example.org', isAdmin: true,
    isDisabled: false, createdAt: 0,
  });
  await good(['user', 'disable', 'ada@example.org', '--data', data], options);
  const listed = await good(['user', 'list', '--data', data], options);
  assert.match(listed, new RegExp(`^${id} +ada@example.org +Name of Ada@Example.org \\(admin\\) \\(disabled\\)$`, 'm'));
  assert.match(listed, /bob@example.org +Name of bob@example.org$/m);
  await good(['user', 'enable', id, '--data', data], options);
  assert.equal((await users(data, options)).find((user) => user.id === id).isDisabled, false);
  await good(['user', 'passwd', id, '--data', data], { input: 'another good password', ...options });
  await good(['user', 'delete', 'bob@example.org', '--data', data], options);
  assert.deepEqual((await users(data, options)).map((user) => user.email), ['ada@example.org']);
  for (const verb of ['disable', 'enable', 'delete', 'passwd'])
    await bad(['user', verb, 'nobody@example.org', '--data', data], /no such account/,
      { input: `${PASSWORD}\n`, ...options });
};

test('accounts', { concurrency: 2 }, async (t) => {
  await all(t, {
    'without a server': async (u) => {
      const folder = await folderOf(u);
      const data = path.join(folder, 'data');
      await manage(data);
      assert.equal((await stat(data)).mode & 0o777, 0o700);
      assert.equal(await exists(`${data}/admin.sock`), false);
      const s = await server(u, data);
      assert.equal(await logIn(s, 'ada@example.org', 'another good password'), 200);
      assert.equal(await logIn(s, 'ada@example.org'), 401);
      await good(['user', 'disable', 'ada@example.org', '--data', data]);
      assert.equal(await logIn(s, 'ada@example.org', 'another good password'), 401);
    },
    'with one': async (u) => {
      const data = await folderOf(u);
      const s = await server(u, data);
      const open = await s.descriptors();
      await manage(data);
      assert.equal(await logIn(s, 'ada@example.org', 'another good password'), 200);
      await eventually(async () => (await s.descriptors()) <= open + 1, 'connections to be closed');
    },
    'with one whose folder has a long name, on PostgreSQL too': async (u) => {
      const data = path.join(await folderOf(u), 'a'.repeat(100), 'b'.repeat(100));
      await mkdir(data, { recursive: true });
      const postgres = await Postgres.start(u);
      const options = { env: { DATABASE_URL: postgres.url } };
      await manage(data, options);
      const s = await server(u, data, [], options.env);
      assert.equal((await stat(`${data}/admin.sock`)).mode & 0o777, 0o600);
      assert.deepEqual((await users(data, options)).map((user) => user.email), ['ada@example.org']);
      await s.end();
      assert.equal(await exists(`${data}/admin.sock`), false);
    },
    'more than a page of them, made all at once': async (u) => {
      const data = await folderOf(u);
      const s = await server(u, data, ['--auth-password-memory', '8MiB', '--auth-password-passes', '1']);
      const wire = { socketPath: `${data}/admin.sock` };
      const body = (n) => JSON.stringify({ email: `u${n}@example.org`, name: `U ${n}`, password: PASSWORD });
      for (let n = 0; n < 230; n += 10) {
        const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => ask({ path: wire.socketPath },
          `POST /admin/users HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${
            Buffer.byteLength(body(n + i))}\r\n\r\n${body(n + i)}`)));
        assert.deepEqual(answers.map((answer) => answer.status), Array(10).fill(201));
      }
      const emails = (await users(data)).map((user) => user.email);
      assert.equal(emails.length, 230);
      assert.equal(new Set(emails).size, 230);
      assert.equal((await good(['user', 'list', '--data', data])).split('\n').length, 231);
      await s.end();
    },
  });
});

test('what is not said well', { concurrency: 4 }, async (t) => {
  const data = path.join(await folderOf(t), 'nowhere');
  const input = `${PASSWORD}\n`;
  const table = [ // arguments, status, what is said, input
    [['user', 'create'], 64, /--email EMAIL/],
    [['user', 'create', '--email', 'a@b.cd'], 64, /--name NAME/],
    [['user', 'create', '--email'], 64, /--email: a value is missing/],
    [['user', 'create', '--email', 'a@b.cd', '--name', 'A', 'x'], 64, /"x" is not expected/],
    [['user', 'creat'], 64, /"creat" is not .*did you mean create\?/],
    [['user', 'passwd'], 64, /whose account\?/],
    [['user', 'passwd', 'a', '--data', data], 1, /password is empty/],
    [['user', 'passwd', 'a', '--data', data], 1, /there is no database in .*nowhere/, input],
    [['user', 'list', '--data', data], 1, /there is no database in .*nowhere/],
    [['user', 'list', '--dat', data], 64, /"--dat" is not an option; did you mean --data\?/],
    [['backup'], 64, /Write `stoa backup FILE`/],
    [['backup', `${data}.tar`, '--data', data], 1, /nowhere: No such file/],
    [['restore'], 64, /Write `stoa restore FILE`/],
    [['restore', `${data}.tar`, '--data', data], 1, /nowhere.tar: No such file/],
    [['db', 'convert'], 64, /--to ADDRESS/],
    [['db', 'convert', '--to', 'mysql://x', '--data', data], 64, /begins with postgresql:/],
    [['db', 'convert', '--to', 'sqlite:', '--data', data], 64, /and a folder/],
    [['db', 'version', '--data', data], 1, /stoa.db: No such file/],
  ];
  await all(t, Object.fromEntries(table.map(([args, status, says, text]) => [args.join(' '),
    () => bad(args, says, { status, input: text ?? '' })])));
  for (const name of ['user', 'backup', 'restore', 'db']) {
    const help = await good([name, '--help']);
    assert.match(help, new RegExp(`^Usage: stoa ${name}`));
    assert.ok(help.split('\n').every((line) => line.length <= 100), help);
    assert.equal(await good(['help', name]), help);
  }
  assert.equal((await stoa(['user'])).status, 64);
  assert.equal(await exists(data), false);
});

test('weak passwords and bad addresses are refused in the words of the accounts', async (t) => {
  const data = await folderOf(t);
  const make = (email, name, input, says) =>
    bad(['user', 'create', '--email', email, '--name', name, '--data', data], says, { input });
  await make('a@example.org', 'A', 'short\n', /password/i);
  await make('nobody', 'A', `${PASSWORD}\n`, /address/i);
  await make('a@example.org', 'two\nlines', `${PASSWORD}\n`, /name/i);
  assert.deepEqual(await users(data), []);
});

test('a terminal is asked for the password twice, and does not show it', async (t) => {
  const data = await folderOf(t);
  const line = [...command, 'user', 'create', '--email', 'a@example.org', '--name', 'A', '--data', data]
    .map((word) => `'${word}'`).join(' ');
  const talk = async (answers) => {
    const child = spawn('script', ['-qec', line, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
    t.after(() => child.kill('SIGKILL'));
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part) => { text += part; });
    for (const [question, answer] of answers) {
      await eventually(() => text.includes(question), question);
      child.stdin.write(`${answer}\n`);
    }
    const [status] = await once(child, 'close');
    return { status, text };
  };
  const other = await talk([['Password: ', PASSWORD], ['The same again: ', 'something else']]);
  assert.match(other.text, /two different passwords/);
  assert.notEqual(other.status, 0);
  const broken = await talk([['Password: ', '\x03']]);
  assert.doesNotMatch(broken.text, /The same again/);
  const { status, text } = await talk([['Password: ', PASSWORD], ['The same again: ', PASSWORD]]);
  assert.equal(status, 0, text);
  assert.doesNotMatch(text, /horse/);
  assert.equal((await users(data)).length, 1);
});

// ---- the socket

test('the admin socket', { concurrency: 2 }, async (t) => {
  const data = await folderOf(t);
  await chmod(data, 0o755);
  const s = await server(t, data, ['--dev-tls']);
  const other = await folderOf(t);
  const plain = await server(t, other, ['--socket', `${other}/proxy.sock`]);
  const asks = (method, where) =>
    get({ path: `${data}/admin.sock` }, where, { Connection: 'close' }, method);
  const others = (method, where) => get({ path: `${other}/proxy.sock` }, where, {}, method);
  await all(t, {
    'is for its user alone': async () => {
      const { mode } = await stat(`${data}/admin.sock`);
      assert.equal(mode & 0o170777, 0o140600);
    },
    'leads to its own routes, and without TLS': async () => {
      const { status, body } = await asks('GET', '/admin/users');
      assert.equal(status, 200);
      assert.deepEqual(JSON.parse(body), { users: [], nextCursor: null });
      for (const where of ['/', '/healthz', '/metrics', '/docs', '/api/rooms', '/socket.io/'])
        assert.equal((await asks('GET', where)).status, 404, where);
    },
    'is not where others are': async () => {
      for (const [method, where] of [['GET', '/admin/users'], ['POST', '/admin/users'],
        ['POST', '/admin/copy'], ['POST', '/admin/users/delete'], ['OPTIONS', '/admin/users']]) {
        const wanted = await others(method, `${where}/nothing`);
        const got = await others(method, where);
        assert.deepEqual([got.status, `${got.body}`], [wanted.status, `${wanted.body}`], where);
        assert.equal(got.status, method === 'OPTIONS' ? wanted.status : 404);
      }
      const { body } = await others('GET', '/docs/openapi.json');
      assert.doesNotMatch(`${body}`, /\/admin\//);
    },
  });
  await Promise.all([s.end(), plain.end()]);
  assert.equal(await exists(`${data}/admin.sock`), false);
});

test('over TCP admin routes are not there', async (t) => {
  const data = await folderOf(t);
  const s = await server(t, data);
  for (const where of ['/admin/users', '/admin/copy', '/admin/users/delete', '/admin'])
    for (const method of ['GET', 'POST', 'DELETE', 'HEAD'])
      assert.equal((await get(s.port, where, { 'Content-Length': '0' }, method)).status, 404, where);
});

test('a server that was killed leaves a socket, which is replaced', async (t) => {
  const data = await folderOf(t);
  const killed = await restartable(data);
  killed.child.kill('SIGKILL');
  await killed.ended();
  assert.equal(await exists(`${data}/admin.sock`), true);
  assert.deepEqual(await users(data), []); // by a server of its own
  assert.equal(await exists(`${data}/admin.sock`), false);
  const s = await server(t, data);
  assert.deepEqual(await users(data), []);
  await s.end();
});

test('several commands at once, without a server, each get their turn', async (t) => {
  const data = await folderOf(t);
  const emails = Array.from({ length: 5 }, (_, i) => `user${i}@example.org`);
  await Promise.all(emails.map((email) => create(data, email)));
  assert.deepEqual((await users(data)).map((user) => user.email).sort(), emails);
});

test('a folder that is taken by who does not answer is said to be', async (t) => {
  const data = await folderOf(t);
  const s = await server(t, data);
  await rm(`${data}/admin.sock`);
  await bad(['user', 'list', '--data', data], new RegExp(`process ${s.pid}.* uses the data folder`));
  await bad(['restore', '/dev/null', '--data', data], /another Stoa uses this data folder/);
});

// ---- backups

const sqlite = async (file, text) => {
  const { status, stdout, stderr } = await run(['sqlite3', file, text]);
  assert.equal(status, 0, stderr);
  return stdout.trim();
};

/** Files as the server keeps them, of which the contents of `missing` are not there. */
const addFiles = async (data, ids, missing = []) => {
  const rows = ids.map((id, i) => `('${id}', null, 'u1', 'n', 'text/plain', 'shared', ${
    1000 * i + 5}, 1, 0, 0, 1)`);
  await sqlite(`${data}/stoa.db`, `insert into files values ${rows.join(',')}`);
  for (const [i, id] of ids.entries()) {
    if (missing.includes(id)) continue;
    await mkdir(`${data}/files/${id.slice(0, 2)}`, { recursive: true });
    await writeFile(`${data}/files/${id.slice(0, 2)}/${id}`, 'x'.repeat(1000 * i + 5));
  }
};

const idOf = (n) => createHash('md5').update(`${n}`).digest('hex');

/** The members of a plain tar: name, content, where its head begins. */
const membersOf = (archive) => {
  const members = [];
  for (let at = 0; archive[at] !== 0;) {
    const text = (from, to) => archive.toString('latin1', at + from, at + to).replace(/\0.*$/s, '');
    const size = parseInt(text(124, 136), 8);
    members.push({ at, name: text(0, 100), content: archive.subarray(at + 512, at + 512 + size) });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return members;
};

const head = (name, { size = 0, type = '0', link = '' } = {}) => {
  const block = Buffer.alloc(512);
  block.write(name, 0, 100);
  block.write('0000600\0', 100);
  block.write(typeof size === 'string' ? size : `${size.toString(8).padStart(11, '0')}\0`, 124);
  block.write('00000000000\0', 136);
  block.write(`        ${type}`, 148);
  block.write(link, 157);
  block.write('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
};

const member = (name, content, options) => {
  const bytes = Buffer.from(content);
  const padding = Buffer.alloc(-bytes.length & 511);
  return Buffer.concat([head(name, { size: bytes.length, ...options }), bytes, padding]);
};

const END = Buffer.alloc(1024);
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** The archive again with other contents, and all sums right. */
const forge = (archive, change) => {
  const contents = new Map(membersOf(archive).map(({ name, content }) => [name, content]));
  const manifest = JSON.parse(contents.get('manifest.json'));
  change(contents, manifest);
  contents.delete('manifest.json');
  contents.delete('manifest.sha256');
  for (const entry of [manifest.members].flat()) {
    if (!contents.has(entry.name)) continue;
    entry.bytes = contents.get(entry.name).length;
    entry.sha256 = sha256(contents.get(entry.name));
  }
  const text = Buffer.from(JSON.stringify(manifest));
  return Buffer.concat([...contents].map(([name, content]) => member(name, content))
    .concat(member('manifest.json', text),
      member('manifest.sha256', `${sha256(text)}  manifest.json\n`), END));
};

const historyOf = async (port, room) => {
  const messages = [];
  let before = '';
  do {
    const url = `http://127.0.0.1:${port}/api/rooms/${room}/messages?limit=200${before}`;
    const page = await (await fetch(url)).json();
    messages.unshift(...page.messages);
    before = page.nextCursor ? `&before=${encodeURIComponent(page.nextCursor)}` : '';
  } while (before);
  return messages;
};

const ROOMS = 8;

/** People who talk without a pause, a person in each room; `acked` are the numbers that came back. */
const crowd = async (s) => {
  const talkers = [];
  for (let i = 0; i < ROOMS; i++) {
    const room = `backup-${i}`;
    const person = await focus(s, room);
    const talker = { room, said: 0, acked: 0, isQuiet: false, person };
    const say = () => {
      talker.said = talker.acked + 1;
      person.say('chat', { id: `m${talker.acked}`, text: `${talker.acked}` });
    };
    person.ws.on('message', (data) => {
      const said = JSON.parse(`${data}`);
      if (said.type === 'error' && said.code === 'STORAGE_UNAVAILABLE') {
        setTimeout(say, 100); // the disk has a lot to do; by its id it is said once
        return;
      }
      assert.notEqual(said.type, 'error', `${data}`);
      if (said.type !== 'chat' || said.id !== `m${talker.acked}`) return;
      talker.acked++;
      person.forget();
      if (!talker.isQuiet) say();
    });
    person.say('join', { name: 'Talker' });
    await person.hears('state');
    say();
    talkers.push(talker);
  }
  await eventually(() => talkers.every(({ acked }) => acked > 20), 'people to talk');
  return talkers;
};

test('a backup during writes is a consistent prefix, with all that was acknowledged', async (t) => {
  const folder = await folderOf(t);
  const [data, elsewhere] = [path.join(folder, 'data'), path.join(folder, 'elsewhere')];
  const file = path.join(folder, 'stoa.tar.gz');
  await create(data, 'ada@example.org');
  await addFiles(data, [idOf(1), idOf(2), idOf(3)], [idOf(2)]);
  const s = await server(t, data, ['--rate-chat', '100000']);
  const talkers = await crowd(s);
  const before = talkers.map(({ acked }) => acked);
  const { status, stderr, stdout } = await stoa(['backup', file, '--data', data]);
  assert.equal(status, 0, `${stderr}\n${s.stderr}`);
  assert.equal(stdout, '');
  assert.match(stderr, /^stoa: warning: 1 file has no content: .*\n$/);
  const after = talkers.map(({ acked }) => acked);
  await eventually(() => talkers.every(({ acked }, i) => acked > after[i]), 'people to go on');
  for (const talker of talkers) talker.isQuiet = true;
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.deepEqual((await readdir(folder)).sort(), ['data', 'stoa.tar.gz']);
  assert.deepEqual((await readdir(data)).filter((name) => name.startsWith('backup-')), []);

  assert.match(await good(['restore', '--verify', file]),
    /8 rooms, \d+ messages and 2 files \(2\.0 KiB\), and the secret\.\n1 file has no content .*\nIt is good\.\n$/);
  assert.match(await good(['restore', file, '--data', elsewhere]), /It is now in .*elsewhere\.\n$/);
  assert.deepEqual((await readdir(elsewhere)).sort(), ['files', 'lock', 'secret', 'stoa.db']);
  for (const name of ['stoa.db', 'secret'])
    assert.equal((await stat(`${elsewhere}/${name}`)).mode & 0o777, 0o600);
  assert.equal(await readFile(`${elsewhere}/secret`, 'utf8'), await readFile(`${data}/secret`, 'utf8'));
  assert.equal((await readFile(`${elsewhere}/files/${idOf(3).slice(0, 2)}/${idOf(3)}`)).length, 2005);
  assert.equal(await sqlite(`${elsewhere}/stoa.db`, 'pragma integrity_check'), 'ok');
  const again = await server(t, elsewhere);
  for (const [i, { room }] of talkers.entries()) {
    const texts = (await historyOf(again.port, room)).map(({ text }) => text);
    assert.deepEqual(texts, texts.map((_, n) => `${n}`), 'a prefix without a hole');
    assert.ok(texts.length >= before[i], `${room}: ${before[i]} before, ${texts.length} kept`);
  }
  for (const { person } of talkers) person.drop();
  await Promise.all([s.end(), again.end()]);
});

test('what a backup is', async (t) => {
  const folder = await folderOf(t);
  const data = path.join(folder, 'data');
  await create(data, 'ada@example.org');
  await addFiles(data, [idOf(1), idOf(2)]);
  const file = path.join(folder, 'stoa.tar');
  assert.equal(await good(['backup', file, '--data', data]), '');
  const archive = await readFile(file);
  await all(t, {
    'a tar that every tar reads, with checksums that sha256sum checks': async (u) => {
      const place = await folderOf(u);
      const { status, stdout } = await run(['bash', '-c',
        `tar -xvf '${file}' -C '${place}' && cd '${place}' && sha256sum -c manifest.sha256 && sha256sum ${
          ''}stoa.db files/* secret`]);
      assert.equal(status, 0, stdout);
      assert.match(stdout, /manifest\.json: OK/);
      const manifest = JSON.parse(await readFile(`${place}/manifest.json`));
      for (const { name, sha256: sum, bytes } of manifest.members) {
        assert.ok(stdout.includes(`${sum}  ${name}`), name);
        assert.equal((await stat(`${place}/${name}`)).size, bytes);
      }
      assert.equal(manifest.rows.users, 1);
      assert.equal(manifest.rows.files, 2);
      assert.equal(manifest.format, 1);
      assert.match(manifest.createdAt, /^20\d\d-\d\d-\d\dT[\d:.]+Z$/);
    },
    'the same by standard output, or compressed': async (u) => {
      const place = await folderOf(u);
      const { status, body } = await stoa(['backup', '-', '--data', data]);
      assert.equal(status, 0);
      const names = (bytes) => membersOf(bytes).map(({ name }) => name);
      assert.deepEqual(names(body), names(archive));
      await good(['backup', `${place}/x.tar.gz`, '--data', data]);
      const packed = await readFile(`${place}/x.tar.gz`);
      assert.ok(packed.length < archive.length / 4);
      assert.deepEqual(names(gunzipSync(packed)), names(archive));
      assert.match(await good(['restore', '--verify', '-'], { input: body }), /good/);
      assert.match(await good(['restore', '--verify', '-'], { input: packed }), /good/);
      assert.match(await good(['restore', '-', '--verify'], { input: gzipSync(body) }), /good/);
    },
    'without the secret, if that is wanted': async (u) => {
      const place = await folderOf(u);
      const { body } = await stoa(['backup', '-', '--data', data, '--without-secret']);
      assert.ok(!membersOf(body).some(({ name }) => name === 'secret'));
      assert.match(await good(['restore', '-', '--data', `${place}/a`], { input: body }),
        /without the secret/);
      assert.equal(await exists(`${place}/a/secret`), false);
      await good(['restore', file, '--data', `${place}/b`, '--without-secret']);
      assert.equal(await exists(`${place}/b/secret`), false);
      assert.deepEqual((await users(`${place}/b`)).map(({ email }) => email), ['ada@example.org']);
    },
    'a file that appears whole or not at all': async (u) => {
      const place = await folderOf(u);
      await writeFile(`${place}/x.tar`, 'an older one', { mode: 0o644 });
      await good(['backup', `${place}/x.tar`, '--data', data]);
      assert.equal((await stat(`${place}/x.tar`)).mode & 0o777, 0o600);
      await bad(['backup', `${place}/no/x.tar`, '--data', data], /No such file/);
      await bad(['backup', place, '--data', data], /Is a directory/);
      await bad(['backup', '/dev/full/x', '--data', data], /Not a directory/);
      const full = await run(['bash', '-c',
        `${command.join(' ')} backup - --data '${data}' > /dev/full`]);
      assert.equal(full.status, 1);
      assert.match(full.stderr, /No space left/);
      assert.deepEqual(await readdir(place), ['x.tar']);
      assert.deepEqual((await readdir(data)).sort(), ['files', 'lock', 'secret', 'stoa.db']);
    },
    'not something for a folder that has a database, a secret or files': async (u) => {
      const place = await folderOf(u);
      await bad(['restore', file, '--data', data], /there is a database already/);
      await mkdir(`${place}/secret`, { recursive: true });
      await bad(['restore', file, '--data', place], /there is a secret already/);
      await rm(`${place}/secret`, { recursive: true });
      await mkdir(`${place}/files/aa`, { recursive: true });
      await bad(['restore', file, '--data', place], /there are files already/);
      await rm(`${place}/files/aa`, { recursive: true });
      await bad(['restore', file, '--data', `${place}/no/where`], /No such file/);
      await good(['restore', file, '--data', place]);
      assert.deepEqual((await readdir(place)).sort(), ['files', 'lock', 'secret', 'stoa.db']);
    },
  });
});

test('an archive that was changed is refused, and leaves nothing', { concurrency: 2 }, async (t) => {
  const folder = await folderOf(t);
  const data = path.join(folder, 'data');
  await create(data, 'ada@example.org');
  await addFiles(data, [idOf(1), idOf(2)]);
  await good(['backup', `${folder}/good.tar`, '--data', data]);
  const archive = await readFile(`${folder}/good.tar`);
  const members = membersOf(archive);
  let n = 0;

  /** It cannot be restored, nor is it said to be good; and that is said in a sentence. */
  const refuse = async (bytes, says = /./) => {
    const place = path.join(folder, `place-${n++}`);
    const temp = path.join(place, 'temp');
    await mkdir(temp, { recursive: true });
    const file = path.join(place, 'bad.tar');
    await writeFile(file, bytes);
    await bad(['restore', '--verify', file], says, { env: { TMPDIR: temp } });
    if (n % 3 === 0) await bad(['restore', file, '--data', `${place}/data`], says);
    assert.deepEqual((await readdir(place)).sort(), ['bad.tar', 'temp']);
    assert.deepEqual(await readdir(temp), []);
    await rm(place, { recursive: true });
  };
  const flip = (at, bits = 0x20) => {
    const bytes = Buffer.from(archive);
    bytes[at] ^= bits;
    return bytes;
  };
  const forged = (change) => forge(archive, change);
  const without = (...names) => Buffer.concat(members.filter(({ name }) => !names.includes(name))
    .map(({ name, content }) => member(name, content)).concat(END));
  const plus = (...more) => Buffer.concat([archive.subarray(0, -END.length), ...more, END]);

  assert.deepEqual(forged(() => {}).length, archive.length);
  await writeFile(`${folder}/forged.tar`, forged(() => {}));
  assert.match(await good(['restore', '--verify', `${folder}/forged.tar`]), /good/);

  const flips = [0, 1, 101, 109, 125, 137, 148, 155, 156, 257, 263, 300, 511]
    .flatMap((at) => [members[0].at + at, members[1].at + at])
    .concat(members.map(({ at }) => at + 512), members.map(({ at, content }) => at + 511 + content.length))
    .concat(members.map(({ at, content }) => at + 512 + content.length)
      .filter((at, i) => members[i].content.length % 512 !== 0))
    .concat(archive.length - 1, archive.length - END.length);
  for (let i = 0; i < (process.env.SOAK === '1' ? 2000 : 12); i++)
    flips.push(512 + ((i * 7919 * 512 + i * 131) % (archive.length - 1024)));

  await all(t, {
    [`a flipped byte, in ${flips.length} places`]: async () => {
      for (const at of flips) await refuse(flip(at, [0x01, 0x20, 0x80][at % 3]));
    },
    'an archive that was cut short': async () => {
      for (const { at, content } of members) {
        await refuse(archive.subarray(0, at), at === 0 ? /ends too early/ : /ends too early/);
        await refuse(archive.subarray(0, at + 512), /ends too early/);
        await refuse(archive.subarray(0, at + 512 + Math.floor(content.length / 2)), /too early/);
      }
      await refuse(archive.subarray(0, -512), /ends too early/);
      await refuse(archive.subarray(0, -1024), /ends too early/);
      await refuse(gzipSync(archive).subarray(0, -5), /ends too early/);
      await refuse(gzipSync(archive).subarray(0, 2000), /ends too early/);
      await refuse(Buffer.concat([gzipSync(archive), Buffer.from('x')]), /damaged/);
    },
    'a part of it that is missing': async () => {
      await refuse(without('manifest.json'), /end is missing/);
      await refuse(without('manifest.sha256'), /end is missing/);
      await refuse(without('manifest.json', 'manifest.sha256'), /end is missing/);
      await refuse(without('stoa.db'), /"stoa\.db" is missing/);
      await refuse(without('secret'), /"secret" is missing/);
      await refuse(without(`files/${idOf(1)}`), /"files\/.*" is missing/);
      await refuse(END, /end is missing/);
    },
    'what no backup holds': async () => {
      const names = ['../escape', '/etc/passwd', 'files/../../x', 'files/', 'files', 'stoa.db/x',
        `files/${idOf(9)}x`, `files/${idOf(9).toUpperCase()}`, 'files/tmp/x', './stoa.db', 'STOA.DB',
        'stoa.db-wal', 'x\x1b[31m', 'lock', 'admin.sock'];
      for (const name of names) await refuse(plus(member(name, 'x')), /has a name that nothing/);
      await refuse(plus(member('stoa.db', 'x')), /is there twice/);
      await refuse(plus(member(`files/${idOf(1)}`, 'x')), /is there twice/);
      await refuse(plus(head('secret2', { type: '2', link: '/etc/passwd' })), /is no file/);
      await refuse(Buffer.concat([head('stoa.db', { type: '2', link: '/etc/passwd' }), END]), /is no file/);
      await refuse(Buffer.concat([head('stoa.db', { type: '1', link: 'secret' }), END]), /is no file/);
      for (const type of ['3', '4', '5', '6', 'g', 'L', 'S'])
        await refuse(plus(head('files', { type })), /is no file/);
      await refuse(plus(member(`files/${idOf(9)}`, 'x')), /its manifest does not know/);
    },
    'sizes that nothing has': async () => {
      await refuse(Buffer.concat([head('stoa.db', { size: '77777777777\0' })]), /too early|larger than/);
      await refuse(Buffer.concat([head('secret', { size: 5000 })]), /too large for what it is/);
      await refuse(Buffer.concat([head('manifest.json', { size: 300 * 2 ** 20 })]), /too large/);
      const records = '28 size=9223372036854775807\n';
      await refuse(Buffer.concat([member('pax', records, { type: 'x' }), head('stoa.db'), END]),
        /larger than the room/);
      await refuse(Buffer.concat([head('stoa.db', { size: '\x80' })]), /no backup/);
    },
    'what is no archive at all': async () => {
      await refuse(Buffer.alloc(0), /ends too early/);
      await refuse('x', /ends too early/);
      await refuse(Buffer.alloc(4096, 'x'), /this is no backup/);
      await refuse(members[0].content, /this is no backup/);
      await refuse(gzipSync('x'.repeat(1000)), /this is no backup/);
    },
    'a manifest that is not true': async () => {
      await refuse(forged((contents, manifest) => { manifest.rows.users = 2; }), /other rows/);
      await refuse(forged((contents, manifest) => { manifest.rows.sqlite_schema = 2; }), /other rows/);
      await refuse(forged((contents, manifest) => { manifest.members.push(manifest.members[0]); }), /twice/);
      await refuse(forged((contents, manifest) => { manifest.members.pop(); }), /does not know/);
      await refuse(forged((contents, manifest) => { manifest.missing = [{ id: idOf(9), bytes: 1 }]; }),
        /files that its database does not know/);
      await refuse(forged((contents, manifest) => { manifest.members = {}; }), /not one of a backup/);
      await refuse(forged((contents, manifest) => { manifest.rows = []; }), /not one of a backup/);
      const later = /made by Stoa 9\.9, which is newer/;
      const newer = (member_) => forged((contents, manifest) => {
        Object.assign(manifest, member_, { stoa: '9.9' });
      });
      await refuse(newer({ schema: 999 }), later);
      await refuse(newer({ format: 2 }), later);
      await refuse(forged((contents, manifest) => { manifest.schema = 1; }), /another schema/);
    },
    'a database that is not what it should be': async () => {
      const db = (change) => forged((contents) => {
        const bytes = Buffer.from(contents.get('stoa.db'));
        change(bytes);
        contents.set('stoa.db', bytes);
      });
      await refuse(db((bytes) => bytes.fill(0x41, 5000, 60_000)), /database/);
      await refuse(db((bytes) => bytes.fill(0)), /database/);
      await refuse(forged((contents) => contents.set('stoa.db', Buffer.from('not one'))), /database/);
      await refuse(forged((contents) => contents.set('stoa.db', Buffer.alloc(0))), /database/);
      await refuse(forged((contents, manifest) => {
        contents.delete('stoa.db');
        manifest.members = manifest.members.filter(({ name }) => name !== 'stoa.db');
      }), /no database in it/);
      await refuse(forged((contents) => contents.set(`files/${idOf(1)}`, Buffer.from('other'.repeat(9)))),
        /not what the database says/);
    },
  });
  await symlink(`${folder}/good.tar`, `${folder}/link`);
  assert.match(await good(['restore', '--verify', `${folder}/link`]), /good/);
});

test('whoever is interrupted leaves nothing', async (t) => {
  const folder = await folderOf(t);
  const data = path.join(folder, 'data');
  await create(data, 'ada@example.org');
  const ids = Array.from({ length: 3 }, (_, i) => idOf(i));
  await addFiles(data, ids);
  const { body } = await stoa(['backup', '-', '--data', data]);
  const temp = path.join(folder, 'temp');
  await mkdir(temp);
  /** Gives it half of an archive, and then a signal. */
  const interrupt = async (args, signal) => {
    const child = spawn(command[0], [...command.slice(1), ...args],
      { stdio: ['pipe', 'ignore', 'pipe'], env: { ...process.env, TMPDIR: temp } });
    child.stdin.write(body.subarray(0, body.length / 2));
    await eventually(async () => (await readdir(temp)).length + (await readdir(folder)).length > 2,
      'it to begin');
    child.kill(signal);
    const [status, how] = await once(child, 'close');
    assert.deepEqual([status, how], [null, signal]);
    assert.deepEqual((await readdir(folder)).sort(), ['data', 'temp']);
    assert.deepEqual(await readdir(temp), []);
  };
  await interrupt(['restore', '--verify', '-'], 'SIGINT');
  await interrupt(['restore', '-', '--data', `${folder}/new`], 'SIGTERM');
  const reader = spawn('bash', ['-c', `${command.join(' ')} backup - --data '${data}' | head -c 1000`],
    { stdio: ['ignore', 'ignore', 'pipe'] });
  await once(reader, 'close');
  await eventually(async () => (await readdir(data)).sort().join() === 'files,lock,secret,stoa.db',
    'the copy to be gone');
});

test('a folder of somebody else is not touched', { skip: process.getuid() !== 0 }, async (t) => {
  const folder = await folderOf(t);
  const data = path.join(folder, 'data');
  await create(data, 'ada@example.org');
  await good(['backup', `${folder}/x.tar`, '--data', data]);
  await chown(data, 65534, 65534);
  await mkdir(`${folder}/other`);
  await chown(`${folder}/other`, 65534, 65534);
  await bad(['user', 'list', '--data', data], /belongs to another user/);
  await bad(['restore', `${folder}/x.tar`, '--data', `${folder}/other`], /belongs to another user/);
  assert.deepEqual(await readdir(`${folder}/other`), []);
});

// ---- moves

test('from SQLite to PostgreSQL and back, everything is the same', async (t) => {
  const folder = await folderOf(t);
  const [data, back] = [path.join(folder, 'data'), path.join(folder, 'back')];
  const postgres = await Postgres.start(t);
  await create(data, 'ada@example.org');
  const s = await server(t, data, ['--rate-chat', '100000']);
  const talkers = await crowd(s);
  for (const talker of talkers) talker.isQuiet = true;
  await eventually(() => talkers.every(({ said, acked }) => said === acked), 'people to be quiet');
  const rooms = talkers.map(({ room }) => room);
  const histories = async (port) => Promise.all(rooms.map((room) => historyOf(port, room)));
  const wanted = await histories(s.port);
  assert.ok(wanted.every((messages) => messages.length > 20));

  const rowsOf = (text) => Object.fromEntries(text.trim().split('\n').map((line) => line.split(/ +/)));
  const there = rowsOf(await good(['db', 'convert', '--to', postgres.url, '--data', data]));
  assert.equal(there.users, '1');
  assert.equal(there.rooms, `${ROOMS}`);
  assert.equal(Number(there.messages), wanted.flat().length);
  await bad(['db', 'convert', '--to', postgres.url, '--data', data], /something at that place already/);
  for (const { person } of talkers) person.drop();
  await s.end();

  const env = { DATABASE_URL: postgres.url };
  const onPostgres = await server(t, data, [], env);
  assert.deepEqual(await histories(onPostgres.port), wanted);
  assert.deepEqual((await users(data, { env })).map(({ email }) => email), ['ada@example.org']);
  assert.equal(await logIn(onPostgres, 'ada@example.org'), 200);
  await onPostgres.end();

  const home = rowsOf(await good(['db', 'convert', '--to', `sqlite:${back}`, '--data', data], { env }));
  for (const table of ['users', 'rooms', 'messages', 'whiteboard_snapshots', 'files'])
    assert.equal(home[table], there[table], table);
  await bad(['db', 'convert', '--to', `sqlite:${back}`, '--data', data], /something at that place already/, { env });
  const again = await server(t, back);
  assert.deepEqual(await histories(again.port), wanted);
  assert.equal(await logIn(again, 'ada@example.org'), 200);
  await again.end();

  const file = path.join(folder, 'postgres.tar');
  await good(['backup', file, '--data', data], { env });
  assert.match(await good(['restore', '--verify', file]), /1 account, 8 rooms/);
  const says = /^The database has schema (\d+); this Stoa knows schema \1\.\n$/;
  assert.match(await good(['db', 'version', '--data', back]), says);
  assert.match(await good(['db', 'version', '--data', data], { env }), says);
  await bad(['db', 'version', '--data', data], /\S/,
    { env: { DATABASE_URL: await postgres.fresh() } });
  await bad(['db', 'convert', '--to', 'postgresql://stoa:hunter2@127.0.0.1:1/no', '--data', back],
    /^(?!.*hunter2)/);
});
