// Sessions as cards, each with a way in: study sessions that are open now.
import { CalendarClock, Users } from 'lucide-react';
import { useEffect, useState } from 'react';
import { api } from '~/lib/api';
import { formatDate, formatTime, t } from '~/text';
import '~/text/pages';
import { Badge, Banner, Empty, errorText, LinkButton, Page, Skeleton } from '~/ui';

/** As GET /api/sessions gives it. */
interface Session {
  sessionId: string;
  title: string;
  participantCount: number;
  createdAt: string;
  status: string;
}

function useSessions(): { sessions?: Session[]; error?: unknown } {
  const [found, setFound] = useState<{ sessions?: Session[]; error?: unknown }>({});
  useEffect(() => {
    const stop = new AbortController();
    api.get<{ sessions: Session[] }>('/api/sessions', { signal: stop.signal }).then(
      ({ sessions }) => setFound({ sessions }),
      (error: unknown) => {
        if (!stop.signal.aborted) setFound({ error });
      },
    );
    return () => stop.abort();
  }, []);
  return found;
}

function Card({ session }: { session: Session }) {
  const { sessionId, title, participantCount, createdAt, status } = session;
  const name = title || sessionId;
  const isLive = status.toLowerCase() === 'live';
  return (
    <article className="session-card">
      <h2>
        <bdi>{name}</bdi>
      </h2>
      <Badge kind={isLive ? 'good' : 'plain'}>
        {isLive ? t('sessions.live') : t('sessions.waiting')}
      </Badge>
      <p>
        <Users aria-hidden="true" />
        {t('lobby.here', { n: participantCount })}
      </p>
      <p>
        <CalendarClock aria-hidden="true" />
        {t('sessions.since', {
          date: formatDate(createdAt),
          time: formatTime(Date.parse(createdAt)),
        })}
      </p>
      <LinkButton
        variant="primary"
        href={`/sessions/${sessionId}`}
        aria-label={t('sessions.joinNamed', { name })}
      >
        {t('sessions.join')}
      </LinkButton>
    </article>
  );
}

function Content() {
  const { sessions, error } = useSessions();
  if (error !== undefined) return <Banner kind="bad">{errorText(error)}</Banner>;
  if (!sessions) return <Skeleton lines={6} />;
  if (sessions.length === 0)
    return (
      <Empty icon={<CalendarClock />} title={t('sessions.none')}>
        <LinkButton href="/new" variant="primary">
          {t('lobby.newRoom')}
        </LinkButton>
      </Empty>
    );
  return (
    <ul className="session-cards">
      {sessions.map((session) => (
        <li key={session.sessionId}>
          <Card session={session} />
        </li>
      ))}
    </ul>
  );
}

export function SessionsPage() {
  return (
    <Page title={t('sessions.title')} wide>
      <Content />
    </Page>
  );
}
