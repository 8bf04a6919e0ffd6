// The browser's own modal dialog: it keeps the focus, closes by Esc and gives the focus back.
import { useId, useLayoutEffect, useRef, type MouseEvent, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { X } from 'lucide-react';

import { t } from '~/text';

import { IconButton } from './Button';
import { classes } from './classes';
import { openModal } from './modals';

export interface DialogProps {
  title: string;
  open: boolean;
  onClose: () => void;
  children: ReactNode;
  footer?: ReactNode;
  size?: 'small' | 'medium' | 'large' | undefined;
  hideTitle?: boolean | undefined;
}

/**
 * What gets the focus: what asks for it (data-autofocus, autoFocus of our fields), else the first
 * field where there is a real keyboard, else the dialog: on a phone, no keyboard springs up.
 */
function focusWithin(dialog: HTMLDialogElement): void {
  const hasKeyboard = matchMedia('(pointer: fine)').matches;
  const field = '.dialog__body :is(input, textarea, select):not(:disabled, [type=hidden])';
  const target =
    dialog.querySelector<HTMLElement>('[data-autofocus]') ??
    (hasKeyboard ? dialog.querySelector<HTMLElement>(field) : null) ??
    dialog;
  target.focus();
}

function OpenDialog(props: DialogProps) {
  const { title, onClose, children, footer, size = 'medium', hideTitle } = props;
  const box = useRef<HTMLDialogElement>(null);
  const pressedOutside = useRef(false);
  const titleId = useId();

  useLayoutEffect(() => {
    const dialog = box.current;
    if (!dialog) return;
    const close = openModal(dialog);
    focusWithin(dialog);
    return close;
  }, []);

  const isOutside = (event: MouseEvent) => event.target === box.current;
  const onClick = (event: MouseEvent) => {
    event.stopPropagation(); // to React it lies in what opened it, which is not what was clicked
    if (isOutside(event) && pressedOutside.current) onClose();
  };
  return createPortal(
    <dialog
      ref={box}
      className={classes('dialog', `dialog--${size}`)}
      aria-labelledby={titleId}
      tabIndex={-1}
      onCancel={(event) => {
        if (event.target !== box.current) return; // a file chooser inside was cancelled
        event.preventDefault();
        onClose();
      }}
      // browsers may close it without asking when Esc is pressed twice
      onClose={() => box.current && !box.current.open && onClose()}
      onMouseDown={(event) => (pressedOutside.current = isOutside(event))}
      onClick={onClick}
      onSubmit={(event) => event.stopPropagation()}
    >
      <div className="dialog__frame">
        <header className={classes('dialog__head', hideTitle && 'dialog__head--bare')}>
          <h2 id={titleId} className={classes('dialog__title', hideTitle && 'visually-hidden')}>
            {title}
          </h2>
          <IconButton label={t('ui.close')} icon={<X />} onClick={() => onClose()} small />
        </header>
        <div className="dialog__body">{children}</div>
        {footer ? <footer className="dialog__foot">{footer}</footer> : null}
      </div>
    </dialog>,
    document.body,
  );
}

export const Dialog = (props: DialogProps) => (props.open ? <OpenDialog {...props} /> : null);
