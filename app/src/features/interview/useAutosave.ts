// A candidate's code for components: one Autosave for as long as the room's client lives, fed with
// what the room says.
import { useEffect, useMemo } from 'react';
import { useStore } from '~/lib/store';
import { keep, recall } from '~/lib/storage';
import { useRoomClient, type RoomClient } from '~/room';
import { Autosave, type AutosaveState } from './autosave';
import { realClock } from '~/lib/clock';
import type { Kept } from './drafts';
import { hasEnded, isThere } from './useProctor';

const saves = new WeakMap<RoomClient, Autosave>();

const keyOf = (client: RoomClient): string =>
  `interview.code.${client.roomId}.${client.store.get().self?.userId ?? ''}`;

function autosaveOf(client: RoomClient): Autosave {
  const known = saves.get(client);
  if (known) return known;
  const key = keyOf(client);
  const fresh = new Autosave(
    {
      changeCode: (code, language) => client.changeCode(code, language),
      submitCode: (code, language, id) => client.submitCode(code, language, id),
      load: () => recall<Kept | null>(key, null),
      keep: (kept) => keep(key, kept),
      clock: realClock,
    },
    recall('interview.language', 'javascript'),
  );
  saves.set(client, fresh);
  const follow = (): void => {
    const view = client.store.get();
    if (isThere(view)) fresh.open(view.ownCode);
    fresh.line(isThere(view));
    if (hasEnded(view)) fresh.end();
    if (view.phase === 'left' || view.phase === 'kicked') fresh.close();
  };
  client.store.watch(follow);
  follow();
  return fresh;
}

export function useAutosave(): { save: Autosave; state: AutosaveState } {
  const client = useRoomClient();
  const save = useMemo(() => autosaveOf(client), [client]);

  useEffect(() => {
    const flush = (): void => save.flush();
    const mirror = (event: StorageEvent): void => {
      if (event.key === `stoa.${keyOf(client)}` && event.newValue)
        save.mirror(JSON.parse(event.newValue) as Kept);
    };
    window.addEventListener('pagehide', flush);
    window.addEventListener('storage', mirror);
    return () => {
      window.removeEventListener('pagehide', flush);
      window.removeEventListener('storage', mirror);
    };
  }, [client, save]);

  return { save, state: useStore(save.state, (state) => state) };
}
