// What one says: shown as pending at once, heard back under the same id, said again after a lost
// line. And what was said before: the history, a page at a time.
import { api } from '~/lib/api';
import { newId } from '~/lib/ids';
import type { Store } from '~/lib/store';
import { WireError } from '~/wire/errors';
import type { Attachment, Message } from '~/wire/types';
import type { PendingMessage, RoomView } from './view';

const PAGES = 4; // of history that are looked through for one message that is not known yet

export interface Draft {
  text: string;
  to?: string;
  replyTo?: string;
  attachments?: Attachment[];
  kind?: 'text' | 'emoji';
}

interface Page {
  messages: Message[];
  nextCursor: string | null;
}

export class Talk {
  #roomId: string;
  #store: Store<RoomView>;
  #send: (draft: object) => Promise<Message>;
  #cursor: string | null = null;
  #rewinds = 0;

  constructor(roomId: string, store: Store<RoomView>, send: (draft: object) => Promise<Message>) {
    this.#roomId = roomId;
    this.#store = store;
    this.#send = send;
  }

  say(draft: Draft): void {
    const message: PendingMessage = {
      attachments: [],
      kind: 'text',
      ...draft,
      id: newId(),
      at: Date.now(),
      error: null,
    };
    this.#store.patch({ pending: [...this.#store.get().pending, message] });
    void this.#deliver(message);
  }

  retry(id: string): void {
    this.#change(id, { error: null });
    const message = this.#store.get().pending.find((p) => p.id === id);
    if (message) void this.#deliver(message);
  }

  discard(id: string): void {
    this.#store.patch({ pending: this.#store.get().pending.filter((p) => p.id !== id) });
  }

  /** What was not heard back, once there is a line again. */
  sayAgain(): void {
    for (const message of this.#store.get().pending)
      if (!message.error) void this.#deliver(message);
  }

  /** The history begins behind what came with the state. */
  rewind(): void {
    this.#cursor = null;
    this.#rewinds++;
  }

  /** The next page of the history. The first one repeats what came with the state. */
  async loadOlder(): Promise<void> {
    const rewinds = this.#rewinds;
    for (let n = 0; n < PAGES; n++) {
      const { messages, nextCursor } = await this.#page();
      if (rewinds !== this.#rewinds) return; // a new state has come meanwhile
      this.#cursor = nextCursor;
      const now = this.#store.get().messages;
      const known = new Set(now.map((m) => m.id));
      const older = messages.filter((m) => !known.has(m.id));
      this.#store.patch({ messages: [...older, ...now], hasOlder: nextCursor !== null });
      if (older.length > 0 || nextCursor === null) return;
    }
  }

  #page(): Promise<Page> {
    const before = this.#cursor === null ? {} : { before: this.#cursor };
    return api.get<Page>(`/api/rooms/${this.#roomId}/messages`, {
      query: { limit: 50, ...before },
    });
  }

  async #deliver({ id, at: _, error: __, ...draft }: PendingMessage): Promise<void> {
    try {
      await this.#send({ id, ...draft });
    } catch (error) {
      const wire = error instanceof WireError ? error : new WireError('UNEXPECTED', String(error));
      if (wire.code === 'TIMEOUT') this.#deliverAgain(id);
      else if (wire.code !== 'OFFLINE') this.#change(id, { error: wire });
    }
  }

  /** Its id makes it safe to say twice what was perhaps heard. */
  #deliverAgain(id: string): void {
    const message = this.#store.get().pending.find((p) => p.id === id && !p.error);
    if (message && this.#store.get().line === 'up') void this.#deliver(message);
  }

  #change(id: string, part: Partial<PendingMessage>): void {
    const { pending } = this.#store.get();
    this.#store.patch({ pending: pending.map((p) => (p.id === id ? { ...p, ...part } : p)) });
  }
}
