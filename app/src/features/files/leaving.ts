import type { Store } from '~/lib/store';
import type { Phase } from '~/room';

const over: readonly Phase[] = ['left', 'kicked', 'ended'];

/** Ends what is under way when the page or the room is left, and looks at neither any more. */
export function leaveWithRoom(
  room: Pick<Store<{ phase: Phase }>, 'get' | 'watch'>,
  page: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>,
  leave: () => void,
): void {
  const onPageHide = (event: Event) => {
    if (!(event as PageTransitionEvent).persisted) leave();
  };
  const unwatch = room.watch(() => {
    if (!over.includes(room.get().phase)) return;
    unwatch();
    page.removeEventListener('pagehide', onPageHide);
    leave();
  });
  page.addEventListener('pagehide', onPageHide);
}
