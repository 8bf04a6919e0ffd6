// The inside of a room: the header, the middle (people, board, timer or work), the panel beside it,
// the controls below. On a phone the panel covers the middle.
import { Suspense, useCallback, useEffect, useRef, useState, type ReactNode } from 'react';
import { lazily } from '~/lib/lazily';
import { chatWanted } from '~/features/chat/mode';
import { useUnread } from '~/features/chat/unread';
import { ControlBar } from '~/features/controls/ControlBar';
import { DropZone } from '~/features/files/DropZone';
import { usePeopleNews } from '~/features/people/usePeopleNews';
import { CallNotices, Stage } from '~/features/stage/Stage';
import { useMediaSync } from '~/features/stage/useMediaSync';
import { useTimerAlerts, useTimerTitle } from '~/features/timer/alerts';
import { useShortcut } from '~/lib/keys';
import { isHostRole, useIsHost, useRoom } from '~/room';
import { t } from '~/text';
import { Spinner } from '~/ui';
import type { Mode } from '~/wire/types';
import { LineBanner } from './LineBanner';
import { RoomHeader } from './RoomHeader';
import { SidePanel } from './SidePanel';
import { useKeptFocus } from './useKeptFocus';
import { firstMiddleOf, panelsOf, type MiddleId, type PanelId } from './views';

const BoardView = lazily(async () => (await import('~/features/board/BoardView')).BoardView);
const HostConsole = lazily(
  async () => (await import('~/features/interview/HostConsole')).HostConsole,
);
const CandidateView = lazily(
  async () => (await import('~/features/interview/CandidateView')).CandidateView,
);

const TimerPanel = lazily(async () => (await import('~/features/timer/TimerPanel')).TimerPanel);

const WIDE = '(min-width: 60rem)';

const Loaded = ({ children }: { children: ReactNode }) => (
  <Suspense fallback={<Spinner label={t('shell.loading')} />}>{children}</Suspense>
);

/** What an interview is about stays as it is while something else is looked at. */
function Work({ isHost, isShown }: { isHost: boolean; isShown: boolean }) {
  return (
    <div className="room-work" hidden={!isShown}>
      <Loaded>{isHost ? <HostConsole /> : <CandidateView />}</Loaded>
    </div>
  );
}

function Middle({ id, onStage }: { id: MiddleId; onStage(): void }) {
  if (id === 'work') return null;
  return (
    <div className="room-work">
      {id === 'stage' && <Stage />}
      <Loaded>
        {id === 'timer' && <TimerPanel />}
        {id === 'board' && <BoardView onClose={onStage} />}
      </Loaded>
    </div>
  );
}

const middlesOf = (mode: Mode): MiddleId[] => {
  const middles: MiddleId[] = ['stage', 'board'];
  if (mode === 'interview') return ['work', ...middles];
  return mode === 'focus' ? ['timer', ...middles] : middles;
};

/** Opens the chat when somebody wants to write to one person. */
const useOpenedChat = (open: () => void): void => useEffect(() => chatWanted.watch(open), [open]);

function usePanel(panels: PanelId[]) {
  const [panel, setPanel] = useState<PanelId | null>(() =>
    window.matchMedia(WIDE).matches ? 'chat' : null,
  );
  const toggle = (id: PanelId) => (): void => setPanel((now) => (now === id ? null : id));
  const group = t('room.panel');
  useShortcut({ keys: 'Alt+C', label: t('room.chat'), group }, toggle('chat'));
  useShortcut({ keys: 'Alt+P', label: t('room.people'), group }, toggle('people'));
  useShortcut({ keys: 'Alt+F', label: t('room.files'), group }, toggle('files'));
  useOpenedChat(useCallback(() => setPanel('chat'), []));
  const isThere = panel !== null && panels.includes(panel);
  return [isThere ? panel : null, setPanel] as const;
}

/** What is likely to be opened is fetched beforehand: the server may be away when it is. */
const WARM_UP_MS = 4000;
const warmUp = (): void => {
  const parts = [
    import('~/features/files/FilesPanel'),
    import('~/features/people/PeoplePanel'),
    import('~/features/timer/TimerPanel'),
    import('~/features/board/BoardView'),
    import('~/ui/menuParts'),
    import('~/ui/ToastList'),
  ];
  for (const part of parts) part.catch(() => undefined);
};

const useWarmUp = (): void =>
  useEffect(() => {
    const timer = setTimeout(warmUp, WARM_UP_MS);
    return () => clearTimeout(timer);
  }, []);

function useRoomEffects(): void {
  useWarmUp();
  useMediaSync();
  usePeopleNews();
  useTimerAlerts();
  useTimerTitle();
}

export function RoomLayout() {
  const mode = useRoom((view) => view.room?.settings.mode ?? 'study');
  const isHost = useIsHost();
  const hasPictures = useRoom((view) => view.seats.some((s) => s.media.video || s.media.screen));
  const requests = useRoom((view) => (isHostRole(view.self?.role) ? view.requests.length : 0));
  const [middle, setMiddle] = useState<MiddleId>(() => firstMiddleOf(mode));
  const panels = panelsOf(mode);
  const [panel, setPanel] = usePanel(panels);
  const unread = useUnread(panel === 'chat');
  const box = useRef<HTMLDivElement>(null);
  useRoomEffects();
  useKeptFocus(box);
  const badges = { chat: unread, people: requests };
  const toggleBoard = (): void => setMiddle(middle === 'board' ? firstMiddleOf(mode) : 'board');
  const openPanel = (id: string | null): void => setPanel(panels.find((p) => p === id) ?? null);
  const stage = (): void => setMiddle(firstMiddleOf(mode));
  return (
    <DropZone>
      <div ref={box} className="room" data-mode={mode} data-panel={panel ?? undefined}>
        <RoomHeader
          middles={middlesOf(mode)}
          middle={middle}
          onMiddle={setMiddle}
          panel={panel}
          onPanel={openPanel}
        />
        <div className="room-notices">
          <LineBanner />
          {middle !== 'stage' && <CallNotices />}
        </div>
        <div className="room-body">
          <main className="room-middle" data-middle={middle}>
            {mode === 'interview' && <Work isHost={isHost} isShown={middle === 'work'} />}
            <Middle id={middle} onStage={stage} />
            {middle !== 'stage' && (
              <div className="room-strip" data-pictures={hasPictures || undefined}>
                <Stage compact />
              </div>
            )}
          </main>
          {panel && <SidePanel panels={panels} open={panel} badges={badges} onOpen={openPanel} />}
        </div>
        <ControlBar
          boardOpen={middle === 'board'}
          onToggleBoard={toggleBoard}
          panel={panel}
          onPanel={openPanel}
          badges={badges}
          hasCall
        />
      </div>
    </DropZone>
  );
}
