// The toasts that are there, loaded with the first of them. They stay while one points at them, go
// by a swipe, and F8 leads to them.
import * as Radix from '@radix-ui/react-toast';
import { CircleAlert, CircleCheck, Info, X } from 'lucide-react';
import { useLayoutEffect, useState } from 'react';
import { createPortal } from 'react-dom';

import { useStore } from '~/lib/store';
import { t } from '~/text';

import { Button, IconButton } from './Button';
import { modals } from './modals';
import { dropToast, toasts, type Toast } from './toast';

const icons = { info: Info, good: CircleCheck, bad: CircleAlert };
const shortMs = 5000;
const longMs = 9000; // when there is something to read, or to do

function Item({ toast }: { toast: Toast }) {
  const { kind = 'info', title, text, action } = toast;
  const Icon = icons[kind];
  return (
    <Radix.Root
      className={`toast toast--${kind}`}
      type={kind === 'bad' ? 'foreground' : 'background'}
      duration={text || action ? longMs : shortMs}
      onOpenChange={(open) => !open && dropToast(toast.id)}
      // a click leaves the focus where it is; in here, it would keep the others from going
      onMouseDown={(event) => event.preventDefault()}
    >
      <Icon className="toast__icon" aria-hidden />
      <div className="toast__words">
        <Radix.Title className="toast__title">{title}</Radix.Title>
        {text ? <Radix.Description className="toast__text">{text}</Radix.Description> : null}
      </div>
      {action ? (
        <Radix.Action altText={action.label} asChild>
          <Button small onClick={action.onSelect}>
            {action.label}
          </Button>
        </Radix.Action>
      ) : null}
      <Radix.Close asChild>
        <IconButton label={t('ui.close')} icon={<X />} small />
      </Radix.Close>
    </Radix.Root>
  );
}

const makeLayer = (): HTMLElement => {
  const layer = document.createElement('div');
  layer.className = 'toasts';
  layer.popover = 'manual';
  return layer;
};

/** Above all, and in the topmost dialog: what is outside of that is seen, but cannot be pressed. */
function raise(layer: HTMLElement): void {
  const place = modals.get().at(-1) ?? document.body;
  const isThere = layer.parentNode === place;
  if (isThere && layer.contains(document.activeElement)) return;
  if (!isThere) place.append(layer);
  layer.hidePopover();
  layer.showPopover();
}

/** Escape closes the toast that has the focus (Radix sees to that), not the dialog around it. */
const keepDialog = (event: KeyboardEvent): void => {
  if (event.key === 'Escape') event.preventDefault();
};

function useLayer(newest: string | undefined): HTMLElement {
  const [layer] = useState(makeLayer);
  useLayoutEffect(() => {
    if (newest) raise(layer);
  }, [layer, newest]);
  useLayoutEffect(() => {
    const unwatch = modals.watch(() => raise(layer));
    layer.addEventListener('keydown', keepDialog);
    return () => {
      unwatch();
      layer.removeEventListener('keydown', keepDialog);
      layer.remove();
    };
  }, [layer]);
  return layer;
}

export function ToastList() {
  const all = useStore(toasts, (now) => now);
  const layer = useLayer(all.at(-1)?.id);
  const isRtl = document.documentElement.dir === 'rtl';
  return (
    <Radix.Provider label={t('ui.notifications')} swipeDirection={isRtl ? 'left' : 'right'}>
      {all.map((toast) => (
        <Item key={toast.id} toast={toast} />
      ))}
      {createPortal(
        <Radix.Viewport className="toasts__list" label={t('ui.notifications')} />,
        layer,
      )}
    </Radix.Provider>
  );
}
