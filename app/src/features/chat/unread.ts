// What was seen of a room's talk, read and kept up to date; and how many messages are new.
import { useEffect } from 'react';
import { keep, usePersistent } from '~/lib/storage';
import { useRoom, useRoomClient } from '~/room';
import { t } from '~/text';
import { announce } from '~/ui';
import type { Message } from '~/wire/types';
import { chatMode } from './mode';
import { look, NEVER, unreadOf, type Seen } from './seen';

const keyOf = (roomId: string) => `chat.seen.${roomId}`;

export interface SeenNow {
  seen: Seen;
  unread: Message[];
}

/** Reads what was seen, and keeps it up to date; null: somebody else does. */
export function useSeen(isLooking: boolean | null): SeenNow {
  const { roomId } = useRoomClient();
  const messages = useRoom((view) => view.messages);
  const isIn = useRoom((view) => view.phase === 'in');
  const selfId = useRoom((view) => view.self?.userId ?? '');
  const [seen] = usePersistent<Seen>(keyOf(roomId), NEVER);
  useEffect(() => {
    if (isIn && isLooking !== null)
      keepIfOther(roomId, seen, look(seen, messages, selfId, isLooking));
  }, [isIn, roomId, seen, messages, selfId, isLooking]);
  return { seen, unread: seen.at < 0 ? [] : unreadOf(messages, seen.at, selfId) };
}

function keepIfOther(roomId: string, before: Seen, after: Seen): void {
  if (after !== before) keep(keyOf(roomId), after);
}

/** Takes the mark away: whoever writes has read. */
export const clearMark = (roomId: string, seen: Seen): void =>
  keepIfOther(roomId, seen, seen.mark === null ? seen : { ...seen, mark: null });

const HEARD_MAX = 120; // characters of a message that are read out

const readOut = async ({ name, text }: Message): Promise<void> => {
  const { plainText } = await import('./markdownTree');
  announce(t('room.heard', { name, text: plainText(text).slice(0, HEARD_MAX) }));
};

/** How many messages are new, for the badge; reads new ones out while the chat is closed. */
export function useUnread(panelOpen: boolean): number {
  const client = useRoomClient();
  const { unread } = useSeen(panelOpen ? null : false);
  const last = unread.at(-1);
  const isFresh = last !== undefined && Date.now() - last.timestamp < 60_000;
  useEffect(() => {
    if (panelOpen || !last || !isFresh) return;
    void readOut(last);
    // Once for each message, whatever else changes.
  }, [last?.id, panelOpen]);
  useEffect(() => () => chatMode.set({ kind: 'new' }), [client]); // other rooms, other people
  return panelOpen ? 0 : unread.length;
}
