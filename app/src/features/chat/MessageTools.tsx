import { Copy, Ellipsis, Lock, Pencil, Reply, Trash2 } from 'lucide-react';
import { useRef } from 'react';
import { t } from '~/text';
import { IconButton, Menu, MenuItem, MenuSeparator } from '~/ui';
import type { Message } from '~/wire/types';
import type { MessageActions } from './useMessageActions';

/** What can be done with a message: beside it while it is pointed at or has the focus. */
export function MessageTools({
  message,
  isOwn,
  canDelete,
  actions,
}: {
  message: Message;
  isOwn: boolean;
  canDelete: boolean;
  actions: MessageActions;
}) {
  const { name } = message;
  const box = useRef<HTMLDivElement>(null);
  const remove = () => {
    box.current?.closest('li')?.focus(); // a question gives the focus back to what is seen then
    actions.remove(message, isOwn);
  };
  return (
    <div ref={box} className="chat-tools">
      <IconButton
        small
        label={t('chat.reply')}
        icon={<Reply />}
        onClick={() => actions.reply(message)}
      />
      <Menu
        label={t('chat.moreOf', { name })}
        align="end"
        trigger={<IconButton small label={t('chat.more')} icon={<Ellipsis />} />}
      >
        <MenuItem icon={<Copy />} onSelect={() => actions.copy(message)}>
          {t('chat.copy')}
        </MenuItem>
        {isOwn && (
          <MenuItem icon={<Pencil />} onSelect={() => actions.edit(message)}>
            {t('chat.edit')}
          </MenuItem>
        )}
        {!isOwn && (
          <MenuItem icon={<Lock />} onSelect={() => actions.writeTo(message)}>
            {t('chat.private', { name })}
          </MenuItem>
        )}
        {canDelete && <MenuSeparator />}
        {canDelete && (
          <MenuItem danger icon={<Trash2 />} onSelect={remove}>
            {t('chat.delete')}
          </MenuItem>
        )}
      </Menu>
    </div>
  );
}
