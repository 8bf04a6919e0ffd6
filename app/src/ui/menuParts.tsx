// The inside of Menu.tsx, loaded when a menu is about to be opened.
import * as Radix from '@radix-ui/react-dropdown-menu';
import { createContext, use, type ReactNode, type RefObject } from 'react';
import { Check } from 'lucide-react';

import { classes } from './classes';
import { Kbd } from './Kbd';
import type { MenuItemProps } from './Menu';

interface BodyProps {
  label: string;
  align: 'start' | 'end';
  side: 'top' | 'bottom';
  open: boolean;
  onOpenChange: (open: boolean) => void;
  anchor: RefObject<HTMLElement | null>;
  children: ReactNode;
}

/** Where it is seen: in the dialog or the full-screen element that its trigger is in. */
function layerOf(element: HTMLElement | null): HTMLElement {
  const whole = document.fullscreenElement;
  const dialog = element?.closest('dialog');
  if (dialog) return dialog;
  return whole instanceof HTMLElement && whole.contains(element) ? whole : document.body;
}

const triggerIn = (anchor: HTMLElement | null) =>
  anchor?.querySelector<HTMLElement>('[aria-haspopup=menu]:not(.menu-anchor__span)');

/** Gives the focus back to the trigger: what an item opens then gives it back there, too. */
const GiveBack = createContext(() => undefined as void);

export function MenuBody({ label, align, side, open, onOpenChange, anchor, children }: BodyProps) {
  return (
    <Radix.Root
      open={open}
      onOpenChange={onOpenChange}
      modal={false}
      dir={document.documentElement.dir === 'rtl' ? 'rtl' : 'ltr'}
    >
      <Radix.Trigger asChild>
        <span className="menu-anchor__span" aria-hidden />
      </Radix.Trigger>
      <Radix.Portal container={open ? layerOf(anchor.current) : undefined}>
        <Radix.Content
          className="menu"
          aria-label={label}
          aria-labelledby={undefined}
          align={align}
          side={side}
          sideOffset={6}
          collisionPadding={8}
          loop
          // to React it lies in what its trigger is in, which is not what was clicked
          onClick={(event) => event.stopPropagation()}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            // whoever went elsewhere by pointer, or opened a dialog, stays there
            if (document.activeElement && document.activeElement !== document.body) return;
            triggerIn(anchor.current)?.focus();
          }}
          onPointerDownOutside={(event) => {
            if (anchor.current?.contains(event.target as Node)) event.preventDefault();
          }}
          onFocusOutside={(event) => {
            if (anchor.current?.contains(event.target as Node)) event.preventDefault();
          }}
        >
          <GiveBack value={() => triggerIn(anchor.current)?.focus()}>{children}</GiveBack>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export function MenuRow({
  icon,
  danger,
  disabled,
  keys,
  checked,
  onSelect,
  children,
}: MenuItemProps) {
  const giveBack = use(GiveBack);
  const className = classes('menu__item', danger && 'menu__item--danger');
  const inside = (
    <>
      <span className="menu__icon" aria-hidden>
        {checked ? <Check /> : icon}
      </span>
      <span className="menu__text">{children}</span>
      {keys ? <Kbd keys={keys} /> : null}
    </>
  );
  const choose = () => {
    giveBack();
    onSelect();
  };
  const common = { className, onSelect: choose, ...(disabled ? { disabled } : {}) };
  if (checked === undefined) return <Radix.Item {...common}>{inside}</Radix.Item>;
  return (
    <Radix.CheckboxItem {...common} checked={checked}>
      {inside}
    </Radix.CheckboxItem>
  );
}

export const MenuLine = () => <Radix.Separator className="menu__line" />;

export const MenuHeading = ({ children }: { children: ReactNode }) => (
  <Radix.Label className="menu__label">{children}</Radix.Label>
);
