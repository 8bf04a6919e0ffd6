// What hosts do to people, each asked for where it should be.
import { useRoomClient, type RoomClient } from '~/room';
import { t } from '~/text';
import { attempt, toast, useConfirm } from '~/ui';
import type { Media, Role, Seat } from '~/wire/types';

type Confirm = ReturnType<typeof useConfirm>;

const mutedText = {
  audio: 'people.didMute',
  video: 'people.didStopVideo',
  screen: 'people.didStopScreen',
} as const;

/** Each page is asked by itself; those whose microphone is off already are left alone. */
async function muteAll(client: RoomClient, confirm: Confirm): Promise<void> {
  const { seats, self } = client.store.get();
  const isSure = await confirm({
    title: t('people.muteAllTitle'),
    text: t('people.muteAllText'),
    confirm: t('people.muteAll'),
  });
  if (!isSure) return;
  const loud = seats.filter((s) => s.userId !== self?.userId && s.media.audio);
  const all = Promise.all(loud.map((seat) => client.mute(seat.socketId, 'audio')));
  const isDone = await attempt(all.then(() => true));
  if (isDone) toast({ title: t('people.didMuteAll'), kind: 'good', key: 'muteAll' });
}

export function useHosting() {
  const client = useRoomClient();
  const confirm = useConfirm();

  const mute = async ({ socketId, name }: Seat, kind: keyof Media) => {
    const isDone = await attempt(client.mute(socketId, kind).then(() => true));
    if (isDone) toast({ title: t(mutedText[kind], { name }), key: `mute ${socketId} ${kind}` });
  };

  const letBackIn = async (userId: string, name: string) => {
    const isDone = await attempt(client.readmit(userId).then(() => true));
    if (isDone)
      toast({ title: t('people.letBack', { name }), kind: 'good', key: `kick ${userId}` });
  };

  const remove = async ({ userId, name }: Seat) => {
    const reason = await confirm({
      title: t('people.removeTitle', { name }),
      text: t('people.removeText'),
      confirm: t('people.remove'),
      danger: true,
      input: { label: t('people.reason'), placeholder: t('people.reasonHint') },
    });
    if (reason === false) return;
    const why = typeof reason === 'string' ? reason : '';
    const isDone = await attempt(client.kick(userId, why).then(() => true));
    if (!isDone) return;
    toast({
      title: t('people.removed', { name }),
      key: `kick ${userId}`,
      action: { label: t('people.letBackIn'), onSelect: () => void letBackIn(userId, name) },
    });
  };

  /** A host beside oneself can do everything, this too. */
  const setRole = async ({ userId, name }: Seat, role: Exclude<Role, 'waiting'>) => {
    if (role === 'host') {
      const isSure = await confirm({
        title: t('people.makeHostTitle', { name }),
        text: t('people.makeHostText'),
        confirm: t('people.makeHost'),
      });
      if (!isSure) return;
    }
    await attempt(client.setRole(userId, role));
  };

  return { mute, muteAll: () => muteAll(client, confirm), remove, setRole };
}
