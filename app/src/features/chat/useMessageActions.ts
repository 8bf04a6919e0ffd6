import { useMemo } from 'react';
import { useRoomClient } from '~/room';
import { t } from '~/text';
import { attempt, copyText, useConfirm } from '~/ui';
import type { Message } from '~/wire/types';
import { chatMode, writePrivately } from './mode';

export interface MessageActions {
  reply: (message: Message) => void;
  edit: (message: Message) => void;
  copy: (message: Message) => void;
  remove: (message: Message, isOwn: boolean) => void;
  writeTo: (message: Message) => void;
  retry: (id: string) => void;
  discard: (id: string) => void;
}

/** What can be done with a message; the same object as long as the room is. */
export function useMessageActions(): MessageActions {
  const client = useRoomClient();
  const confirm = useConfirm();
  return useMemo(() => {
    const remove = async (message: Message, isOwn: boolean) => {
      const name = message.name;
      const isSure = await confirm({
        title: isOwn ? t('chat.deleteOwn') : t('chat.deleteTheirs', { name }),
        text: t('chat.deleteText'),
        confirm: t('chat.delete'),
        danger: true,
      });
      if (isSure) await attempt(client.deleteMessage(message.id));
    };
    return {
      reply: (message) => chatMode.set({ kind: 'reply', message }),
      edit: (message) => chatMode.set({ kind: 'edit', message }),
      copy: (message) => void copyText(message.text),
      remove: (message, isOwn) => void remove(message, isOwn),
      writeTo: ({ senderId, name }) => senderId && writePrivately({ userId: senderId, name }),
      retry: (id) => client.retrySaying(id),
      discard: (id) => client.discardSaying(id),
    };
  }, [client, confirm]);
}
