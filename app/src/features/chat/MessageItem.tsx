// One message: who, when, for whom, what it answers, its text and files, and what became of it.
import { memo, useRef, type PointerEvent } from 'react';
import { Lock } from 'lucide-react';
import { attachmentsOf } from '~/features/files/attachments';
import { FilePreview } from '~/features/files/FilePreview';
import { isolated } from '~/features/people/isolated';
import type { PendingMessage } from '~/room';
import { formatDate, formatTime, t } from '~/text';
import { Avatar, Button, classes, errorText } from '~/ui';
import type { Message } from '~/wire/types';
import { isEmojiOnly, namesOf } from './grouping';
import { Markdown } from './Markdown';
import { plainText } from './markdownTree';
import { MessageTools } from './MessageTools';
import type { MessageActions } from './useMessageActions';

export interface MessageItemProps {
  message: Message;
  quoted: Message | null; // what it answers, where that is known
  pending: PendingMessage | null;
  isFirst: boolean;
  isOwn: boolean;
  canDelete: boolean;
  avatarUrl: string | null;
  toName: string; // of a private message's other end
  isActive: boolean; // pointed at, or focused: it has its tools
  isPressed: boolean; // held with a finger
  isShining: boolean;
  isTabStop: boolean;
  actions: MessageActions;
  onActive: (id: string) => void;
  onPressed: (id: string) => void;
  onJump: (id: string) => void;
}

const PRESS_MS = 450;

/** A finger that rests on it. */
function useLongPress(onPress: () => void) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const end = () => clearTimeout(timer.current);
  const onPointerDown = ({ pointerType }: PointerEvent) => {
    end();
    if (pointerType === 'touch') timer.current = setTimeout(onPress, PRESS_MS);
  };
  return { onPointerDown, onPointerUp: end, onPointerCancel: end, onPointerMove: end };
}

export const momentOf = (at: number): string =>
  t('chat.moment', { date: formatDate(at), time: formatTime(at) });

function Time({ at }: { at: number }) {
  return (
    <time className="chat-time" dateTime={new Date(at).toISOString()} title={momentOf(at)}>
      {formatTime(at)}
    </time>
  );
}

function Quote({
  id,
  quoted,
  onJump,
}: {
  id: string;
  quoted: Message | null;
  onJump: (id: string) => void;
}) {
  return (
    <button type="button" className="chat-quote" onClick={() => onJump(id)}>
      {quoted ? (
        <>
          <bdi className="chat-quote-name">{quoted.name}</bdi>
          <span className="chat-quote-text" dir="auto">
            {plainText(quoted.text).slice(0, 140)}
          </span>
        </>
      ) : (
        t('chat.quoteElsewhere')
      )}
    </button>
  );
}

function Body({ message }: { message: Message }) {
  const files = attachmentsOf(message.attachments);
  const isNamesOnly = files.length > 0 && message.text === namesOf(files);
  return (
    <>
      {!isNamesOnly &&
        (isEmojiOnly(message.text) ? (
          <p className="chat-large">{message.text}</p>
        ) : (
          <Markdown text={message.text} />
        ))}
      {files.length > 0 && (
        <ul className="chat-files" aria-label={t('chat.attachments')}>
          {files.map((file, i) => (
            <li key={i}>
              <FilePreview file={file} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Pending({ pending, actions }: { pending: PendingMessage; actions: MessageActions }) {
  if (!pending.error) return <p className="chat-state">{t('chat.sending')}</p>;
  return (
    <div className="chat-state chat-state--bad" role="alert">
      <span>{t('chat.notSent', { why: errorText(pending.error) })}</span>
      <Button small onClick={() => actions.retry(pending.id)}>
        {t('chat.tryAgain')}
      </Button>
      <Button small variant="quiet" onClick={() => actions.discard(pending.id)}>
        {t('chat.discard')}
      </Button>
    </div>
  );
}

function PrivateMark({ isOwn, toName }: { isOwn: boolean; toName: string }) {
  return (
    <p className="chat-private">
      <Lock size={13} aria-hidden />
      <span>{t(isOwn ? 'chat.privateTo' : 'chat.privateFrom', { name: isolated(toName) })}</span>
    </p>
  );
}

function Head({ message, isOwn }: { message: Message; isOwn: boolean }) {
  return (
    <p className="chat-head">
      <bdi className="chat-name">{message.name}</bdi>
      {isOwn && <span className="chat-you">{t('chat.you')}</span>}
      <Time at={message.timestamp} />
    </p>
  );
}

export const MessageItem = memo(function MessageItem(props: MessageItemProps) {
  const { message, pending, isFirst, isOwn, isActive, isPressed, actions, onActive } = props;
  const { id } = message;
  const isPrivate = message.to !== undefined;
  const press = useLongPress(() => {
    onActive(id);
    props.onPressed(id);
  });
  return (
    <li
      {...press}
      data-id={id}
      tabIndex={props.isTabStop ? 0 : -1}
      className={classes(
        'chat-message',
        isFirst && 'chat-message--first',
        isOwn && 'chat-message--own',
        isPrivate && 'chat-message--private',
        isPressed && 'chat-message--pressed',
        props.isShining && 'chat-message--shining',
        pending !== null && 'chat-message--pending',
      )}
      onPointerEnter={({ pointerType }) => pointerType === 'mouse' && onActive(id)}
      onFocus={() => onActive(id)}
    >
      <div className="chat-side">
        {isFirst ? (
          <Avatar name={message.name} url={props.avatarUrl} size="small" />
        ) : (
          <Time at={message.timestamp} />
        )}
      </div>
      <div className="chat-body">
        {isFirst && <Head message={message} isOwn={isOwn} />}
        {isPrivate && <PrivateMark isOwn={isOwn} toName={props.toName} />}
        {message.replyTo !== undefined && (
          <Quote id={message.replyTo} quoted={props.quoted} onJump={props.onJump} />
        )}
        <Body message={message} />
        {message.editedAt && (
          <span className="chat-edited" title={momentOf(Date.parse(message.editedAt))}>
            {t('chat.edited')}
          </span>
        )}
        {pending && <Pending pending={pending} actions={actions} />}
      </div>
      {isActive && !pending && (
        <MessageTools
          message={message}
          isOwn={isOwn}
          canDelete={props.canDelete}
          actions={actions}
        />
      )}
    </li>
  );
});
