// The one way to the room: what can be said in it, and the view that comes of what is heard. It
// comes back by itself after a lost line: Socket.IO regains a short break; after a longer one the
// room is joined again with the last number that was seen.
//
//   enter() --> join --> (waiting) --> in <--> lost --> join again ...
import { Store } from '~/lib/store';
import { codeOf, WireError } from '~/wire/errors';
import type {
  Joined,
  Media,
  Message,
  OwnViolations,
  Phase as TimerPhase,
  ReportKind,
  Role,
  Said,
  SaidName,
  SettingsWish,
} from '~/wire/types';
import { BoardLog } from './board';
import { keepKnock } from './knock';
import { Line } from './line';
import { reduce } from './reduce';
import { Talk, type Draft } from './talk';
import { emptyView, isHostRole, type RoomView } from './view';

const HURRY_MS = 1000; // before joining is tried again

export class RoomClient {
  readonly roomId: string;
  readonly store = new Store<RoomView>(emptyView);
  readonly board: BoardLog;
  #line: Line;
  #name = '';
  #knock: string | null = null; // null: nothing is said about it
  #isJoining = false;
  #since: { since: number; epoch: string } | null = null;
  #talk: Talk;
  #media: Media = { audio: false, video: false, screen: false };
  #listeners = new Map<string, Set<(payload: never) => void>>();
  #refused = (_: WireError): void => {};

