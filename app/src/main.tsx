// The app's first script: what is needed on every page, and which page is shown. Each page but the
// lobby is loaded when it is opened.
import { lazy, StrictMode, Suspense, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { Redirect, Route, Switch, useSearch } from 'wouter';
import { LobbyPage } from '~/features/lobby/LobbyPage';
import { NotFoundPage } from '~/features/lobby/NotFoundPage';
import { refreshSession } from '~/lib/session';
import { t } from '~/text';
import { Overlays, Spinner } from '~/ui';

const LogInPage = lazy(async () => ({
  default: (await import('~/features/account/LogInPage')).LogInPage,
}));
const AccountPage = lazy(async () => ({
  default: (await import('~/features/account/AccountPage')).AccountPage,
}));
const DashboardPage = lazy(async () => ({
  default: (await import('~/features/dashboard/DashboardPage')).DashboardPage,
}));
const SessionsPage = lazy(async () => ({
  default: (await import('~/features/sessions/SessionsPage')).SessionsPage,
}));
const RoomPage = lazy(async () => ({
  default: (await import('~/features/room/RoomPage')).RoomPage,
}));

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

const root = document.getElementById('root');
if (root) {
  void refreshSession();
  createRoot(root).render(
    <StrictMode>
      <App />
      <Overlays />
    </StrictMode>,
  );
}
