import {
  Lock,
  LockOpen,
  ShieldCheck,
  Menu as MenuIcon,
  MonitorCog,
  Settings,
  Share2,
  UserPlus,
} from 'lucide-react';
import { Suspense, useState } from 'react';
import { lazily } from '~/lib/lazily';
import { TimerPill } from '~/features/timer/TimerPill';
import { showShortcuts } from '~/lib/keys';
import { setTheme, useIsDark } from '~/lib/theme';
import { useRoom, useRoomClient, useRunsRoom } from '~/room';
import { t } from '~/text';
import { attempt, Button, IconButton, Menu, MenuItem, Segmented, toast } from '~/ui';
import { hasTimer, type MiddleId, type PanelId } from './views';

const InviteDialog = lazily(
  async () => (await import('~/features/host/InviteDialog')).InviteDialog,
);
const RoomSettingsDialog = lazily(
  async () => (await import('~/features/host/RoomSettingsDialog')).RoomSettingsDialog,
);

const middleName = (id: MiddleId): string =>
  ({
    stage: t('room.stage'),
    board: t('room.board'),
    timer: t('room.timer'),
    work: t('room.work'),
  })[id];

export function RoomHeader(props: {
  middles: MiddleId[];
  middle: MiddleId;
  onMiddle(id: MiddleId): void;
  panel: PanelId | null;
  onPanel(id: PanelId | null): void;
}) {
  const room = useRoom((view) => view.room);
  const client = useRoomClient();
  const isHost = useRunsRoom();
  const isDark = useIsDark();
  const [dialog, setDialog] = useState<'settings' | 'invite' | null>(null);
  if (!room) return null;
  const toggleTimer = (): void => props.onPanel(props.panel === 'timer' ? null : 'timer');
  const { mode, locked } = room.settings;
  return (
    <header className="room-header">
      <a className="room-home" href="/" aria-label={t('room.toLobby')}>
        <img src="/favicon.svg" alt="" width="28" height="28" />
      </a>
      <h1 className="room-title">
        <bdi>{room.title || room.roomId}</bdi>
        {locked && <Lock role="img" aria-label={t('room.locked')} />}
      </h1>
      {hasTimer(mode) && (
        <TimerPill
          open={props.panel === 'timer' || props.middle === 'timer'}
          onToggle={mode === 'focus' ? () => props.onMiddle('timer') : toggleTimer}
        />
      )}
      {props.middles.length > 1 && (
        <div className="room-middles">
          <Segmented
            label={t('room.middle')}
            value={props.middle}
            onChange={props.onMiddle}
            options={props.middles.map((value) => ({ value, label: middleName(value) }))}
          />
        </div>
      )}
      <span className="room-header-end">
        <IconButton
          className="room-secret"
          variant="quiet"
          label={t('room.encrypted')}
          icon={<ShieldCheck />}
          onClick={() =>
            toast({
              title: t('room.encrypted'),
              text: t('room.encryptedText'),
              key: 'encrypted',
            })
          }
        />
        <Button
          small
          className="room-invite"
          icon={<UserPlus />}
          onClick={() => setDialog('invite')}
        >
          {t('room.invite')}
        </Button>
        <Menu
          label={t('room.menu')}
          align="end"
          trigger={<IconButton label={t('room.menu')} icon={<MenuIcon />} variant="quiet" />}
        >
          <MenuItem icon={<Share2 />} onSelect={() => setDialog('invite')}>
            {t('room.invite')}
          </MenuItem>
          {isHost && (
            <MenuItem icon={<Settings />} onSelect={() => setDialog('settings')}>
              {t('room.settings')}
            </MenuItem>
          )}
          {isHost && (
            <MenuItem
              icon={locked ? <LockOpen /> : <Lock />}
              onSelect={() => void attempt(client.update({ settings: { locked: !locked } }))}
            >
              {locked ? t('room.unlock') : t('room.lock')}
            </MenuItem>
          )}
          <MenuItem icon={<MonitorCog />} onSelect={() => setTheme(isDark ? 'light' : 'dark')}>
            {isDark ? t('room.light') : t('room.dark')}
          </MenuItem>
          <MenuItem keys="?" onSelect={showShortcuts}>
            {t('room.shortcuts')}
          </MenuItem>
        </Menu>
      </span>
      <Suspense>
        {dialog === 'settings' && <RoomSettingsDialog onClose={() => setDialog(null)} />}
        {dialog === 'invite' && <InviteDialog onClose={() => setDialog(null)} />}
      </Suspense>
    </header>
  );
}
