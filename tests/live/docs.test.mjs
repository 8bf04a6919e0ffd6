// The documents: valid by other people's judgement, the same as the committed ones, true of what the
// server does and says; and the page for people, in a browser.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import specs from '@asyncapi/specs';
import { Validator } from '@seriousme/openapi-schema-validator';
import Ajv from 'ajv';
import { chromium } from 'playwright-core';

import { all, get, program, run, serve } from './stoa.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (name) => readFile(path.join(root, name), 'utf8');
const committed = async (name) => JSON.parse(await read(`docs/${name}.json`));
const openapi = await committed('openapi');
const asyncapi = await committed('asyncapi');
const messages = Object.entries(asyncapi.components.messages);

const shapes = new Ajv({ strict: false, allErrors: true });
const why = (check) => shapes.errorsText(check.errors);

/** What is at the end of a `#/a/b` reference. */
const resolve = (document, { $ref }) => $ref.slice(2).split('/')
  .reduce((at, key) => at?.[key], document);

const references = (value) => {
  if (value === null || typeof value !== 'object') return [];
  const own = typeof value.$ref === 'string' ? [value] : [];
  return [...own, ...Object.values(value).flatMap(references)];
};

test('the documents', async (t) => {
  const server = await serve(t);

  await all(t, {
    'openapi.json is OpenAPI 3.1': async () => {
      assert.match(openapi.openapi, /^3\.1\./);
      const { valid, errors } = await new Validator().validate(structuredClone(openapi));
      assert.ok(valid, JSON.stringify(errors, null, 1));
    },
    'asyncapi.json is AsyncAPI 3.0': () => {
      // The schema brings the schema of schemas with it.
      const ajv = new Ajv({ meta: false, validateSchema: false, strict: false, validateFormats: false });
      const check = ajv.compile(specs.schemas['3.0.0']);
      assert.ok(check(asyncapi), ajv.errorsText(check.errors));
      assert.ok(!check({ ...asyncapi, info: {} }), 'it would have been seen');
    },
    'every reference leads somewhere': () => {
      for (const document of [openapi, asyncapi]) {
        const all = references(document);
        assert.ok(all.length > 10);
        for (const one of all) assert.ok(resolve(document, one), one.$ref);
      }
    },
    'served and committed are the same': async () => {
      for (const [name, mine] of Object.entries({ openapi, asyncapi })) {
        const { status, headers, body } = await get(server.port, `/docs/${name}.json`);
        assert.equal(status, 200);
        assert.match(headers['content-type'], /^application\/json/);
        assert.deepEqual(JSON.parse(body), mine, `docs/${name}.json`);
      }
    },
    'examples are objects or lists, and of the shape that is said of them': () => {
      for (const [key, { payload, examples }] of messages) {
        const check = shapes.compile(payload);
        assert.equal(examples === undefined, key.includes('.in.'), key);
        for (const example of examples ?? []) {
          assert.equal(typeof example.payload, 'object', key);
          assert.notEqual(example.payload, null, key);
          assert.ok(check(example.payload), `${key}: ${why(check)}`);
        }
      }
    },
    'an answer is a message of the same language': () => {
      const replies = Object.entries(asyncapi.operations).filter(([, { reply }]) => reply);
      assert.ok(replies.length > 20);
      for (const [key, { channel, reply }] of replies) {
        assert.deepEqual(reply.channel, channel, key);
        for (const { $ref } of reply.messages)
          assert.ok($ref.startsWith(`${channel.$ref}/messages/`) && $ref.includes('.out.'), $ref);
      }
    },
  });
});

// ---- what is said, and what is answered

const runner = path.join(path.dirname(program), 'tests/wire/run');

test('whatever the transcripts hear is as the document says',
  { skip: existsSync(runner) ? false : `no ${runner}` }, async () => {
    const checks = {};
    for (const [key, { name, payload }] of messages)
      if (key.includes('.out.')) (checks[name] ??= []).push(shapes.compile(payload));
    const { stdout } = await run([runner, '-v']);
    let n = 0;
    for (const line of stdout.split('\n')) {
      const [, word, json] = /^# \S+ < (?:(\S+) )?([{[].*)$/s.exec(line) ?? [];
      if (!json) continue;
      const payload = JSON.parse(json);
      const name = word ?? payload.type;
      const fits = checks[name]?.some((check) => check(payload));
      assert.ok(fits, `${name} ${json.slice(0, 300)}: ${checks[name]?.map(why)}`);
      n++;
    }
    assert.ok(n > 1000, `${n} messages`);
  });

