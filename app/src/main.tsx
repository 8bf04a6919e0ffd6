// The app's first script: what is needed on every page, and which page is shown. Each page but the
// lobby is loaded when it is opened.
import { startTransition, StrictMode, Suspense, type ReactNode } from 'react';
import { TriangleAlert } from 'lucide-react';
import { createRoot } from 'react-dom/client';
import { Redirect, Route, Switch, useSearch } from 'wouter';
import { lazily } from '~/lib/lazily';
import { LobbyPage } from '~/features/lobby/LobbyPage';
import { NotFoundPage } from '~/features/lobby/NotFoundPage';
import { refreshSession } from '~/lib/session';
import { t } from '~/text';
import { Boundary, Button, Empty, Overlays, Spinner } from '~/ui';

const LogInPage = lazily(async () => (await import('~/features/account/LogInPage')).LogInPage);
const AccountPage = lazily(
  async () => (await import('~/features/account/AccountPage')).AccountPage,
);
const DashboardPage = lazily(
  async () => (await import('~/features/dashboard/DashboardPage')).DashboardPage,
);
const SessionsPage = lazily(
  async () => (await import('~/features/sessions/SessionsPage')).SessionsPage,
);
const RoomPage = lazily(async () => (await import('~/features/room/RoomPage')).RoomPage);

/** The address of language E's page: room.html?id=. */
function RoomByQuery() {
  const id = new URLSearchParams(useSearch()).get('id');
  return id ? <Redirect to={`/room/${encodeURIComponent(id)}`} replace /> : <NotFoundPage />;
}

function Waiting({ children }: { children: ReactNode }) {
  return (
    <Suspense
      fallback={
        <div className="page-waiting">
          <Spinner label={t('shell.loading')} />
        </div>
      }
    >
      {children}
    </Suspense>
  );
}

const ROOM_ID = /^[A-Za-z0-9_-]{1,64}$/;
const roomAddresses = ['/room/:id', '/r/:id', '/sessions/:id'];

/** Our own mistake, or a version of the app that is no longer there: the rest of the page is. */
function Broken() {
  return (
    <main className="page-waiting">
      <Empty icon={<TriangleAlert />} title={t('shell.broken')} text={t('shell.brokenText')}>
        <Button variant="primary" onClick={() => window.location.reload()}>
          {t('shell.reload')}
        </Button>
      </Empty>
    </main>
  );
}

function App() {
  return (
    <Waiting>
      <Switch>
        <Route path="/" component={LobbyPage} />
        <Route path="/new" component={LobbyPage} />
        <Route path="/login">
          <LogInPage purpose="login" />
        </Route>
        <Route path="/signup">
          <LogInPage purpose="signup" />
        </Route>
        <Route path="/account" component={AccountPage} />
        <Route path="/dashboard" component={DashboardPage} />
        <Route path="/sessions" component={SessionsPage} />
        <Route path="/room.html" component={RoomByQuery} />
        {roomAddresses.map((path) => (
          <Route key={path} path={path}>
            {({ id }: { id: string }) =>
              ROOM_ID.test(id) ? <RoomPage key={id} roomId={id} /> : <NotFoundPage />
            }
          </Route>
        ))}
        <Route component={NotFoundPage} />
      </Switch>
    </Waiting>
  );
}

const page = (
  <StrictMode>
    <Boundary fallback={<Broken />}>
      <App />
    </Boundary>
    <Boundary fallback={null}>
      <Overlays />
    </Boundary>
  </StrictMode>
);

/** In slices, a moment after the scripts are read: what one types meanwhile is not kept waiting. */
const show = (place: HTMLElement): void => startTransition(() => createRoot(place).render(page));

const place = document.getElementById('root');
if (place) {
  void refreshSession();
  setTimeout(() => show(place));
}
