// What each event makes of the room: no socket, no clock but the one that is given. An event that
// is not here changes nothing that is drawn (signals, cursors), or is the board's (board.ts).
import type { Joined, Message, Said, SaidName, Seat, User, ViolationType } from '~/wire/types';
import type { CandidateView, RoomView } from './view';

type Reducer<E extends SaidName> = (view: RoomView, said: Said[E], nowMs: number) => RoomView;

const HISTORY = 50; // messages that come with the state

// ---- entering

/** What hosts have heard of a candidate is not in the state: it is kept, but for what is out of
 * date where it is not known what was missed. */
const keepHeard = (view: RoomView, { roomState, missed }: Joined): CandidateView[] =>
  (roomState.candidates ?? []).map((candidate) => {
    const known = view.candidates.find((c) => c.userId === candidate.userId);
    const passing = { code: null, language: null, codeAt: null, away: [] };
    return {
      ...passing,
      violations: [],
      submissions: [],
      ...known,
      ...(!missed && passing),
      ...candidate,
    };
  });

const ofCandidates = ['proctor:violation', 'proctor:cleared', 'code:changed', 'code:submitted'];

const catchUp = (view: RoomView, { missed }: Joined, nowMs: number): RoomView =>
  (missed ?? [])
    .filter(({ event }) => ofCandidates.includes(event))
    .reduce((v, { event, payload }) => reduce(v, event as SaidName, payload as never, nowMs), view);

/** Older ones that were read already stay, as long as nothing is missing between. */
const mergeMessages = (known: readonly Message[], newest: readonly Message[]): Message[] => {
  const first = newest[0];
  const overlap = first ? known.findIndex((m) => m.id === first.id) : -1;
  return overlap > 0 ? [...known.slice(0, overlap), ...newest] : [...newest];
};

/** Where the server was not told its public name, the link is a path. */
const wholeLink = (link: string): string =>
  new URL(link, globalThis.location?.origin ?? 'https://page.invalid').href;

const countMissed = ({ missed, self }: Joined): number =>
  (missed ?? []).filter(
    ({ event, payload }) =>
      event === 'chat:message' &&
      (payload['message'] as Message | undefined)?.senderId !== self.userId,
  ).length;

const joined: Reducer<'joined'> = (view, said, nowMs) => {
  const { roomState: s, self } = said;
  const { participants, messages, files, whiteboard: _, timer, goal, ...rest } = s;
  const {
    iceServers,
    meshLimit,
    violations,
    ownCode,
    joinRequests,
    candidates: __,
    ...room
  } = rest;
  const merged = mergeMessages(view.messages, messages);
  const now: RoomView = {
    ...view,
    phase: room.status === 'ENDED' ? 'ended' : 'in',
    line: 'up',
    refusal: null,
    notice: '',
    knock: '',
    room: { ...room, joinLink: wholeLink(room.joinLink) },
    self,
    seats: participants,
    gone: [],
    messages: merged,
    hasOlder: merged.length > messages.length ? view.hasOlder : messages.length >= HISTORY,
    typing: [],
    files,
    timer,
    clockSkewMs: timer.serverNow - nowMs,
    goal,
    iceServers,
    meshLimit: meshLimit ?? view.meshLimit,
    requests: joinRequests ?? [],
    candidates: keepHeard(view, said),
    ownViolations: violations,
    ownCode,
    missed: countMissed(said),
  };
  return catchUp(now, said, nowMs);
};

// ---- people

const withUser = (seat: Seat, user: User): Seat => ({ ...seat, ...user, socketId: seat.socketId });

const asCandidate = (view: RoomView, user: User): CandidateView[] => {
  const { candidates } = view;
  if (view.room?.settings.mode !== 'interview' || !view.self) return candidates;
  if (view.self.role !== 'host' && view.self.role !== 'cohost') return candidates;
  if (user.role !== 'participant') return candidates.filter((c) => c.userId !== user.userId);
  if (candidates.some((c) => c.userId === user.userId))
    return candidates.map((c) => (c.userId === user.userId ? { ...c, connected: true } : c));
  const fresh = { userId: user.userId, name: user.name, connected: true, submittedAt: null };
  const nothing = { violations: [], submissions: [], away: [] };
  const noCode = { code: null, language: null, codeAt: null };
  return [
    ...candidates,
    { ...fresh, ...nothing, ...noCode, violationCount: 0, hasSubmitted: false },
  ];
};

