import { useState } from 'react';
import { SearchX } from 'lucide-react';
import { t } from '~/text';
import { Banner, Boundary, Button, Empty, Spinner } from '~/ui';
import type { Message } from '~/wire/types';
import { Markdown } from './Markdown';
import { plainText } from './markdownTree';
import { momentOf } from './MessageItem';
import { snippetOf } from './snippet';
import { useSearch } from './useSearch';

interface ResultProps {
  message: Message;
  query: string;
  onOpen: (id: string) => Promise<boolean>;
}

/** Leads to the message; where it cannot be reached, it is shown here as a whole. */
function Result({ message, query, onOpen }: ResultProps) {
  const [isOpening, setOpening] = useState(false);
  const [isWhole, setWhole] = useState(false);
  const open = async () => {
    setOpening(true);
    const isThere = await onOpen(message.id);
    setOpening(false);
    setWhole(!isThere);
  };
  return (
    <li className="chat-result">
      <button type="button" onClick={() => void open()} aria-busy={isOpening}>
        <span className="chat-head">
          <bdi className="chat-name">{message.name}</bdi>
          <span className="chat-time">{momentOf(message.timestamp)}</span>
          {isOpening && <Spinner />}
        </span>
        {!isWhole && (
          <span className="chat-result-text" dir="auto">
            {snippetOf(plainText(message.text), query).map(({ text, isHit }, i) =>
              isHit ? <mark key={i}>{text}</mark> : <span key={i}>{text}</span>,
            )}
          </span>
        )}
      </button>
      {isWhole && <Markdown text={message.text} />}
    </li>
  );
}

export function SearchResults({
  query,
  onOpen,
}: {
  query: string;
  onOpen: (id: string) => Promise<boolean>;
}) {
  const { found, isBusy, more } = useSearch(query);
  const isAnswered = found.query !== '' && !isBusy && !found.error;
  return (
    <div className="chat-results" role="region" aria-label={t('chat.results')} aria-busy={isBusy}>
      {!found.query && !isBusy && <p className="chat-results-hint">{t('chat.searchHint')}</p>}
      {found.error && <Banner kind="bad">{found.error}</Banner>}
      {isAnswered && found.results.length === 0 && (
        <Empty
          icon={<SearchX />}
          title={t('chat.nothingFound')}
          text={t('chat.nothingFoundText')}
        />
      )}
      <ol className="chat-results-list">
        {found.results.map((message) => (
          <Boundary key={message.id} fallback={<li>{t('chat.unshown')}</li>}>
            <Result message={message} query={found.query} onOpen={onOpen} />
          </Boundary>
        ))}
      </ol>
      {isBusy && <Spinner label={t('chat.searching')} />}
      {found.next !== null && !isBusy && (
        <Button small onClick={more}>
          {t('chat.moreResults')}
        </Button>
      )}
    </div>
  );
}
