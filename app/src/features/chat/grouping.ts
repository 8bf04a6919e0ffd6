// The messages of a room as rows: a line for each day, the mark before what is new, and messages,
// of which the first of a run by one person shows who it is.
import type { PendingMessage } from '~/room';
import type { Message } from '~/wire/types';

export type Row =
  | { kind: 'day'; key: string; at: number }
  | { kind: 'new'; key: string }
  | { kind: 'system'; key: string; message: Message }
  | {
      kind: 'message';
      key: string;
      message: Message;
      isFirst: boolean;
      pending: PendingMessage | null;
    };

const RUN_MS = 5 * 60 * 1000;

const dayOf = (at: number) => new Date(at).toDateString();

function goesOn(before: Message, message: Message): boolean {
  return (
    before.senderId === message.senderId &&
    before.to === message.to &&
    before.kind !== 'system' &&
    message.replyTo === undefined &&
    message.timestamp - before.timestamp < RUN_MS
  );
}

/** As it will be once it is heard back. */
const asMessage = (pending: PendingMessage, selfId: string, name: string): Message => {
  const { id, text, attachments, kind, at, to, replyTo } = pending;
  const rest = { ...(to !== undefined && { to }), ...(replyTo !== undefined && { replyTo }) };
  return { id, senderId: selfId, name, text, attachments, timestamp: at, kind, ...rest };
};

export interface Talk {
  messages: readonly Message[]; // oldest first
  pending: readonly PendingMessage[];
  self: { userId: string; name: string } | null;
  before?: Message | null; // the one before the first of them, which is not shown
  newAfter: number | null; // the mark stands before the first message of others behind that moment
}

export function rowsOf({ messages, pending, self, before: hidden, newAfter }: Talk): Row[] {
  const rows: Row[] = [];
  const selfId = self?.userId ?? '';
  let before: Message | null = null;
  let isMarked = newAfter === null || (hidden?.timestamp ?? 0) > newAfter;
  const add = (message: Message, waiting: PendingMessage | null) => {
    const { id: key, timestamp: at } = message;
    const isNewDay = !before || dayOf(before.timestamp) !== dayOf(at);
    if (isNewDay) rows.push({ kind: 'day', key: `day ${key}`, at });
    const isNew = !isMarked && at > (newAfter ?? 0) && message.senderId !== selfId;
    if (isNew) rows.push({ kind: 'new', key: 'new' });
    isMarked ||= isNew;
    const isFirst = isNewDay || isNew || !before || !goesOn(before, message);
    if (message.kind === 'system' || message.senderId === null)
      rows.push({ kind: 'system', key, message });
    else rows.push({ kind: 'message', key, message, isFirst, pending: waiting });
    before = message;
  };
  for (const message of messages) add(message, null);
  for (const waiting of pending) add(asMessage(waiting, selfId, self?.name ?? ''), waiting);
  return rows;
}

const EMOJI = /^[\p{Extended_Pictographic}\p{Emoji_Modifier}\u200d\ufe0f\u{1f1e6}-\u{1f1ff}\s]+$/u;
const LARGE_MAX = 6;

/** Nothing but a few emoji: they are shown large. */
export function isEmojiOnly(text: string): boolean {
  if (text.length > 80 || !text.trim() || !EMOJI.test(text)) return false;
  const signs = [...new Intl.Segmenter().segment(text.replace(/\s+/g, ''))];
  return signs.length <= LARGE_MAX;
}

/** Messages must have a text: those of files alone carry their names, which are not shown twice. */
export const namesOf = (attachments: readonly { name?: string }[]): string =>
  attachments
    .map(({ name }) => name)
    .filter(Boolean)
    .join(', ');
