// The socket, and how a message is sent and answered. Knows no room: client.ts does.
import { io, type Socket } from 'socket.io-client';
import { forget, keep, recall } from '~/lib/storage';
import { WireError } from '~/wire/errors';
import type { SaidName } from '~/wire/types';

const ANSWER_MS = 10_000;
const GUEST_TOKEN = 'guestToken';

interface Refused {
  code: string;
  message: string;
  retryAfterMs?: number;
}

type Answer = ({ ok: true } & Record<string, unknown>) | { ok: false; error: Refused };

export interface LineEvents {
  /** There is a way to the server. regained: the same connection as before; nothing was missed. */
  up(regained: boolean): void;
  /** It is being looked for by itself. */
  lost(): void;
  /** Not there yet; being looked for. */
  absent(): void;
  /** The server does not let this person in, and says why. */
  refused(refusal: { code: string; message: string }): void;
  heard(event: SaidName, payload: Record<string, unknown>): void;
}

export class Line {
  #socket: Socket;
  #isAccount: boolean;
  #events: LineEvents;
  #again: ReturnType<typeof setTimeout> | undefined;

  constructor(isAccount: boolean, events: LineEvents) {
    this.#isAccount = isAccount;
    this.#events = events;
    this.#socket = io('/rooms', {
      autoConnect: false,
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
      reconnectionDelay: 300,
      reconnectionDelayMax: 3000,
      auth: (give) => give(isAccount ? {} : { token: recall(GUEST_TOKEN, undefined) }),
    });
    this.#listen();
  }

  get id(): string | null {
    return this.#socket.id ?? null;
  }

  get isUp(): boolean {
    return this.#socket.connected;
  }

  open(): void {
    this.#socket.connect();
  }

  close(): void {
    clearTimeout(this.#again);
    this.#socket.disconnect();
  }

  /** Guests are known by it when they come again; accounts have a cookie. */
  keepToken(token: string | undefined): void {
    if (token && !this.#isAccount) keep(GUEST_TOKEN, token);
  }

  /** Nobody waits for an answer. */
  tell(event: string, payload: object): void {
    if (this.#socket.connected) this.#socket.emit(event, payload);
  }

  /** May be dropped when the way is narrow. */
  hint(event: string, payload: object): void {
    if (this.#socket.connected) this.#socket.volatile.emit(event, payload);
  }

  /** Fails with OFFLINE, TIMEOUT, or what the server answers. */
  async ask(event: string, payload: object): Promise<Record<string, unknown>> {
    if (!this.#socket.connected)
      throw new WireError('OFFLINE', 'There is no connection to the server.');
    let answer: Answer;
    try {
      answer = (await this.#socket.timeout(ANSWER_MS).emitWithAck(event, payload)) as Answer;
    } catch {
      throw new WireError('TIMEOUT', 'The server has not answered.');
    }
    if (answer.ok) return answer;
    const { code, message, retryAfterMs = 0 } = answer.error;
    throw new WireError(code, message, { retryAfterMs });
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on('connect', () => this.#events.up(socket.recovered));
    socket.on('disconnect', (reason) => {
      if (reason === 'io client disconnect') return;
      this.#events.lost();
      if (reason === 'io server disconnect') socket.connect();
    });
    socket.on('connect_error', (error: Error & { data?: Refused }) => this.#failed(error.data));
    socket.onAny((event: SaidName, payload: unknown) => {
      if (payload !== null && typeof payload === 'object')
        this.#events.heard(event, payload as Record<string, unknown>);
    });
  }

  #failed(refused: Refused | undefined): void {
    if (!refused) return this.#events.absent();
    const hasOldToken = !this.#isAccount && recall(GUEST_TOKEN, '') !== '';
    if (refused.code === 'UNAUTHORIZED' && hasOldToken) {
      forget(GUEST_TOKEN);
      this.#socket.connect();
    } else if (refused.code === 'RATE_LIMITED' || refused.code === 'DRAINING') {
      this.#again = setTimeout(() => this.#socket.connect(), refused.retryAfterMs || 2000);
    } else this.#events.refused({ code: refused.code, message: refused.message });
  }
}
