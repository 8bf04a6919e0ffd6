// What is one's own: rooms, time of focus, files. Guests have it too, as long as their token lasts.
import { FileText, Flame, Plus, Sprout } from 'lucide-react';
import { useEffect, useState, type CSSProperties, type ReactNode } from 'react';
import { addressOf, safeName } from '~/features/files/names';
import { RoomCard } from '~/features/lobby/RoomCard';
import { api } from '~/lib/api';
import { useSession } from '~/lib/session';
import { formatBytes, formatDate, formatMinutes, t } from '~/text';
import '~/text/pages';
import { Banner, Empty, errorText, LinkButton, Page, Skeleton, VisuallyHidden } from '~/ui';
import { WireError } from '~/wire/errors';
import { bars } from './streak';
import type { Dashboard } from './types';

const DAYS = 14;

function useDashboard(): { dashboard?: Dashboard; error?: unknown } {
  const session = useSession();
  const [found, setFound] = useState<{ dashboard?: Dashboard; error?: unknown }>({});
  useEffect(() => {
    if (session.state === 'unknown') return;
    const stop = new AbortController();
    const query = { days: DAYS, utcOffset: -new Date().getTimezoneOffset() };
    api.get<Dashboard>('/api/dashboard', { query, signal: stop.signal }).then(
      (dashboard) => setFound({ dashboard }),
      (error: unknown) => {
        if (!stop.signal.aborted) setFound({ error });
      },
    );
    return () => stop.abort();
  }, [session.state]);
  return found;
}

function Number({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="dashboard-number">
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Days({ focus }: { focus: Dashboard['focus'] }) {
  return (
    <ol className="dashboard-days" aria-label={t('dashboard.days')}>
      {bars(focus.days).map(({ date, minutes, height }) => (
        <li key={date} title={`${formatDate(date)}: ${formatMinutes(minutes)}`}>
          <span
            className="dashboard-bar"
            style={{ '--height': height } as CSSProperties}
            aria-hidden="true"
          />
          <VisuallyHidden>
            {formatDate(date)}: {formatMinutes(minutes)}
          </VisuallyHidden>
        </li>
      ))}
    </ol>
  );
}

function Focus({ focus }: { focus: Dashboard['focus'] }) {
  return (
    <section className="dashboard-focus" aria-labelledby="dashboard-focus">
      <h2 id="dashboard-focus">{t('dashboard.focus')}</h2>
      <dl className="dashboard-numbers">
        <Number label={t('dashboard.today')}>{formatMinutes(focus.todayMinutes)}</Number>
        <Number label={t('dashboard.week')}>{formatMinutes(focus.weekMinutes)}</Number>
        <Number label={t('dashboard.total')}>{formatMinutes(focus.totalMinutes)}</Number>
        <Number label={t('dashboard.streak')}>
          <Flame aria-hidden="true" />
          {t('dashboard.streakDays', { n: focus.streakDays })}
        </Number>
      </dl>
      <Days focus={focus} />
    </section>
  );
}

function Rooms({ rooms }: { rooms: Dashboard['rooms'] }) {
  return (
    <section aria-labelledby="dashboard-rooms">
      <h2 id="dashboard-rooms">{t('dashboard.rooms')}</h2>
      {rooms.length === 0 ? (
        <Empty icon={<Sprout />} title={t('dashboard.noRooms')} />
      ) : (
        <ul className="room-cards">
          {rooms.map((room) => {
            const here = room.participantCount ?? 0;
            const card = { participants: [], ...room, participantCount: here };
            const seen = room.lastSeenAt;
            return (
              <li key={room.roomId}>
                <RoomCard
                  room={card}
                  {...(seen && { note: t('dashboard.seen', { date: formatDate(seen) }) })}
                />
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}

function FileLink({ url, name }: { url: string; name: string }) {
  const address = addressOf(url);
  const shown = <bdi>{safeName(name)}</bdi>;
  if (!address) return shown;
  return (
    <a href={address.href} target="_blank" rel="noopener noreferrer">
      {shown}
    </a>
  );
}

function Files({ files }: { files: Dashboard['files'] }) {
  return (
    <section aria-labelledby="dashboard-files">
      <h2 id="dashboard-files">{t('dashboard.files')}</h2>
      {files.length === 0 ? (
        <Empty icon={<FileText />} title={t('dashboard.noFiles')} />
      ) : (
        <ul className="dashboard-files">
          {files.map((file) => (
            <li key={file.id}>
              <FileText aria-hidden="true" />
              <FileLink {...file} />
              <span>
                {formatBytes(file.size)} · {formatDate(file.createdAt)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

const isNobody = (error: unknown): boolean => error instanceof WireError && error.status === 401;

function Content() {
  const { dashboard, error } = useDashboard();
  if (isNobody(error))
    return (
      <Empty icon={<Sprout />} title={t('dashboard.guest')} text={t('dashboard.guestText')}>
        <LinkButton href="/login?next=%2Fdashboard" variant="primary">
          {t('dashboard.logIn')}
        </LinkButton>
      </Empty>
    );
  if (error !== undefined) return <Banner kind="bad">{errorText(error)}</Banner>;
  if (!dashboard) return <Skeleton lines={6} />;
  return (
    <div className="dashboard">
      <Focus focus={dashboard.focus} />
      <Rooms rooms={dashboard.rooms} />
      <Files files={dashboard.files} />
    </div>
  );
}

export function DashboardPage() {
  const actions = (
    <LinkButton href="/new" icon={<Plus />}>
      {t('lobby.newRoom')}
    </LinkButton>
  );
  return (
    <Page title={t('dashboard.title')} wide actions={actions}>
      <Content />
    </Page>
  );
}
