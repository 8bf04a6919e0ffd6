import { Store, useStore } from '~/lib/store';

const calm = new Store({ text: '', n: 0 });
const urgently = new Store({ text: '', n: 0 });

/** Tells those who do not see the page; `urgent` interrupts what is being read. */
export function announce(text: string, urgent = false): void {
  const store = urgent ? urgently : calm;
  store.set({ text, n: store.get().n + 1 });
}

const Region = ({ store, live }: { store: typeof calm; live: 'polite' | 'assertive' }) => {
  const { text, n } = useStore(store, (now) => now);
  return (
    <div className="visually-hidden" aria-live={live} role={live === 'polite' ? 'status' : 'alert'}>
      {/* the same words again are another element, or they would not be read */}
      <p key={n}>{text}</p>
    </div>
  );
};

export const LiveRegions = () => (
  <>
    <Region store={calm} live="polite" />
    <Region store={urgently} live="assertive" />
  </>
);
