import { DoorClosed, Ellipsis, Hand, MonitorUp, MonitorX, Settings2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useRunsRoom } from '~/room';
import { t } from '~/text';
import { IconButton, Menu, MenuItem, MenuSeparator } from '~/ui';
import { useEndRoom } from './LeaveButton';
import { ScreenItems, type ScreenControl } from './MediaButtons';
import type { PanelButton } from './panels';

interface Props {
  hasCall: boolean;
  screen: ScreenControl;
  hand: boolean;
  onHand(): void;
  panels: PanelButton[];
  panel: string | null;
  onPanel(id: string | null): void;
  badges: Record<string, number>;
  onDevices(): void;
  children?: ReactNode;
}

/** Where the bar is narrow: all that has no button of its own. */
export function MoreMenu(props: Props) {
  const { hasCall, screen, hand, panels, panel, badges } = props;
  const isHost = useRunsRoom();
  const endRoom = useEndRoom();
  const unread = panels.some((one) => (badges[one.id] ?? 0) > 0);
  return (
    <Menu
      label={t('controls.more')}
      side="top"
      align="end"
      trigger={
        <IconButton
          variant="solid"
          className="controls-button"
          label={t('controls.more')}
          badge={unread}
          icon={<Ellipsis aria-hidden />}
        />
      }
    >
      <MenuItem icon={<Hand />} checked={hand} onSelect={props.onHand}>
        {t(hand ? 'controls.lowerHand' : 'controls.raiseHand')}
      </MenuItem>
      {panels.map((one) => (
        <MenuItem
          key={one.id}
          icon={one.icon}
          checked={panel === one.id}
          onSelect={() => props.onPanel(panel === one.id ? null : one.id)}
        >
          {labelOf(one, badges)}
        </MenuItem>
      ))}
      {hasCall && (
        <>
          <MenuSeparator />
          {screen.possible && (
            <MenuItem icon={screen.on ? <MonitorX /> : <MonitorUp />} onSelect={screen.toggle}>
              {t(screen.on ? 'controls.stopScreen' : 'controls.shareScreen')}
            </MenuItem>
          )}
          {screen.possible && !screen.on && <ScreenItems screen={screen} />}
          <MenuItem icon={<Settings2 />} onSelect={props.onDevices}>
            {t('controls.devices')}
          </MenuItem>
        </>
      )}
      {isHost && (
        <>
          <MenuSeparator />
          <MenuItem icon={<DoorClosed />} danger onSelect={() => void endRoom()}>
            {t('controls.end')}
          </MenuItem>
        </>
      )}
    </Menu>
  );
}

const labelOf = (panel: PanelButton, badges: Record<string, number>) => {
  const n = badges[panel.id] ?? 0;
  return n > 0 ? t('controls.withNew', { label: panel.label, n }) : panel.label;
};
