import { ChevronUp, DoorClosed, LogOut } from 'lucide-react';
import { useRunsRoom, useRoomClient } from '~/room';
import { t } from '~/text';
import { attempt, IconButton, Menu, MenuItem, useConfirm } from '~/ui';

/** Ends the room for everybody, after a question. */
export function useEndRoom(): () => Promise<void> {
  const client = useRoomClient();
  const confirm = useConfirm();
  return async () => {
    const sure = await confirm({
      title: t('controls.endTitle'),
      text: t('controls.endText'),
      confirm: t('controls.end'),
      danger: true,
    });
    if (sure) await attempt(client.end());
  };
}

export function LeaveButton({ narrow }: { narrow: boolean }) {
  const client = useRoomClient();
  const isHost = useRunsRoom();
  const endRoom = useEndRoom();
  const button = (
    <IconButton
      variant="solid"
      danger
      className="controls-button controls-button--leave"
      label={t('controls.leave')}
      icon={<LogOut aria-hidden className="controls-mirrored" />}
      onClick={() => client.leave()}
    />
  );
  if (!isHost || narrow) return button;
  return (
    <div
      className="controls-split controls-split--danger"
      role="group"
      aria-label={t('controls.leave')}
    >
      {button}
      <Menu
        label={t('controls.leaveMenu')}
        side="top"
        align="end"
        trigger={
          <IconButton
            className="controls-split__more"
            label={t('controls.leaveMenu')}
            icon={<ChevronUp aria-hidden />}
          />
        }
      >
        <MenuItem icon={<LogOut />} onSelect={() => client.leave()}>
          {t('controls.leave')}
        </MenuItem>
        <MenuItem icon={<DoorClosed />} danger onSelect={() => void endRoom()}>
          {t('controls.end')}
        </MenuItem>
      </Menu>
    </div>
  );
}
