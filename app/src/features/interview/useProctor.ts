// Feeds proctor.ts with what the page looks like, and sends what it says.
import { keep, recall } from '~/lib/storage';
import { Store, useStore } from '~/lib/store';
import { isHostRole, useRoomClient, type RoomClient, type RoomView } from '~/room';
import { excuses } from '~/lib/excuse';
import type { Report, ReportKind } from '~/wire/types';
import { realClock } from '~/lib/clock';
import { isFullscreen } from './fullscreen';
import { see, unarmed, type Look, type Sight, type Watch } from './proctor';
import { ReportQueue } from './reportQueue';

const lookNow = (): Look => ({
  fullscreen: isFullscreen(),
  hidden: document.visibilityState === 'hidden',
  focused: document.hasFocus(),
});

export const isThere = (view: RoomView): boolean => view.phase === 'in' && view.line === 'up';
/** Of whom reports are made: nobody after the end, no host, nobody who has gone. */
const isCandidate = (view: RoomView): boolean =>
  view.phase === 'in' && view.room?.status === 'LIVE' && !isHostRole(view.self?.role);
export const hasEnded = (view: RoomView): boolean =>
  view.phase === 'ended' || view.room?.status === 'ENDED';

/** Looks at the page, from when it is armed until the function that is returned is called. */
function watchPage(report: (kinds: readonly ReportKind[]) => void) {
  let watch: Watch = { ...unarmed, excuses: excuses.get() };
  let sleep = (): void => {};
  const take = (sight: Sight): void => {
    const seen = see(watch, sight, realClock.now());
    watch = seen.watch;
    sleep();
    const { wakeAt } = seen;
    if (wakeAt !== null) sleep = realClock.after(Math.max(0, wakeAt - realClock.now()), look);
    report(seen.reports);
  };
  let isLeaving = false; // a page that is reloaded or closed is hidden at last: that is no switch
  const look = (): void => {
    if (!isLeaving) take({ type: 'look', ...lookNow() });
  };
  const leave = (event: Event): void => {
    isLeaving = event.type === 'pagehide';
    look();
  };
  const unwatchExcuses = excuses.watch(() => {
    const begins = excuses.get() > watch.excuses;
    take({ type: 'excuse', begins });
    look();
  });
  document.addEventListener('fullscreenchange', look);
  document.addEventListener('visibilitychange', look);
  window.addEventListener('blur', look);
  window.addEventListener('focus', look);
  window.addEventListener('pagehide', leave);
  window.addEventListener('pageshow', leave);
  take({ type: 'arm', ...lookNow() });
  const stop = (): void => {
    sleep();
    unwatchExcuses();
    document.removeEventListener('fullscreenchange', look);
    document.removeEventListener('visibilitychange', look);
    window.removeEventListener('blur', look);
    window.removeEventListener('focus', look);
    window.removeEventListener('pagehide', leave);
    window.removeEventListener('pageshow', leave);
  };
  return { take, stop };
}

/** Watches a candidate from the gate to the end, whatever part of the room is shown meanwhile. */
class Proctoring {
  readonly hasPassed = new Store(false);
  #client: RoomClient;
  #page: ReturnType<typeof watchPage> | null = null;

  constructor(client: RoomClient) {
    this.#client = client;
  }

  /** The candidate has agreed. */
  pass = (): void => {
    if (this.#page) return;
    const { store, roomId } = this.#client;
    const key = `interview.reports.${roomId}.${store.get().self?.userId ?? ''}`;
    const queue = new ReportQueue(
      {
        send: ({ kind, id }) => this.#client.report(kind, id),
        keep: (reports) => keep(key, [...reports]),
        clock: realClock,
      },
      recall<Report[]>(key, []),
    );
    this.#page = watchPage((kinds) => queue.push(kinds));
    const follow = (): void => {
      if (isCandidate(store.get())) return queue.line(isThere(store.get()));
      unwatch();
      if (hasEnded(store.get())) queue.end();
      else queue.close(); // what is kept goes when the candidate comes back
      this.#stop();
    };
    const unwatch = store.watch(follow);
    this.hasPassed.set(true);
    follow();
  };

  clip = (kind: 'COPY' | 'PASTE'): void => this.#page?.take({ type: 'clip', kind });

  #stop(): void {
    this.#page?.stop();
    this.#page = null;
    this.hasPassed.set(false);
  }
}

const sessions = new WeakMap<RoomClient, Proctoring>();

export function useProctor(): {
  hasPassed: boolean;
  pass(): void;
  clip(k: 'COPY' | 'PASTE'): void;
} {
  const client = useRoomClient();
  const session = sessions.get(client) ?? new Proctoring(client);
  sessions.set(client, session);
  const hasPassed = useStore(session.hasPassed, (value) => value);
  return { hasPassed, pass: session.pass, clip: session.clip };
}