const userJoined: Reducer<'user:joined'> = (view, said) => {
  const others = view.seats.filter((s) => s.socketId !== said.socketId);
  const known =
    others.find((s) => s.userId === said.userId) ?? view.gone.find((s) => s.userId === said.userId);
  const seat: Seat = {
    ...said.user,
    socketId: said.socketId,
    media: { audio: false, video: false, screen: false },
    hand: known?.hand ?? false,
    handAt: known?.handAt ?? null,
    goal: known?.goal ?? null,
    joinedAt: said.joinedAt,
  };
  return {
    ...view,
    seats: [...others, seat],
    gone: view.gone.filter((s) => s.userId !== said.userId),
    requests: view.requests.filter((r) => r.userId !== said.userId),
    candidates: asCandidate(view, said.user),
  };
};

const userLeft: Reducer<'user:left'> = (view, said) => {
  const leaving = view.seats.find((s) => s.socketId === said.socketId);
  const seats = view.seats.filter((s) => s.socketId !== said.socketId);
  const isHere = seats.some((s) => s.userId === said.userId);
  return {
    ...view,
    seats,
    gone: said.lost && leaving && !isHere ? [...view.gone, leaving] : view.gone,
    typing: isHere ? view.typing : view.typing.filter((p) => p.userId !== said.userId),
    candidates: isHere
      ? view.candidates
      : view.candidates.map((c) => (c.userId === said.userId ? { ...c, connected: false } : c)),
  };
};

const userUpdated: Reducer<'user:updated'> = (view, { userId, user }) => ({
  ...view,
  self: view.self?.userId === userId ? { ...view.self, role: user.role } : view.self,
  seats: view.seats.map((s) => (s.userId === userId ? withUser(s, user) : s)),
  candidates: asCandidate(view, user),
});

const changeSeats = (
  view: RoomView,
  { userId, socketId }: { userId: string; socketId?: string | null },
  part: Partial<Seat>,
): RoomView => ({
  ...view,
  seats: view.seats.map((s) =>
    (socketId ? s.socketId === socketId : s.userId === userId) ? { ...s, ...part } : s,
  ),
});

const hand: Reducer<'presence:hand'> = (view, { userId, raised, at }) =>
  changeSeats(
    view,
    { userId },
    { hand: raised, handAt: raised ? new Date(at).toISOString() : null },
  );

const typing: Reducer<'presence:typing'> = (view, { userId, name, isTyping }) => {
  const others = view.typing.filter((p) => p.userId !== userId);
  return { ...view, typing: isTyping ? [...others, { userId, name }] : others };
};

const media: Reducer<'media:update'> = (view, { socketId, userId, audio, video, screen }) =>
  changeSeats(view, { socketId, userId }, { media: { audio, video, screen } });

const kicked: Reducer<'control:kicked'> = (view, said) =>
  said.userId === view.self?.userId
    ? { ...view, phase: 'kicked', notice: said.reason, seats: [] }
    : { ...view, gone: view.gone.filter((s) => s.userId !== said.userId) };

const waiting: Reducer<'room:waiting'> = (view, { self, message, ownMessage = '' }) => ({
  ...view,
  phase: 'waiting',
  line: 'up',
  self,
  notice: message,
  knock: ownMessage,
});

const joinRequest: Reducer<'room:joinRequest'> = (view, said) => ({
  ...view,
  requests: [
    ...view.requests.filter((r) => r.userId !== said.userId),
    { ...said, connected: true },
  ],
});

// ---- talk

const chatMessage: Reducer<'chat:message'> = (view, { message }) => {
  const at = view.messages.findIndex((m) => m.id === message.id);
  return {
    ...view,
    messages: at < 0 ? [...view.messages, message] : view.messages.with(at, message),
    pending: view.pending.filter((p) => p.id !== message.id),
    typing: view.typing.filter((p) => p.userId !== message.senderId),
  };
};

const chatEdited: Reducer<'chat:edited'> = (view, { messageId, text, editedAt }) => ({
  ...view,
  messages: view.messages.map((m) => (m.id === messageId ? { ...m, text, editedAt } : m)),
});

const chatDeleted: Reducer<'chat:deleted'> = (view, { messageId }) => ({
  ...view,
  messages: view.messages.filter((m) => m.id !== messageId),
});

const fileShared: Reducer<'file:shared'> = (view, { fileMeta }) =>
  view.files.some((f) => f.id === fileMeta.id)
    ? view
    : { ...view, files: [...view.files, fileMeta] };

