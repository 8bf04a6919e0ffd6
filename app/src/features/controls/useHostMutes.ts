import { useEffect } from 'react';
import { useCallHandle, useLocalMedia } from '~/features/stage/CallContext';
import { useRoomClient } from '~/room';
import { t } from '~/text';
import { attempt, toast } from '~/ui';
import type { Said } from '~/wire/types';

/** Does what a host asks for: a device is turned off, and one is told by whom. */
export function useHostMutes(): void {
  const client = useRoomClient();
  const local = useLocalMedia();
  const call = useCallHandle();
  useEffect(() => {
    if (!call) return undefined;
    const obey = async ({ kind }: Said['control:muted']) => {
      if (kind === 'screen') local.stopScreen();
      else if (kind === 'video') await local.setCamera(false);
      else {
        local.holdToTalk(false);
        await local.setMicrophone(false);
      }
      client.setMedia({ [kind]: false });
    };
    return client.on('control:muted', (muted) => {
      const { self, seats } = client.store.get();
      const aimed = muted.targetSocketId
        ? muted.targetSocketId === client.socketId
        : muted.userId === self?.userId;
      if (!aimed) return;
      void attempt(obey(muted));
      const name = seats.find((seat) => seat.userId === muted.by)?.name ?? t('controls.aHost');
      toast({ title: t(`controls.mutedBy.${muted.kind}`, { name }), key: `muted-${muted.kind}` });
    });
  }, [client, local, call]);
}
