// Before somebody enters: whether the server's line comes through, whether UDP gets out, and
// whether a relay is there for when it does not.
import type { IceServer } from '~/wire/types';

export type Check = 'testing' | 'ok' | 'failed' | 'none';

export interface ConnectionReport {
  websocket: Check;
  udp: Check; // none: no server to ask
  relay: Check; // none: there is no relay
}

const WAIT_MS = 8000;

const only = (servers: readonly IceServer[], scheme: RegExp): IceServer[] =>
  servers
    .map((server) => ({ ...server, urls: [server.urls].flat().filter((url) => scheme.test(url)) }))
    .filter((server) => server.urls.length > 0);

/** Settles by `begin`'s `settle`, after a while, or when it is no longer wanted. `begin` gives what
 * cleans up. */
const withinReason = (
  signal: AbortSignal | undefined,
  begin: (settle: (ok: boolean) => void) => () => void,
): Promise<boolean> =>
  new Promise((resolve) => {
    let clean = () => {};
    const settle = (ok: boolean) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      clean();
      resolve(ok);
    };
    const abort = () => settle(false);
    const timer = setTimeout(abort, WAIT_MS);
    signal?.addEventListener('abort', abort);
    clean = begin(settle);
    if (signal?.aborted) abort();
  });

/** The very line that the room uses, as far as its first words. */
const testWebSocket = (signal?: AbortSignal): Promise<boolean> =>
  withinReason(signal, (settle) => {
    const url = new URL('/socket.io/?EIO=4&transport=websocket', location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url);
    socket.onmessage = ({ data }) => settle(typeof data === 'string' && data.startsWith('0'));
    socket.onclose = () => settle(false);
    return () => {
      socket.onmessage = socket.onclose = null;
      socket.close();
    };
  });

/** Whether a candidate of `type` is found. A browser keeps one to itself that is the same as an
 * address of its own: then at least nobody complained. */
const testCandidate = (
  configuration: RTCConfiguration,
  type: 'srflx' | 'relay',
  signal?: AbortSignal,
): Promise<boolean> =>
  withinReason(signal, (settle) => {
    const pc = new RTCPeerConnection(configuration);
    let complaints = 0;
    pc.onicecandidateerror = () => complaints++;
    pc.onicecandidate = ({ candidate }) => {
      if (candidate?.type === type) settle(true);
      if (!candidate) settle(type === 'srflx' && complaints === 0);
    };
    pc.createDataChannel('test');
    pc.setLocalDescription().catch(() => settle(false));
    return () => {
      pc.onicecandidate = pc.onicecandidateerror = null;
      pc.close();
    };
  });

/** Tries everything at once, and tells the whole report whenever it has learnt something. */
export const testConnection = async (
  servers: readonly IceServer[],
  onChange: (report: ConnectionReport) => void,
  signal?: AbortSignal,
): Promise<ConnectionReport> => {
  const stun = only(servers, /^stuns?:/i);
  const turn = only(servers, /^turns?:/i);
  let report: ConnectionReport = {
    websocket: 'testing',
    udp: stun.length > 0 ? 'testing' : 'none',
    relay: turn.length > 0 ? 'testing' : 'none',
  };
  const learn = async (way: keyof ConnectionReport, test: () => Promise<boolean>) => {
    if (report[way] === 'none') return;
    // A server that the browser does not understand throws at once.
    const ok = await test().catch(() => false);
    report = { ...report, [way]: ok ? 'ok' : 'failed' };
    if (!signal?.aborted) onChange(report);
  };
  onChange(report);
  await Promise.all([
    learn('websocket', () => testWebSocket(signal)),
    learn('udp', () => testCandidate({ iceServers: stun }, 'srflx', signal)),
    learn('relay', () =>
      testCandidate({ iceServers: turn, iceTransportPolicy: 'relay' }, 'relay', signal),
    ),
  ]);
  return report;
};
