// What two meshes say to each other, beside what any WebRTC client says. Offers and answers carry a
// tag that others do not look at; `data` carries notes. All of it comes from somebody else's
// page, so nothing is believed before it was looked at.
//
// A generation is the life of one RTCPeerConnection on both ends. Whoever builds a new one counts
// up; whoever hears of a higher number builds one, too; what is said of a lower one is too late.

export interface Tag {
  generation: number;
  round: number; // of offers of one side; an answer has that of its offer
}

export interface Description {
  type: 'offer' | 'answer';
  sdp: string;
  tag: Tag | null; // null: of another kind of client
}

/** fresh: "my connection is new and waits for your offer." reset: "yours is too old."
 * restart: "restart ICE, please." retry: "we both had given up; let us begin anew." */
export interface Note {
  call: 'fresh' | 'reset' | 'restart' | 'retry';
  n: number; // the generation
}

const CALLS: readonly Note['call'][] = ['fresh', 'reset', 'restart', 'retry'];

type Members = Record<string, unknown>;

const isObject = (value: unknown): value is Members => typeof value === 'object' && value !== null;

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

const readTag = (value: unknown): Tag | null => {
  if (!isObject(value)) return null;
  const { generation, round } = value;
  return isCount(generation) && isCount(round) ? { generation, round } : null;
};

export const readDescription = (type: 'offer' | 'answer', what: unknown): Description | null => {
  if (typeof what === 'string') return { type, sdp: what, tag: null };
  if (!isObject(what) || typeof what.sdp !== 'string') return null;
  if (what.type !== undefined && what.type !== type) return null;
  return { type, sdp: what.sdp, tag: readTag(what.call) };
};

export const writeDescription = (type: 'offer' | 'answer', sdp: string, call: Tag | null) =>
  call ? { type, sdp, call } : { type, sdp };

export const readNote = (what: unknown): Note | null => {
  if (!isObject(what) || !isCount(what.n)) return null;
  const call = CALLS.find((known) => known === what.call);
  return call ? { call, n: what.n } : null;
};

/** A candidate, and the ice-ufrag of the description that it belongs to if it says so. Null if
 * there is nothing to add: "no more of them" is found out without being told. */
export const readCandidate = (
  what: unknown,
): { init: RTCIceCandidateInit; ufrag: string | null } | null => {
  if (!isObject(what) || typeof what.candidate !== 'string' || what.candidate === '') return null;
  const init: RTCIceCandidateInit = { candidate: what.candidate };
  if (typeof what.sdpMid === 'string') init.sdpMid = what.sdpMid;
  if (isCount(what.sdpMLineIndex)) init.sdpMLineIndex = what.sdpMLineIndex;
  if (init.sdpMid === undefined && init.sdpMLineIndex === undefined) init.sdpMLineIndex = 0;
  const named = / ufrag (\S+)/.exec(what.candidate)?.[1] ?? null;
  const ufrag = typeof what.usernameFragment === 'string' ? what.usernameFragment : named;
  if (ufrag) init.usernameFragment = ufrag;
  return { init, ufrag };
};

export const ufragsOf = (sdp: string): Set<string> =>
  new Set([...sdp.matchAll(/^a=ice-ufrag:(\S+)/gm)].map(([, ufrag]) => ufrag ?? ''));

/** Of the certificate: another one means another RTCPeerConnection. */
export const fingerprintOf = (sdp: string): string =>
  (/^a=fingerprint:(.+)$/m.exec(sdp)?.[1] ?? '').trim().toLowerCase();
