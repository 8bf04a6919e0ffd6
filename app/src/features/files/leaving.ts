import type { Store } from '~/lib/store';
import type { Phase } from '~/room';

const over: readonly Phase[] = ['left', 'kicked', 'ended'];

/** Says when the page is left, and when the room is; then it looks at neither any more. */
export function leaveWithRoom(
  room: Pick<Store<{ phase: Phase }>, 'get' | 'watch'>,
  page: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>,
  left: { room: () => void; page: () => void },
): void {
  const onPageHide = (event: Event) => {
    if (!(event as PageTransitionEvent).persisted) left.page();
  };
  const unwatch = room.watch(() => {
    if (!over.includes(room.get().phase)) return;
    unwatch();
    page.removeEventListener('pagehide', onPageHide);
    left.room();
  });
  page.addEventListener('pagehide', onPageHide);
}
