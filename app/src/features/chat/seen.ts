// What somebody has seen of a room's talk is one moment, kept in the browser: what others said
// later is new. The mark before what is new stays where it was while one reads.
import type { Message } from '~/wire/types';

export interface Seen {
  at: number; // the newest message that was seen
  mark: number | null; // what is later than that stood, or stands, behind the mark
}

/** Of a room that was never seen. */
export const NEVER: Seen = { at: -1, mark: null };

export const newest = (messages: readonly Message[]): number =>
  messages.reduce((at, message) => Math.max(at, message.timestamp), 0);

export function unreadOf(messages: readonly Message[], seenAt: number, selfId: string): Message[] {
  const isNew = ({ timestamp, senderId }: Message) =>
    timestamp > seenAt && senderId !== selfId && senderId !== null;
  return messages.filter(isNew);
}

/** What follows for what was seen, when these are the messages; `isLooking`: at the newest one. */
export function look(
  seen: Seen,
  messages: readonly Message[],
  selfId: string,
  isLooking: boolean,
): Seen {
  if (seen.at < 0) return { at: newest(messages), mark: null }; // the history is not news
  const unread = unreadOf(messages, seen.at, selfId).length;
  const mark = unread > 0 && !isLooking ? seen.at : seen.mark;
  const at = isLooking ? Math.max(seen.at, newest(messages)) : seen.at;
  return at === seen.at && mark === seen.mark ? seen : { at, mark };
}
