// What a message will be, from what stands in the composer.
import type { Draft } from '~/room';
import type { Uploaded } from '~/features/files/upload';
import type { Message } from '~/wire/types';
import { isEmojiOnly, namesOf } from './grouping';
import type { ChatMode } from './mode';

/** Whom an answer to that message is for: undefined for everybody. */
export function audienceOf(message: Message, selfId: string): string | undefined {
  if (message.to === undefined) return undefined;
  return message.senderId === selfId ? message.to : (message.senderId ?? undefined);
}

/** Null: there is nothing to say. */
export function draftOf(
  text: string,
  mode: ChatMode,
  selfId: string,
  files: readonly Uploaded[],
): Draft | null {
  const attachments = files.map(({ fileUrl, ...file }) => ({ url: fileUrl, ...file }));
  const said = text.trim() || namesOf(attachments);
  if (!said) return null;
  const to = mode.kind === 'reply' ? audienceOf(mode.message, selfId) : undefined;
  return {
    text: said,
    kind: isEmojiOnly(said) ? 'emoji' : 'text',
    ...(attachments.length > 0 && { attachments }),
    ...(mode.kind === 'private' && { to: mode.userId }),
    ...(mode.kind === 'reply' && { replyTo: mode.message.id }),
    ...(to !== undefined && { to }),
  };
}
