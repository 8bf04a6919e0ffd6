// What hosts know of the candidates: the server's report of what was before, and what was heard
// since, in one. Pure.
import type { CandidateView as LiveCandidate } from '~/room';
import type { JoinRequest, RoomStatus, ViolationType } from '~/wire/types';

export interface ReportViolation {
  id: string;
  type: string;
  timestamp: number;
  violationCount: number;
  typeCount: number;
}

export interface ReportSubmission {
  id: string;
  code: string | null; // null: too much to be given
  language: string | null;
  timestamp: number;
  automatic: boolean;
}

export interface ReportCandidate {
  userId: string;
  name: string;
  status: string; // PENDING, APPROVED, REJECTED, KICKED
  connected: boolean;
  joinedAt: string | null;
  leftAt: string | null;
  violationCount: number;
  hasSubmitted: boolean;
  code: string | null;
  language: string | null;
  violations: ReportViolation[];
  submissions: ReportSubmission[];
  kicks: { by: string | null; reason: string; timestamp: number }[];
}

/** GET /api/rooms/{id}/report */
export interface Report {
  roomId: string;
  title: string;
  status: RoomStatus;
  startedAt: string | null;
  endedAt: string | null;
  endsAt: number | null;
  question: string;
  candidates: ReportCandidate[];
  truncated?: boolean;
}

export type Presence = 'waiting' | 'present' | 'lost' | 'left' | 'removed' | 'rejected';

export interface Mark {
  type: ViolationType;
  at: number;
  typeCount: number;
}

export interface HandedIn {
  id: string;
  code: string | null;
  language: string;
  at: number;
  automatic: boolean;
}

/** A candidate as the console shows it. */
export interface Row {
  userId: string;
  name: string;
  knock: string; // what is said while waiting
  presence: Presence;
  violationCount: number;
  hasSubmitted: boolean;
  code: string | null;
  language: string;
  codeAt: number | null; // of a change that was heard
  marks: Mark[]; // oldest first
  submissions: HandedIn[]; // newest first
  kicks: { reason: string; at: number }[];
  away: ViolationType[];
}

const kinds: readonly string[] = ['FULLSCREEN_EXIT', 'TAB_SWITCH', 'PASTE', 'COPY', 'DISCONNECT'];
const isKind = (type: string): type is ViolationType => kinds.includes(type);

function presenceOf(
  told: ReportCandidate | undefined,
  live: LiveCandidate | undefined,
  isWaiting: boolean,
): Presence {
  if (isWaiting) return 'waiting';
  if (live?.connected) return 'present';
  const status = told?.status.toUpperCase();
  if (status === 'KICKED') return 'removed';
  if (status === 'REJECTED') return 'rejected';
  if (live) return told?.leftAt && !told.connected ? 'left' : 'lost';
  return told?.connected ? 'present' : 'left';
}

/** The n-th of a kind is the same, whoever told of it. */
function mergeMarks(told: readonly ReportViolation[], live: LiveCandidate | undefined): Mark[] {
  const marks = new Map<string, Mark>();
  const add = (type: string, at: number, typeCount: number): void => {
    if (isKind(type)) marks.set(`${type} ${typeCount}`, { type, at, typeCount });
  };
  for (const v of told) add(v.type, v.timestamp, v.typeCount);
  for (const v of live?.violations ?? []) add(v.violationType, v.timestamp, v.typeCount);
  return [...marks.values()].sort((a, b) => a.at - b.at);
}

function mergeSubmissions(
  told: readonly ReportSubmission[],
  live: LiveCandidate | undefined,
): HandedIn[] {
  const all = new Map<string, HandedIn>();
  for (const { id, code, language, timestamp, automatic } of told)
    all.set(id, { id, code, language: language ?? 'text', at: timestamp, automatic });
  for (const s of live?.submissions ?? []) all.set(s.id, s);
  return [...all.values()].sort((a, b) => b.at - a.at);
}

function mergeOne(
  userId: string,
  told: ReportCandidate | undefined,
  live: LiveCandidate | undefined,
  request: JoinRequest | undefined,
): Row {
  const marks = mergeMarks(told?.violations ?? [], live);
  const hasLiveCode = live !== undefined && live.codeAt !== null;
  const counts = [told?.violationCount ?? 0, live?.violationCount ?? 0, marks.length];
  return {
    userId,
    name: live?.name ?? request?.name ?? told?.name ?? '',
    knock: request?.message ?? '',
    presence: presenceOf(told, live, request !== undefined),
    violationCount: Math.max(...counts),
    hasSubmitted: (told?.hasSubmitted ?? false) || (live?.hasSubmitted ?? false),
    code: hasLiveCode ? live.code : (told?.code ?? null),
    language: (hasLiveCode ? live.language : told?.language) ?? 'text',
    codeAt: live?.codeAt ?? null,
    marks,
    submissions: mergeSubmissions(told?.submissions ?? [], live),
    kicks: (told?.kicks ?? []).map(({ reason, timestamp }) => ({ reason, at: timestamp })),
    away: live?.connected ? live.away : [],
  };
}

const order: readonly Presence[] = ['waiting', 'present', 'lost', 'left', 'removed', 'rejected'];

/** Those who wait come first: somebody has to act for them. Else in the order of coming. */
export function mergeReport(
  report: Report | null,
  candidates: readonly LiveCandidate[],
  requests: readonly JoinRequest[] = [],
  hosts: ReadonlySet<string> = new Set(),
): Row[] {
  const told = new Map((report?.candidates ?? []).map((c) => [c.userId, c]));
  const live = new Map(candidates.map((c) => [c.userId, c]));
  const waiting = new Map(requests.map((r) => [r.userId, r]));
  const ids = new Set([...told.keys(), ...live.keys(), ...waiting.keys()]);
  return [...ids]
    .filter((id) => !hosts.has(id))
    .map((id) => mergeOne(id, told.get(id), live.get(id), waiting.get(id)))
    .sort((a, b) => order.indexOf(a.presence) - order.indexOf(b.presence));
}
