// What travels in Stoa's own language, as docs/ and /docs/asyncapi.json describe it: the members
// that the app reads. Times are milliseconds, but in `...At`, where they are ISO 8601, unless said.

export type Mode = 'study' | 'focus' | 'call' | 'interview';
export type Role = 'waiting' | 'participant' | 'cohost' | 'host';
export type RoomStatus = 'WAITING' | 'LIVE' | 'ENDED';

export interface User {
  userId: string;
  name: string;
  avatarUrl: string | null;
  role: Role;
  guest: boolean;
}

export interface Self extends User {
  socketId: string | null;
  token?: string; // of guests: with it they are the same person again
}

export interface Media {
  audio: boolean;
  video: boolean;
  screen: boolean;
}

export interface Goal {
  text: string;
  done: boolean;
}

/** A connection of a person. */
export interface Seat extends User {
  socketId: string;
  media: Media;
  hand: boolean;
  handAt: string | null;
  goal: Goal | null;
  joinedAt: string;
}

export interface TimerSettings {
  focusMinutes: number;
  breakMinutes: number;
  longBreakMinutes: number;
  rounds: number;
  autoFocus: boolean;
  hostsOnly: boolean;
}

export interface Settings {
  mode: Mode;
  isPublic: boolean;
  approval: boolean;
  maxParticipants: number; // 0: no limit
  locked: boolean;
  question: string;
  durationMinutes: number; // 0: no end
  timer: TimerSettings;
  proctor: { warnAt: number; autoSubmitAt: number };
  iceTransportPolicy: 'all' | 'relay';
}

/** What one may wish for: a part of it. */
export type SettingsWish = Partial<Omit<Settings, 'timer' | 'proctor'>> & {
  timer?: Partial<TimerSettings>;
  proctor?: Partial<Settings['proctor']>;
};

export interface Room {
  roomId: string;
  title: string;
  ownerId: string | null;
  settings: Settings;
  status: RoomStatus;
  createdAt: string;
  startedAt: string | null;
  endsAt: number | null; // milliseconds
  endedAt: string | null;
  joinLink: string;
}

export interface ListedRoom extends Room {
  participants: { userId: string; name: string; joinedAt: string }[];
}

export interface Attachment {
  url: string;
  name?: string;
  size?: number;
  type?: string;
}

export interface Message {
  id: string;
  senderId: string | null; // null: the room itself
  name: string;
  text: string;
  attachments: (Attachment | string)[];
  timestamp: number;
  kind: 'text' | 'emoji' | 'system';
  editedAt?: string;
  replyTo?: string;
  to?: string; // user id: a private message
}

export interface SharedFile {
  id: string;
  userId: string;
  userName: string;
  name: string;
  url: string;
  size: number;
  type: string | null;
  timestamp: number;
}

/** Something on the board. What it holds beside its type is the board's affair: features/board. */
export interface Op {
  id: string;
  type: string;
  [member: string]: unknown;
}

export type Phase = 'idle' | 'focus' | 'break' | 'longBreak';

export interface Timer {
  phase: Phase;
  running: boolean;
  remainingMs: number;
  endsAt: number | null;
  serverNow: number;
  round: number;
  settings: TimerSettings;
}

export interface JoinRequest {
  userId: string;
  name: string;
  socketId: string | null;
  connected?: boolean;
  timestamp: number;
  message?: string; // what was said at the door
}

export interface Candidate {
  userId: string;
  name: string;
  connected: boolean;
  violationCount: number;
  hasSubmitted: boolean;
  submittedAt: string | null;
}

export type ViolationType = 'FULLSCREEN_EXIT' | 'TAB_SWITCH' | 'PASTE' | 'COPY' | 'DISCONNECT';
export type ReportKind =
  'FULLSCREEN_EXIT' | 'FULLSCREEN_ENTER' | 'TAB_BLUR' | 'TAB_FOCUS' | 'PASTE' | 'COPY';

/** What a page reports, under an id of its own: sent twice, it counts once. */
export interface Report {
  id: string;
  kind: ReportKind;
}

