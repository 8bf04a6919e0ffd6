import { useCallback, useRef, useState } from 'react';
import { useRoom, useRoomClient } from '~/room';
import { attempt } from '~/ui';

const PAGES_MAX = 20; // that are fetched to find one message

export interface History {
  hasOlder: boolean;
  isLoading: boolean;
  load: () => Promise<void>;
  /** Fetches until the message is there; false: it is gone, or too far back. */
  find: (id: string) => Promise<boolean>;
}

/** Older messages, fetched a page at a time. What failed is tried again when people ask for it. */
export function useHistory(): History & { loadByItself: () => void } {
  const client = useRoomClient();
  const hasOlder = useRoom((view) => view.hasOlder);
  const [isLoading, setLoading] = useState(false);
  const running = useRef<Promise<void> | null>(null);
  const hasFailed = useRef(false);

  const load = useCallback((): Promise<void> => {
    running.current ??= (async () => {
      setLoading(true);
      hasFailed.current = (await attempt(client.loadOlder().then(() => true))) === undefined;
      setLoading(false);
      running.current = null;
    })();
    return running.current;
  }, [client]);

  const loadByItself = () => {
    if (hasOlder && !hasFailed.current && !running.current) void load();
  };
  const find = useCallback(
    async (id: string) => {
      const isThere = () => client.store.get().messages.some((m) => m.id === id);
      for (let n = 0; n < PAGES_MAX; n++) {
        if (isThere()) return true;
        if (!client.store.get().hasOlder) return false;
        await load();
        if (hasFailed.current) return false;
      }
      return isThere();
    },
    [client, load],
  );
  return { hasOlder, isLoading, load, find, loadByItself };
}