// ---- timer and goals

const timerState: Reducer<'timer:state'> = (view, timer, nowMs) => ({
  ...view,
  timer,
  clockSkewMs: timer.serverNow - nowMs,
});

const goalUpdated: Reducer<'goal:updated'> = (view, { userId, text, done, shared }) => {
  const goal = text ? { text, done } : null;
  return shared ? { ...view, goal } : changeSeats(view, { userId }, { goal });
};

// ---- interviews

const changeCandidate = (
  view: RoomView,
  userId: string,
  change: (c: CandidateView) => Partial<CandidateView>,
): RoomView => ({
  ...view,
  candidates: view.candidates.map((c) => (c.userId === userId ? { ...c, ...change(c) } : c)),
});

/** These last until the candidate comes back; the others are over at once. */
const lasting: readonly ViolationType[] = ['FULLSCREEN_EXIT', 'TAB_SWITCH'];

const violation: Reducer<'proctor:violation'> = (view, said) =>
  changeCandidate(view, said.userId, (c) => ({
    violationCount: said.violationCount,
    violations: [...c.violations, said],
    away: lasting.includes(said.violationType)
      ? [...c.away.filter((type) => type !== said.violationType), said.violationType]
      : c.away,
  }));

const violationCleared: Reducer<'proctor:cleared'> = (view, said) =>
  changeCandidate(view, said.userId, (c) => ({
    away: c.away.filter((type) => type !== said.violationType),
  }));

const warned: Reducer<'proctor:warning'> = (view, { violationCount, message }, nowMs) => ({
  ...view,
  warning: { violationCount, message, at: nowMs },
});

const codeChanged: Reducer<'code:changed'> = (view, { userId, code, language, timestamp }) =>
  changeCandidate(view, userId, () => ({ code, language, codeAt: timestamp }));

const codeSubmitted: Reducer<'code:submitted'> = (view, said) =>
  changeCandidate(view, said.userId, (c) => ({
    hasSubmitted: true,
    submittedAt: new Date(said.submissionTime).toISOString(),
    code: said.code,
    language: said.language,
    codeAt: said.submissionTime,
    submissions: [
      ...c.submissions.filter((s) => s.id !== said.submissionId),
      {
        id: said.submissionId,
        code: said.code,
        language: said.language,
        at: said.submissionTime,
        automatic: said.automatic,
      },
    ],
  }));

// ---- the room

const roomUpdated: Reducer<'room:updated'> = (view, { title, settings }) =>
  view.room
    ? {
        ...view,
        room: { ...view.room, title, settings },
        timer: view.timer && { ...view.timer, settings: settings.timer },
      }
    : view;

const roomStarted: Reducer<'room:started'> = (view, { startedAt, endsAt }) =>
  view.room ? { ...view, room: { ...view.room, status: 'LIVE', startedAt, endsAt } } : view;

const roomEnded: Reducer<'room:ended'> = (view, { message, endedAt }) => ({
  ...view,
  phase: 'ended',
  notice: message,
  room: view.room && { ...view.room, status: 'ENDED', endedAt },
});

const reducers: { [E in SaidName]?: Reducer<E> } = {
  joined,
  'room:waiting': waiting,
  'room:rejected': (view, { message }) => ({ ...view, phase: 'rejected', notice: message }),
  'room:joinRequest': joinRequest,
  'user:joined': userJoined,
  'user:left': userLeft,
  'user:updated': userUpdated,
  'room:updated': roomUpdated,
  'room:started': roomStarted,
  'room:ended': roomEnded,
  'presence:hand': hand,
  'presence:typing': typing,
  'media:update': media,
  'control:kicked': kicked,
  'chat:message': chatMessage,
  'chat:edited': chatEdited,
  'chat:deleted': chatDeleted,
  'file:shared': fileShared,
  'timer:state': timerState,
  'goal:updated': goalUpdated,
  'proctor:violation': violation,
  'proctor:warning': warned,
  'proctor:cleared': violationCleared,
  'code:changed': codeChanged,
  'code:submitted': codeSubmitted,
};

export const reduce = <E extends SaidName>(
  view: RoomView,
  event: E,
  said: Said[E],
  nowMs: number,
): RoomView => {
  const reducer = reducers[event] as Reducer<E> | undefined;
  return reducer ? reducer(view, said, nowMs) : view;
};