/** The rows of src/web/routes.c that are calls: [method, pattern]. */
const calls = async () => (await read('src/web/routes.c')).split(/^ {4}\{$/m)
  .filter((row) => row.includes('  REST('))
  .map((row) => [/HTTP1_([A-Z]+)/.exec(row)[1].toLowerCase(), /\.pattern = "(.*)"/.exec(row)[1]]);

test('HTTP', async (t) => {
  const server = await serve(t);
  const ask = async (method, pattern, { params = {}, body, key } = {}) => {
    const operation = openapi.paths[pattern][method];
    const where = pattern.replace(/\{(.*?)\}/g, (_, name) => params[name]);
    const answer = await fetch(`http://127.0.0.1:${server.port}${where}`, {
      method: method.toUpperCase(),
      body: body && JSON.stringify(body),
      headers: { ...(body && { 'Content-Type': 'application/json' }), ...(key && { 'X-Creation-Key': key }) },
    });
    const text = await answer.text();
    const said = operation.responses[answer.status];
    assert.ok(said, `${method} ${where}: ${answer.status} ${text}`);
    if (!said.content) return assert.equal(text, '');
    const check = shapes.compile(said.content['application/json'].schema);
    assert.ok(check(JSON.parse(text)), `${method} ${where}: ${why(check)} ${text}`);
    return JSON.parse(text);
  };

  await all(t, {
    'every call of the table is documented, with what it takes and gives': async () => {
      const rows = await calls();
      assert.ok(rows.length > 10);
      for (const [method, pattern] of rows) {
        const operation = openapi.paths[pattern]?.[method];
        assert.ok(operation, `${method} ${pattern}`);
        const named = operation.parameters.filter((one) => one.in === 'path').map((one) => one.name);
        assert.deepEqual(named, [...pattern.matchAll(/\{(.*?)\}/g)].map(([, name]) => name));
        const [status, { content }] = Object.entries(operation.responses)[0];
        assert.ok(content || status === '204', `${method} ${pattern} gives nothing`);
      }
      const body = openapi.paths['/rooms'].post.requestBody.content['application/json'].schema;
      assert.equal(body.properties.focus_minutes.maximum, 1440);
      const query = openapi.paths['/api/rooms'].get.parameters.find((one) => one.name === 'limit');
      assert.deepEqual([query.in, query.schema.default], ['query', 50]);
    },
    'every path of the document takes the methods that are said': async () => {
      for (const [pattern, methods] of Object.entries(openapi.paths)) {
        const where = pattern.replace(/\{.*?\}/g, 'x');
        const other = ['PATCH', 'PUT', 'DELETE'].find((name) => !(name.toLowerCase() in methods));
        const { status, headers } = await get(server.port, where, {}, other);
        assert.equal(status, 405, where);
        for (const method of Object.keys(methods))
          assert.ok(headers.allow.split(', ').includes(method.toUpperCase()), `${method} ${where}`);
      }
    },
    'answers are of the shape that is said': async () => {
      const made = await ask('post', '/api/rooms', { body: { title: 'Algebra', id: 'algebra' } });
      const params = { id: made.id, room_id: 'deep', sessionId: made.id };
      for (const pattern of ['/api/rooms', '/api/rooms/{id}', '/api/rooms/{id}/messages',
        '/api/ice-servers', '/api/chat/session/{sessionId}', '/api/sessions', '/rooms'])
        await ask('get', pattern, { params });
      await fetch(`http://127.0.0.1:${server.port}/rooms`, { // 201
        method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"room_id":"deep"}',
      });
      await ask('get', '/rooms/{room_id}', { params });
      await ask('post', '/rooms/{room_id}/reset', { params });
      await ask('get', '/health');
      await ask('get', '/readyz');
      await ask('delete', '/api/rooms/{id}', { params, key: made.creationKey });
    },
  });
});

// ---- the page

const EMPTY = ['link', 'meta', '!doctype'];

/** Each tag has its end, in order; gives how many there are. */
const tags = (html) => {
  const open = [];
  let n = 0;
  for (const [, end, name] of html.matchAll(/<(\/?)(!?[a-z0-9]+)(?:\s[^<>]*)?>/g)) {
    n++;
    if (end) assert.equal(open.pop(), name, `</${name}> at tag ${n}`);
    else if (!EMPTY.includes(name)) open.push(name);
  }
  assert.deepEqual(open, []);
  return n;
};

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const args = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];

/** What is wrong with the page as it is shown; runs there. */
const faults = (keys) => {
  const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);
  const links = [...document.querySelectorAll('a[href^="#"]')].map((one) => decodeURIComponent(one.hash.slice(1)));
  const sheets = [...document.styleSheets].filter((one) => one.cssRules.length > 0);
  return {
    missing: keys.filter((key) => !ids.includes(key)),
    twice: ids.filter((id, i) => ids.indexOf(id) !== i),
    nowhere: links.filter((id) => !ids.includes(id)),
    sheets: sheets.length,
    isWide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
  };
};

test('the page', async (t) => {
  const server = await serve(t);

  await all(t, {
    'is sound HTML, and may do nothing': async () => {
      const { status, headers, body } = await get(server.port, '/docs');
      assert.equal(status, 200);
      assert.equal(headers['content-type'], 'text/html; charset=utf-8');
      assert.match(headers['content-security-policy'], /default-src 'none'/);
      assert.ok(tags(`${body}`) > 2000);
      assert.ok(!`${body}`.includes('`'), 'backticks have become code');
    },
    'shows every message in a browser': async (u) => {
      if (!existsSync(executablePath)) return u.skip(`no ${executablePath}`);
      const browser = await chromium.launch({ executablePath, args, headless: true });
      u.after(() => browser.close());
      const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
      const said = [];
      page.on('console', (message) => said.push(message.text()));
      page.on('requestfailed', (request) => said.push(`${request.url()} failed`));
      await page.goto(`http://127.0.0.1:${server.port}/docs`);
      const good = { missing: [], twice: [], nowhere: [], sheets: 1, isWide: false };
      const keys = messages.map(([key]) => key);
      assert.deepEqual(await page.evaluate(faults, keys), good);
      await mkdir(path.join(root, 'build'), { recursive: true });
      await page.screenshot({ path: path.join(root, 'build/docs.png') });
      await page.setViewportSize({ width: 380, height: 800 });
      assert.deepEqual(await page.evaluate(faults, keys), good);
      assert.deepEqual(said, []);
    },
  });
});
