// The messages of the room. The list is one stop for the Tab key; arrows go through the messages.
import { useCallback, useMemo, useState, type KeyboardEvent } from 'react';
import { MessagesSquare } from 'lucide-react';
import { useIsHost, useRoom, type RoomView } from '~/room';
import { formatDate, t } from '~/text';
import { Boundary, Button, Empty, Spinner } from '~/ui';
import type { Message } from '~/wire/types';
import { rowsOf, type Row } from './grouping';
import { MessageItem } from './MessageItem';
import type { History } from './useHistory';
import { useMessageActions } from './useMessageActions';
import type { Scroll } from './useScroll';

/** Names and pictures of those who are here, or wrote. */
function useFaces() {
  const seats = useRoom((view) => view.seats);
  const gone = useRoom((view) => view.gone);
  const messages = useRoom((view) => view.messages);
  return useMemo(() => {
    const faces = new Map<string, { name: string; avatarUrl: string | null }>();
    for (const { senderId, name } of messages)
      if (senderId) faces.set(senderId, { name, avatarUrl: null });
    for (const { userId, name, avatarUrl } of [...gone, ...seats])
      faces.set(userId, { name, avatarUrl });
    return faces;
  }, [seats, gone, messages]);
}

const stepOf: Record<string, -1 | 1> = { ArrowUp: -1, ArrowDown: 1 };

/** From message to message, unless a field or a menu in it has the focus. */
function goThrough(event: KeyboardEvent<HTMLElement>): void {
  const step = stepOf[event.key];
  const item = event.target as HTMLElement;
  if (!step || item.dataset.id === undefined) return;
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-id]')];
  const next = all[all.indexOf(item) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function OtherRow({ row }: { row: Exclude<Row, { kind: 'message' }> }) {
  switch (row.kind) {
    case 'day':
      return (
        <li className="chat-day">
          <span>{formatDate(row.at)}</span>
        </li>
      );
    case 'new':
      return (
        <li className="chat-new">
          <span>{t('chat.newMark')}</span>
        </li>
      );
    case 'system':
      return (
        <li className="chat-system" data-id={row.key} tabIndex={-1}>
          <bdi>{row.message.text}</bdi>
        </li>
      );
  }
}

/** In the place of a message that cannot be shown. */
function Unshown({ id }: { id: string }) {
  return (
    <li className="chat-system" data-id={id} tabIndex={-1}>
      {t('chat.unshown')}
    </li>
  );
}

function Older({ history }: { history: History }) {
  if (history.isLoading)
    return (
      <div className="chat-older">
        <Spinner label={t('chat.loadingOlder')} />
      </div>
    );
  if (!history.hasOlder) return null;
  return (
    <div className="chat-older">
      <Button small variant="quiet" onClick={() => void history.load()}>
        {t('chat.loadOlder')}
      </Button>
    </div>
  );
}

export interface MessageListProps {
  messages: readonly Message[];
  pending: RoomView['pending'];
  newAfter: number | null;
  isCovered: boolean; // by what was found
  scroll: Scroll;
  history: History;
  onJump: (id: string) => void;
}

export function MessageList({
  messages,
  pending,
  newAfter,
  isCovered,
  scroll,
  history,
  onJump,
}: MessageListProps) {
  const self = useRoom((view) => view.self);
  const isHost = useIsHost();
  const faces = useFaces();
  const actions = useMessageActions();
  const [active, setActive] = useState<string | null>(null);
  const [pressed, setPressed] = useState<string | null>(null);
  const [start, end] = scroll.range;
  const rows = useMemo(() => {
    const shown = { messages: messages.slice(start, end), before: messages[start - 1] ?? null };
    const isLatest = end === messages.length;
    return rowsOf({ ...shown, pending: isLatest ? pending : [], self, newAfter });
  }, [messages, start, end, pending, self, newAfter]);
  const byId = useMemo(() => new Map(messages.map((m) => [m.id, m])), [messages]);
  const lastId = rows.at(-1)?.key;
  const tabStop = active !== null && byId.has(active) ? active : lastId;
  const unpress = useCallback(() => setPressed(null), []);
  const selfId = self?.userId ?? '';

  const item = (row: Row) => {
    if (row.kind !== 'message') return <OtherRow key={row.key} row={row} />;
    const { message, key } = row;
    const isOwn = message.senderId === selfId;
    const other = isOwn ? message.to : message.senderId;
    return (
      <Boundary key={key} fallback={<Unshown id={key} />}>
        <MessageItem
          {...{ message, isOwn, actions, onJump }}
          pending={row.pending}
          isFirst={row.isFirst}
          quoted={byId.get(message.replyTo ?? '') ?? null}
          canDelete={isOwn || isHost}
          avatarUrl={faces.get(message.senderId ?? '')?.avatarUrl ?? null}
          toName={faces.get(other ?? '')?.name ?? t('chat.somebody')}
          isActive={active === key}
          isPressed={pressed === key}
          isShining={scroll.shining === key}
          isTabStop={tabStop === key}
          onActive={setActive}
          onPressed={setPressed}
        />
      </Boundary>
    );
  };
  return (
    <div
      ref={scroll.ref}
      className="chat-scroll"
      role="log"
      inert={isCovered}
      aria-label={t('chat.messages')}
      aria-live={history.isLoading || !scroll.isAtEnd ? 'off' : 'polite'}
      onScroll={scroll.onScroll}
      onPointerDown={unpress}
      onKeyDown={goThrough}
    >
      <div className="chat-inner">
        <Older history={history} />
        {rows.length > 0 && <ol className="chat-list">{rows.map(item)}</ol>}
        {rows.length === 0 && !history.isLoading && (
          <Empty icon={<MessagesSquare />} title={t('chat.none')} text={t('chat.noneText')} />
        )}
      </div>
    </div>
  );
}
