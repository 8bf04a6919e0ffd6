import { useState } from 'react';
import { SettingsForm, type RoomWish } from '~/features/settings/SettingsForm';
import { useRoom, useRoomClient } from '~/room';
import { t } from '~/text';
import { attempt, Button, Dialog, toast } from '~/ui';
import type { Room } from '~/wire/types';

/** What others have changed meanwhile stays. */
const changes = (room: Room, { title, settings }: RoomWish) => {
  const isNew = ([key, value]: [string, unknown]): boolean =>
    JSON.stringify(value) !== JSON.stringify(room.settings[key as keyof typeof settings]);
  return { title, settings: Object.fromEntries(Object.entries(settings).filter(isNew)) };
};

function Form({ room, onClose }: { room: Room; onClose(): void }) {
  const client = useRoomClient();
  const [before] = useState(room);
  const [wish, setWish] = useState<RoomWish>({ title: room.title, settings: room.settings });
  const [isBusy, setIsBusy] = useState(false);
  const save = async (): Promise<void> => {
    setIsBusy(true);
    const saved = await attempt(client.update(changes(before, wish)));
    setIsBusy(false);
    if (saved === undefined) return;
    toast({ kind: 'good', title: t('host.saved') });
    onClose();
  };
  const footer = (
    <Button variant="primary" busy={isBusy} onClick={() => void save()}>
      {t('host.save')}
    </Button>
  );
  return (
    <Dialog open title={t('host.settings')} onClose={onClose} footer={footer}>
      <SettingsForm value={wish} onChange={setWish} />
    </Dialog>
  );
}

export function RoomSettingsDialog({ onClose }: { onClose(): void }) {
  const room = useRoom((view) => view.room);
  return room && <Form room={room} onClose={onClose} />;
}
