// The room as the app sees it: one value, replaced at each change (reduce.ts), read by useRoom().
import type { WireError } from '~/wire/errors';
import type {
  Attachment,
  Candidate,
  Goal,
  IceServer,
  JoinRequest,
  Message,
  OwnCode,
  OwnViolations,
  Room,
  Seat,
  Self,
  SharedFile,
  Timer,
  Violation,
  ViolationType,
} from '~/wire/types';

/** entering → waiting? → in → (kicked | ended | left), or refused, or rejected after waiting. */
export type Phase =
  'entering' | 'waiting' | 'in' | 'refused' | 'rejected' | 'kicked' | 'ended' | 'left';

/** lost: the way to the server is, and is being looked for again. */
export type Line = 'connecting' | 'up' | 'lost';

export interface Submission {
  id: string;
  code: string;
  language: string;
  at: number;
  automatic: boolean;
}

/** A candidate, with what the host has heard since coming. */
export interface CandidateView extends Candidate {
  code: string | null;
  language: string | null;
  codeAt: number | null;
  violations: Violation[];
  submissions: Submission[];
  away: ViolationType[]; // those that are not over yet
}

/** Said, and not yet heard back. */
export interface PendingMessage {
  id: string;
  text: string;
  to?: string;
  replyTo?: string;
  attachments: Attachment[];
  kind: 'text' | 'emoji';
  at: number;
  error: WireError | null;
}

export interface RoomView {
  phase: Phase;
  line: Line;
  refusal: { code: string; message: string } | null;
  notice: string; // why one was removed or turned down, how the room ended, what one waits for
  knock: string; // what the hosts read of one who waits
  room: Room | null;
  self: Self | null;
  seats: Seat[]; // connections, the longest present first
  gone: Seat[]; // lost ones, whose place is kept
  messages: Message[]; // oldest first
  hasOlder: boolean; // perhaps
  pending: PendingMessage[];
  typing: { userId: string; name: string }[];
  files: SharedFile[]; // oldest first
  timer: Timer | null;
  clockSkewMs: number; // the server's clock is ahead of ours by so much
  goal: Goal | null;
  iceServers: IceServer[];
  meshLimit: number;
  requests: JoinRequest[];
  candidates: CandidateView[];
  ownViolations: OwnViolations | null;
  warning: { violationCount: number; message: string; at: number } | null;
  ownCode: OwnCode | null;
  missed: number; // messages of others that came while one was away
}

export const emptyView: RoomView = {
  phase: 'entering',
  line: 'connecting',
  refusal: null,
  notice: '',
  knock: '',
  room: null,
  self: null,
  seats: [],
  gone: [],
  messages: [],
  hasOlder: false,
  pending: [],
  typing: [],
  files: [],
  timer: null,
  clockSkewMs: 0,
  goal: null,
  iceServers: [],
  meshLimit: 4,
  requests: [],
  candidates: [],
  ownViolations: null,
  warning: null,
  ownCode: null,
  missed: 0,
};

/** Somebody, with all connections. */
export interface Person {
  userId: string;
  name: string;
  avatarUrl: string | null;
  role: Seat['role'];
  guest: boolean;
  hand: boolean;
  handAt: string | null;
  goal: Goal | null;
  seats: Seat[];
}

/** In the order of coming. */
export const peopleOf = (seats: readonly Seat[]): Person[] => {
  const people = new Map<string, Person>();
  for (const seat of seats) {
    const known = people.get(seat.userId);
    if (known) known.seats.push(seat);
    else people.set(seat.userId, { ...seat, seats: [seat] });
  }
  return [...people.values()];
};

/** What the server's clock shows. */
export const serverNow = (view: RoomView): number => Date.now() + view.clockSkewMs;

export const isHostRole = (role: string | undefined): boolean =>
  role === 'host' || role === 'cohost';