  constructor(roomId: string, { isAccount }: { isAccount: boolean }) {
    this.roomId = roomId;
    this.#line = new Line(isAccount, {
      up: (regained) => this.#up(regained),
      lost: () => this.#lost(),
      absent: () => this.#absent(),
      refused: (refusal) => this.store.patch({ phase: 'refused', refusal }),
      heard: (event, payload) => this.#heard(event, payload),
    });
    this.#talk = new Talk(roomId, this.store, async (draft) => {
      const { message } = await this.#ask('chat:message', draft);
      this.#heard('chat:message', { message });
      return message as Message;
    });
    this.board = new BoardLog(
      {
        draw: (ops) => this.#ask('whiteboard:draw', { ops }),
        undraw: (opId) => this.#ask('whiteboard:undo', { opId }),
        clear: () => this.#ask('whiteboard:clear'),
        save: (dataUrl) => this.#ask('whiteboard:save', dataUrl ? { dataUrl } : {}),
      },
      () => {
        const { self } = this.store.get();
        return self && { userId: self.userId, isHost: isHostRole(self.role) };
      },
      (error) => {
        this.#refused(error);
        void this.#join(); // the state is the truth
      },
    );
  }

  get socketId(): string | null {
    return this.#line.id;
  }

  /** Of deeds that nobody waits for: the board's. */
  onRefused(listener: (error: WireError) => void): void {
    this.#refused = listener;
  }

  // ---- coming and going

  /** `message` is for the hosts, where they let people in; said again with each new try. */
  enter(name: string, message: string | null = null): void {
    this.#name = name;
    this.#knock = message;
    if (message !== null) keepKnock(this.roomId, message);
    if (this.#line.isUp) void this.#join();
    else this.#line.open();
  }

  leave(): void {
    this.#line.tell('leaveRoom', { roomId: this.roomId });
    this.store.patch({ phase: 'left' });
    this.close();
  }

  close(): void {
    this.board.close();
    this.#line.close();
  }

  on<E extends SaidName>(event: E, listener: (payload: Said[E]) => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  // ---- people

  raiseHand(raised: boolean): Promise<unknown> {
    return this.#ask('presence:hand', { raised });
  }

  /** Said again by itself after coming back. */
  setMedia(part: Partial<Media>): void {
    this.#media = { ...this.#media, ...part };
    this.#tell('media:update', this.#media);
  }

  setTyping(isTyping: boolean): void {
    this.#tell('presence:typing', { isTyping });
  }

  mute(targetSocketId: string, kind: keyof Media): Promise<unknown> {
    return this.#ask('control:mute', { targetSocketId, kind });
  }

  kick(userId: string, reason = ''): Promise<unknown> {
    return this.#ask('control:kick', { userId, reason });
  }

  readmit(userId: string): Promise<unknown> {
    return this.#ask('control:readmit', { userId });
  }

  setRole(userId: string, role: Exclude<Role, 'waiting'>): Promise<unknown> {
    return this.#ask('control:role', { userId, role });
  }

  async approve(userId: string, approve: boolean): Promise<void> {
    try {
      await this.#ask('room:approve', { userId, approve });
    } catch (error) {
      const isDone = error instanceof WireError && ['NOT_FOUND', 'CONFLICT'].includes(error.code);
      if (!isDone) throw error; // else another host was faster, or nobody waits any more
    }
    const { requests } = this.store.get();
    this.store.patch({ requests: requests.filter((r) => r.userId !== userId) });
  }

  // ---- the room

  update(change: { title?: string; settings?: SettingsWish }): Promise<unknown> {
    return this.#ask('room:update', change);
  }

  start(): Promise<unknown> {
    return this.#ask('room:start');
  }

  end(message?: string): Promise<unknown> {
    return this.#ask('room:end', message ? { message } : {});
  }

  // ---- talk

  say(draft: Draft): void {
    this.#talk.say(draft);
  }

  retrySaying(id: string): void {
    this.#talk.retry(id);
  }

  discardSaying(id: string): void {
    this.#talk.discard(id);
  }

  loadOlder(): Promise<void> {
    return this.#talk.loadOlder();
  }

  editMessage(messageId: string, text: string): Promise<unknown> {
    return this.#ask('chat:edit', { messageId, text });
  }

  deleteMessage(messageId: string): Promise<unknown> {
    return this.#ask('chat:delete', { messageId });
  }

  shareFile(meta: {
    fileUrl: string;
    name: string;
    size: number;
    type?: string;
  }): Promise<unknown> {
    return this.#ask('file:uploadMeta', meta);
  }

  // ---- timer and goals

  startTimer(phase: Exclude<TimerPhase, 'idle'>, minutes?: number): Promise<unknown> {
    return this.#ask('timer:start', minutes === undefined ? { phase } : { phase, minutes });
  }

  pauseTimer(): Promise<unknown> {
    return this.#ask('timer:pause');
  }

  resumeTimer(): Promise<unknown> {
    return this.#ask('timer:resume');
  }

  resetTimer(): Promise<unknown> {
    return this.#ask('timer:reset');
  }

  skipTimer(): Promise<unknown> {
    return this.#ask('timer:skip');
  }

  setGoal(text: string, done: boolean, shared: boolean): Promise<unknown> {
    return this.#ask('goal:update', { text, done, shared });
  }

  // ---- interviews

  /** Sent again under its id it counts once. */
  async report(kind: ReportKind, id: string): Promise<void> {
    const { violations } = await this.#ask('proctor:report', { id, kind });
    this.store.patch({ ownViolations: violations as OwnViolations });
  }

  changeCode(code: string, language: string): Promise<unknown> {
    return this.#ask('code:change', { code, language });
  }

  /** Likewise. */
  async submitCode(code: string, language: string, id: string): Promise<void> {
    const { submissionTime } = await this.#ask('code:submit', { id, code, language });
    const at = typeof submissionTime === 'number' ? submissionTime : Date.now();
    const ownCode = { code, language, submitted: true, submittedAt: new Date(at).toISOString() };
    this.store.patch({ ownCode });
  }

  // ---- what passes by

  signal(to: string, kind: 'offer' | 'answer' | 'ice' | 'data', what: unknown): void {
    const member = { offer: 'sdp', answer: 'sdp', ice: 'candidate', data: 'data' }[kind];
    this.#tell(`signal:${kind}`, { toSocketId: to, [member]: what });
  }

  showCursor(cursor: unknown): void {
    if (this.#isIn) this.#line.hint('whiteboard:cursor', { roomId: this.roomId, cursor });
  }

  // ---- inside: the line

  get #isIn(): boolean {
    const { phase, line } = this.store.get();
    return this.#line.isUp && line === 'up' && phase === 'in';
  }

  get #isCandidate(): boolean {
    const { room, self } = this.store.get();
    return room?.settings.mode === 'interview' && !isHostRole(self?.role);
  }

  #up(regained: boolean): void {
    const { phase } = this.store.get();
    // that a candidate was away is counted, which the state alone says
    if (regained && phase === 'in' && !this.#isCandidate) {
      this.store.patch({ missed: 0 });
      this.#backIn();
    } else if (['entering', 'waiting', 'in'].includes(phase)) void this.#join();
  }

  #lost(): void {
    this.#isJoining = false; // what was asked for is not answered any more
    this.board.setOpen(false);
    this.store.patch({ line: 'lost', typing: [] });
  }

  #absent(): void {
    this.store.patch({ line: this.store.get().phase === 'entering' ? 'connecting' : 'lost' });
  }

  async #join(): Promise<void> {
    if (this.#isJoining) return;
    this.#isJoining = true;
    const was = this.store.get().phase;
    const name = this.#name ? { name: this.#name } : {};
    const knock = this.#knock === null ? {} : { message: this.#knock };
    try {
      await this.#line.ask('joinRoom', { roomId: this.roomId, ...name, ...knock, ...this.#since });
    } catch (error) {
      if (error instanceof WireError && this.#line.isUp) this.#notJoined(error, was);
    } finally {
      this.#isJoining = false;
    }
  }

  #notJoined({ code, message, retryAfterMs }: WireError, was: RoomView['phase']): void {
    const isTriedAgain = ['TIMEOUT', 'RATE_LIMITED', 'STORAGE_UNAVAILABLE'].includes(code);
    if (isTriedAgain)
      setTimeout(() => this.#line.isUp && void this.#join(), retryAfterMs || HURRY_MS);
    else if (was === 'in' && code === 'ROOM_ENDED') this.store.patch({ phase: 'ended' });
    else this.store.patch({ phase: 'refused', refusal: { code, message } });
  }

  #backIn(): void {
    this.store.patch({ line: 'up' });
    this.#tell('media:update', this.#media); // it may have changed, or have been forgotten
    this.board.setOpen(true);
    this.#talk.sayAgain();
  }

  #heard(event: SaidName, payload: Record<string, unknown>): void {
    const { roomId = this.roomId, seq } = payload;
    if (roomId !== this.roomId) return;
    if (typeof seq === 'number' && this.#since) this.#since.since = seq;
    this.store.set(reduce(this.store.get(), event, payload as never, Date.now()));
    this.#follow(event, payload as never);
    for (const listener of [...(this.#listeners.get(event) ?? [])]) listener(payload as never);
  }

  /** What an event leads to beside the view. */
  #follow(event: SaidName, payload: never): void {
    if (event === 'joined') this.#joined(payload);
    else if (event === 'room:waiting')
      this.#line.keepToken((payload as Said['room:waiting']).self.token);
    else if (event === 'whiteboard:update') {
      const { ops, by } = payload as Said['whiteboard:update'];
      this.board.heardDraw(ops, by);
    } else if (event === 'whiteboard:undone')
      this.board.heardUndraw((payload as Said['whiteboard:undone']).opId);
    else if (event === 'whiteboard:cleared') this.board.heardClear();
    else if (event === 'user:updated') this.#roleChanged(payload);
    else if (event === 'error' && (payload as Said['error']).code === 'NOT_IN_ROOM')
      void this.#join(); // the place was given up while we were away
  }

  #joined({ self, seq, epoch, roomState }: Joined): void {
    const known = this.store.get().self;
    // One of several connections that waited is not told which one it is.
    if (known && !known.socketId) this.store.patch({ self: { ...known, socketId: this.#line.id } });
    this.#since = { since: seq, epoch };
    this.#knock = null;
    keepKnock(this.roomId, '');
    this.#talk.rewind();
    this.#line.keepToken(self.token);
    const { snapshot, ops } = roomState.whiteboard;
    this.board.reset([...(snapshot?.ops ?? []), ...ops]);
    if (this.store.get().phase !== 'in') return;
    this.#backIn();
  }

  /** A new host is told by the state alone who waits, and who the candidates are. */
  #roleChanged({ userId, user }: Said['user:updated']): void {
    if (userId === this.store.get().self?.userId && isHostRole(user.role)) void this.#join();
  }

  // ---- inside: saying

  async #ask(event: string, payload: object = {}): Promise<Record<string, unknown>> {
    if (!this.#isIn) throw new WireError('OFFLINE', 'There is no connection to the room.');
    try {
      return await this.#line.ask(event, { roomId: this.roomId, ...payload });
    } catch (error) {
      if (codeOf(error) === 'NOT_IN_ROOM') void this.#join(); // the place was given up meanwhile
      throw error;
    }
  }

  #tell(event: string, payload: object): void {
    if (this.#isIn) this.#line.tell(event, { roomId: this.roomId, ...payload });
  }
}
