import { useRoom } from '~/room';
import { t } from '~/text';
import { CopyField, Dialog } from '~/ui';

export function InviteDialog({ onClose }: { onClose(): void }) {
  const room = useRoom((view) => view.room);
  if (!room) return null;
  const { locked, approval } = room.settings;
  const whoComes = approval ? t('host.inviteAsk') : t('host.inviteOpen');
  return (
    <Dialog open size="small" title={t('host.invite')} onClose={onClose}>
      <div className="host-invite">
        <CopyField label={t('host.inviteLink')} value={room.joinLink} />
        <CopyField label={t('host.inviteCode')} value={room.roomId} />
        <p className="host-soft">{locked ? t('host.inviteLocked') : whoComes}</p>
      </div>
    </Dialog>
  );
}
