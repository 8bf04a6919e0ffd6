// A service that speaks S3 for tests: s3rver from npm, which keeps the objects but looks at no
// signature of version 4, behind a doorman that does: each address must be the one that AWS' own
// presigner makes for the same request, at the same time, and the request must be what was signed.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SignatureV4 } from '@smithy/signature-v4';
import { createHash, createHmac } from 'node:crypto';
import S3rver from 's3rver';

export const KEY = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };
export const REGION = 'eu-central-1';
export const BUCKET = 'stoa-test';

/** What the presigner needs of a hash. */
class Sha256 {
  constructor(secret) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret);
  }

  update(data) {
    this.hash.update(data);
  }

  async digest() {
    return new Uint8Array(this.hash.digest());
  }
}

const signer = new SignatureV4({
  service: 's3', region: REGION, credentials: KEY, sha256: Sha256, uriEscapePath: false, applyChecksum: false,
});

const timeOf = (text) => new Date(text.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));

/** Why the request is not what somebody signed; undefined: it is. */
const fault = async (request) => {
  const url = new URL(request.url, `http://${request.headers.host}`);
  const asked = Object.fromEntries(url.searchParams);
  const { 'X-Amz-Signature': signature, 'X-Amz-Date': date, 'X-Amz-Expires': expires,
    'X-Amz-SignedHeaders': signed } = asked;
  if (!signature) return 'no signature';
  if (Date.now() > timeOf(date).getTime() + expires * 1000) return 'expired';
  const query = Object.fromEntries(Object.entries(asked).filter(([name]) => !name.startsWith('X-Amz-')));
  const headers = Object.fromEntries(signed.split(';').map((name) => [name, request.headers[name] ?? '']));
  const payload = new Set(['x-amz-content-sha256']); // says that it is not signed, and is not sent
  const made = await signer.presign({ method: request.method, protocol: 'http:', hostname: url.hostname,
    path: url.pathname, query, headers: { ...headers, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } },
  { signingDate: timeOf(date), expiresIn: Number(expires), unhoistableHeaders: payload, unsignableHeaders: payload });
  const isSame = made.query['X-Amz-Signature'] === signature && made.query['X-Amz-SignedHeaders'] === signed;
  return isSame ? undefined : 'another signature';
};

export class Service {
  faults = [];
  requests = [];

  static async start(t) {
    const service = new Service();
    service.folder = await mkdtemp(path.join(tmpdir(), 'stoa-s3-'));
    service.store = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory: service.folder,
      allowMismatchedSignatures: true, vhostBuckets: false, configureBuckets: [{ name: BUCKET }] });
    const { port } = await service.store.run();
    service.behind = port;
    service.doorman = http.createServer((request, response) => service.#judge(request, response));
    service.doorman.listen(0, '127.0.0.1');
    await once(service.doorman, 'listening');
    service.endpoint = `http://127.0.0.1:${service.doorman.address().port}`;
    t.after(() => service.stop());
    return service;
  }

  async #judge(request, response) {
    this.requests.push(`${request.method} ${request.url.split('?')[0]}`);
    const why = await fault(request);
    if (why) {
      this.faults.push(why);
      request.resume();
      response.writeHead(403).end(`<Error><Code>SignatureDoesNotMatch</Code><Message>${why}</Message></Error>`);
      return;
    }
    const behind = http.request({ host: '127.0.0.1', port: this.behind, method: request.method,
      path: request.url, headers: request.headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    behind.on('error', () => response.destroy());
    request.pipe(behind);
  }

  async stop() {
    this.doorman.closeAllConnections();
    this.doorman.close();
    await this.store.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
