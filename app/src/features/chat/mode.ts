// What the composer is about to do: say something, answer, change a message, or tell one person.
// Other parts of the room begin private messages by it.
import { Store } from '~/lib/store';
import type { Message } from '~/wire/types';

export type ChatMode =
  | { kind: 'new' }
  | { kind: 'reply'; message: Message }
  | { kind: 'edit'; message: Message }
  | { kind: 'private'; userId: string; name: string };

export const chatMode = new Store<ChatMode>({ kind: 'new' });

/** Grows when the chat is wanted from elsewhere: whoever shows the panels watches it. */
export const chatWanted = new Store(0);

export function writePrivately({ userId, name }: { userId: string; name: string }): void {
  chatMode.set({ kind: 'private', userId, name });
  chatWanted.set(chatWanted.get() + 1);
}