export interface Violation {
  userId: string;
  name: string;
  timestamp: number;
  violationType: ViolationType;
  violationCount: number;
  typeCount: number;
  message: string;
}

export interface OwnViolations {
  total: number;
  byType: Record<ViolationType, number>;
}

export interface OwnCode {
  code: string;
  language: string;
  submitted: boolean;
  submittedAt: string | null;
}

export interface IceServer {
  urls: string[];
  username?: string;
  credential?: string;
}

export interface RoomState extends Room {
  participants: Seat[];
  messages: Message[]; // the newest 50, oldest first
  files: SharedFile[]; // the newest 100, oldest first
  whiteboard: { snapshot: { ops: Op[] } | null; ops: Op[] };
  timer: Timer;
  goal: Goal | null;
  iceServers: IceServer[];
  meshLimit: number;
  violations: OwnViolations;
  ownCode: OwnCode | null;
  joinRequests?: JoinRequest[];
  candidates?: Candidate[];
}

export interface Missed {
  seq: number;
  event: string;
  payload: Record<string, unknown>;
}

export interface Joined {
  seq: number;
  epoch: string;
  self: Self;
  missed: Missed[] | null;
  roomState: RoomState;
}

export interface Signal {
  fromSocketId: string;
  userId: string;
}

/** What the server says, by name. */
export interface Said {
  joined: Joined;
  'room:waiting': { message: string; self: Self; ownMessage?: string };
  'room:rejected': { message: string };
  'room:joinRequest': JoinRequest;
  'user:joined': {
    socketId: string;
    userId: string;
    user: User;
    joinedAt: string;
    returned: boolean;
  };
  'user:left': { socketId: string; userId: string; lost: boolean };
  'user:updated': { socketId: string | null; userId: string; user: User };
  'room:updated': { title: string; settings: Settings };
  'room:started': { startedAt: string; endsAt: number | null };
  'room:ended': { message: string; endedAt: string };
  'presence:hand': { socketId: string | null; userId: string; raised: boolean; at: number };
  'presence:typing': { socketId: string; userId: string; name: string; isTyping: boolean };
  'media:update': { socketId: string; userId: string } & Media;
  'control:muted': {
    targetSocketId: string | null;
    userId: string;
    kind: 'audio' | 'video' | 'screen';
    by: string;
  };
  'control:kicked': { targetSocketId: string | null; userId: string; reason: string; by: string };
  'signal:offer': Signal & { sdp: RTCSessionDescriptionInit };
  'signal:answer': Signal & { sdp: RTCSessionDescriptionInit };
  'signal:ice': Signal & { candidate: RTCIceCandidateInit | null };
  'signal:data': Signal & { data: unknown };
  'chat:message': { message: Message };
  'chat:edited': { messageId: string; text: string; editedAt: string };
  'chat:deleted': { messageId: string; by: string };
  'file:shared': { fileMeta: SharedFile };
  'whiteboard:update': { ops: Op[]; by: string };
  'whiteboard:cleared': { by: string };
  'whiteboard:undone': { opId: string; by: string };
  'whiteboard:saved': { snapshotId: string; savedBy: string; createdAt: string };
  'whiteboard:cursor': { socketId: string; userId: string; name: string; cursor: unknown };
  'timer:state': Timer & { cause: string; by: string | null };
  'goal:updated': { userId: string; text: string; done: boolean; shared: boolean };
  'proctor:violation': Violation;
  'proctor:warning': { violationType: ViolationType; violationCount: number; message: string };
  'proctor:cleared': {
    userId: string;
    name: string;
    timestamp: number;
    violationType: ViolationType;
  };
  'code:changed': {
    userId: string;
    name: string;
    timestamp: number;
    code: string;
    language: string;
  };
  'code:submitted': {
    userId: string;
    name: string;
    submissionId: string;
    code: string;
    language: string;
    submissionTime: number;
    automatic: boolean;
  };
  error: { code: string; message: string; event: string; roomId?: string; retryAfterMs?: number };
}

export type SaidName = keyof Said;
