import { useState } from 'react';
import { useLocation } from 'wouter';
import { presets } from '~/features/settings/presets';
import { SettingsForm, type RoomWish } from '~/features/settings/SettingsForm';
import { api } from '~/lib/api';
import { t } from '~/text';
import { attempt, Button, Dialog } from '~/ui';
import type { Mode, Room } from '~/wire/types';

/** Makes a room, and goes there. */
export function NewRoomDialog({ mode, onClose }: { mode: Mode; onClose(): void }) {
  const [, go] = useLocation();
  const [wish, setWish] = useState<RoomWish>({ title: '', settings: presets[mode] });
  const [isBusy, setIsBusy] = useState(false);
  const create = async (): Promise<void> => {
    setIsBusy(true);
    const room = await attempt(api.post<Room>('/api/rooms', wish));
    setIsBusy(false);
    if (room) go(`/room/${room.roomId}`);
  };
  const footer = (
    <>
      <Button onClick={onClose}>{t('lobby.cancel')}</Button>
      <Button type="submit" form="new-room" variant="primary" busy={isBusy}>
        {t('lobby.create')}
      </Button>
    </>
  );
  return (
    <Dialog open title={t('lobby.newRoom')} onClose={onClose} footer={footer}>
      <form
        id="new-room"
        onSubmit={(e) => {
          e.preventDefault();
          void create();
        }}
      >
        <SettingsForm value={wish} onChange={setWish} />
      </form>
    </Dialog>
  );
}
