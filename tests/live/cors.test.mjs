// Which pages may talk to this server: CORS for requests, the Origin header for WebSockets.
import assert from 'node:assert/strict';
import test from 'node:test';

import { all, errorCode, get, serve, Wire } from './stoa.mjs';

const APP = 'https://app.example';

test('CORS', { concurrency: 4 }, async (t) => {
  const s = await serve(t, ['--cors-origins', `${APP},http://localhost:3000`]);
  const preflight = (origin, more = {}) =>
    get(s.port, '/healthz', { Origin: origin, 'Access-Control-Request-Method': 'GET', ...more },
      'OPTIONS');

  await all(t, {
    'a preflight of a configured origin': async () => {
      for (const origin of [APP, 'http://localhost:3000']) {
        const { status, headers } = await preflight(origin,
          { 'Access-Control-Request-Headers': 'authorization, x-a' });
        assert.equal(status, 204);
        assert.equal(headers['access-control-allow-origin'], origin);
        assert.equal(headers['access-control-allow-credentials'], 'true');
        assert.match(headers['access-control-allow-methods'], /\bGET\b/);
        assert.equal(headers['access-control-allow-headers'], 'authorization, x-a');
        assert.match(headers['access-control-max-age'], /^\d+$/);
        assert.match(headers.vary, /\bOrigin\b/);
        assert.equal(headers['content-length'], undefined);
      }
    },
    'a preflight for a file': async () => {
      const { status, headers } = await get(s.port, '/docs.css', { Origin: APP }, 'OPTIONS');
      assert.equal(status, 204);
      assert.equal(headers['access-control-allow-origin'], APP);
    },
    'a preflight of others permits nothing': async () => {
      for (const origin of ['https://evil.example', 'null', `${APP}.evil.example`, `${APP}:443`,
        'http://app.example', 'https://x.app.example', '*', '', `${APP}/`]) {
        const { status, headers } = await preflight(origin);
        assert.equal(status, 204, origin);
        assert.match(headers.vary, /\bOrigin\b/);
        assert.deepEqual(Object.keys(headers).filter((name) => name.startsWith('access-control')),
          [], origin);
      }
    },
    'answers and errors may be read by a configured origin': async () => {
      for (const where of ['/healthz', '/', '/nowhere']) {
        const ours = await get(s.port, where, { Origin: APP });
        assert.equal(ours.headers['access-control-allow-origin'], APP);
        assert.match(ours.headers.vary, /\bOrigin\b/);
        const other = await get(s.port, where, { Origin: 'https://evil.example' });
        assert.equal(other.headers['access-control-allow-origin'], undefined);
        assert.match(other.headers.vary, /\bOrigin\b/);
        assert.equal(other.status, ours.status, 'it is the browser that keeps it from the page');
      }
      const body = 'Content-Length: 1\r\n\r\n';
      const wire = await Wire.open(s.port);
      const { status, headers } = await wire.request(
        `GET /healthz HTTP/1.1\r\nHost: localhost\r\nOrigin: ${APP}\r\n${body}`);
      assert.deepEqual([status, headers['access-control-allow-origin']], [413, APP]);
      wire.close();
    },
  });
});

test('Origin of a WebSocket', { concurrency: 4 }, async (t) => {
  const plain = await serve(t, ['--cors-origins', APP]);
  const named = await serve(t, ['--public-url', 'https://stoa.example:8443']);

  const check = async (s, host, origin, status) => {
    const wire = await Wire.open(s.port);
    const answer = await wire.upgrade({ host, headers: { Origin: origin } });
    assert.equal(answer.status, status, `${origin} at ${host}`);
    if (status === 403) assert.equal(errorCode(answer), 'BAD_ORIGIN');
    wire.close();
  };
  const host = `127.0.0.1:${plain.port}`;
  const table = [
    [undefined, 101],
    [`http://${host}`, 101],
    [`HTTP://${host}`, 403], // no browser writes it so
    [APP, 101],
    ['null', 403],
    ['', 403],
    [`https://${host}`, 403],
    [`ws://${host}`, 403],
    ['http://127.0.0.1', 403],
    [`http://127.0.0.1:${plain.port + 1}`, 403],
    [`http://127.0.0.1:${plain.port}0`, 403],
    [`http://localhost:${plain.port}`, 403],
    ['http://evil.example', 403],
    [`http://${host}.evil.example`, 403],
    [`http://evil${host}`, 403],
    [`http://${host}@evil.example`, 403],
    [`http://evil.example@${host}`, 403],
    [`http://${host}/`, 403],
    [`http://${host} https://evil.example`, 403],
    [`https://evil.example http://${host}`, 403],
    [host, 403],
    ['*', 403],
    ['http://127.0.0.1:*', 403],
    [`${APP}.evil.example`, 403],
    ['https://evilapp.example', 403],
    ['https://evil-app.example', 403],
    ['https://x.app.example', 403],
    [`${APP}:443`, 403],
    ['http://app.example', 403],
    [`${APP}@evil.example`, 403],
    [`${APP}%00`, 403],
    ['file://', 403],
    ['chrome-extension://app.example', 403],
  ];
  const ours = 'stoa.example:8443';
  const publicTable = [
    [ours, undefined, 101],
    [ours, `https://${ours}`, 101],
    [ours, 'https://stoa.example', 403],
    [ours, `http://${ours}`, 403],
    [ours, 'https://evil.example', 403],
    [ours, 'null', 403],
    [ours, `https://${ours}.evil.example`, 403],
    ['localhost', 'http://localhost', 403], // another page on the same machine
    ['localhost', undefined, 101],
  ];
  await all(t, {
    'must be the host that is called, or a configured one': async () => {
      for (const [origin, status] of table) await check(plain, host, origin, status);
    },
    'must be the public address where there is one': async () => {
      for (const row of publicTable) await check(named, ...row);
    },
    'is not made good by a second one': async () => {
      const wire = await Wire.open(plain.port);
      const answer = await wire.upgrade({ host,
        headers: { Origin: `https://evil.example\r\nOrigin: http://${host}` } });
      assert.equal(answer.status, 403);
      wire.close();
    },
  });
});
