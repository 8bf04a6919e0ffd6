import { lazily } from '~/lib/lazily';
import { X } from 'lucide-react';
import { Suspense, type ReactNode } from 'react';
import { t } from '~/text';
import { IconButton, Spinner, Tabs } from '~/ui';
import type { PanelId } from './views';

const ChatPanel = lazily(async () => (await import('~/features/chat/ChatPanel')).ChatPanel);
const FilesPanel = lazily(async () => (await import('~/features/files/FilesPanel')).FilesPanel);
const PeoplePanel = lazily(async () => (await import('~/features/people/PeoplePanel')).PeoplePanel);
const TimerPanel = lazily(async () => (await import('~/features/timer/TimerPanel')).TimerPanel);

const panel: Record<PanelId, () => ReactNode> = {
  chat: () => <ChatPanel />,
  files: () => <FilesPanel />,
  people: () => <PeoplePanel />,
  timer: () => <TimerPanel />,
};

const tabOf = (id: PanelId) =>
  ({
    chat: { id, label: t('room.chat') },
    files: { id, label: t('room.files') },
    people: { id, label: t('room.people') },
    timer: { id, label: t('room.timer') },
  })[id];

export function SidePanel(props: {
  panels: PanelId[];
  open: PanelId;
  badges: Partial<Record<PanelId, number>>;
  onOpen(id: PanelId | null): void;
}) {
  const { panels, open, badges, onOpen } = props;
  const tabs = panels.map((id) => ({ ...tabOf(id), ...(badges[id] && { badge: badges[id] }) }));
  return (
    <aside className="room-panel" aria-label={t('room.panel')}>
      <IconButton
        className="room-panel-close"
        variant="quiet"
        label={t('room.closePanel')}
        icon={<X />}
        onClick={() => onOpen(null)}
      />
      <Tabs
        label={t('room.panel')}
        tabs={tabs}
        value={open}
        onChange={(id) => onOpen(panels.find((p) => p === id) ?? open)}
      >
        <Suspense fallback={<Spinner label={t('shell.loading')} />}>{panel[open]()}</Suspense>
      </Tabs>
    </aside>
  );
}
