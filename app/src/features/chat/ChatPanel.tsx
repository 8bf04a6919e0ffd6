// The talk of the room: search, messages, who types, and where one writes.
import { useCallback, useEffect, useRef, useState, type DragEvent } from 'react';
import { ArrowDown, X } from 'lucide-react';
import { useRoom, useRoomClient } from '~/room';
import { t } from '~/text';
import '~/text/talk';
import { Button, IconButton, TextField, toast } from '~/ui';
import { attachFiles } from './attach';
import { Composer } from './Composer';
import { MessageList } from './MessageList';
import { SearchResults } from './SearchResults';
import { TypingLine } from './TypingLine';
import { useHistory } from './useHistory';
import { useScroll } from './useScroll';
import { clearMark, useSeen } from './unread';

/** Whether the page is in front. */
function useIsVisible(): boolean {
  const [isVisible, setVisible] = useState(!document.hidden);
  useEffect(() => {
    const change = () => setVisible(!document.hidden);
    document.addEventListener('visibilitychange', change);
    return () => document.removeEventListener('visibilitychange', change);
  }, []);
  return isVisible;
}

function SearchBar({ query, onQuery }: { query: string; onQuery: (query: string) => void }) {
  return (
    <div className="chat-search" role="search">
      <TextField
        label={t('chat.search')}
        hideLabel
        type="search"
        placeholder={t('chat.search')}
        value={query}
        onChange={(event) => onQuery(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || !query) return;
          event.stopPropagation();
          onQuery('');
        }}
      />
      {query && (
        <IconButton label={t('chat.closeSearch')} icon={<X />} onClick={() => onQuery('')} />
      )}
    </div>
  );
}

function Pill({ unread, onClick }: { unread: number; onClick: () => void }) {
  return (
    <div className="chat-pill">
      <Button
        small
        variant={unread > 0 ? 'primary' : 'plain'}
        icon={<ArrowDown />}
        onClick={onClick}
      >
        {unread > 0 ? t('chat.unread', { n: unread }) : t('chat.toLatest')}
      </Button>
    </div>
  );
}

export function ChatPanel() {
  const client = useRoomClient();
  const messages = useRoom((view) => view.messages);
  const pending = useRoom((view) => view.pending);
  const [query, setQuery] = useState('');
  const history = useHistory();
  const count = messages.length + pending.length;
  const scroll = useScroll(messages, count, history.loadByItself);
  const isVisible = useIsVisible();
  const { seen, unread } = useSeen(scroll.isAtEnd && isVisible);
  const latest = useRef(seen);
  latest.current = seen;
  const { jumpTo, toEnd } = scroll;
  const { find } = history;

  const sent = () => {
    clearMark(client.roomId, latest.current);
    toEnd();
  };
  const open = useCallback(
    async (id: string) => {
      const isThere = await find(id);
      if (!isThere) return false;
      setQuery('');
      jumpTo(id, client.store.get().messages);
      return true;
    },
    [find, jumpTo, client],
  );
  const jump = useCallback(
    async (id: string) => {
      if (!(await open(id))) toast({ title: t('chat.gone'), key: 'chat.gone' });
    },
    [open],
  );
  const onDrop = (event: DragEvent) => {
    const files = [...event.dataTransfer.files];
    if (files.length === 0) return;
    event.preventDefault();
    attachFiles(client, files);
  };
  return (
    <div className="chat-panel" onDrop={onDrop}>
      <SearchBar query={query} onQuery={setQuery} />
      <div className="chat-middle">
        <MessageList
          {...{ messages, pending, scroll, history }}
          newAfter={seen.mark}
          isCovered={query.trim() !== ''}
          onJump={(id) => void jump(id)}
        />
        {!scroll.isAtEnd && count > 0 && <Pill unread={unread.length} onClick={toEnd} />}
        {query.trim() !== '' && <SearchResults query={query} onOpen={open} />}
      </div>
      <TypingLine />
      <Composer onSent={sent} />
    </div>
  );
}
