// A menu of actions. Radix's code for it is loaded when somebody comes near the trigger, which is
// ours from the beginning, so that it keeps the focus; Radix places the menu at a span over it.
import {
  cloneElement,
  createContext,
  use,
  useRef,
  useState,
  type KeyboardEvent,
  type MouseEvent,
  type ReactElement,
  type ReactNode,
} from 'react';

import type * as Parts from './menuParts';

export const MenuParts = createContext<typeof Parts | null>(null);

let loading: Promise<typeof Parts> | undefined;
const load = () =>
  (loading ??= import('./menuParts').catch((error: unknown) => {
    loading = undefined;
    throw error;
  }));

export interface MenuProps {
  label: string;
  trigger: ReactElement;
  children: ReactNode;
  align?: 'start' | 'end' | undefined;
  side?: 'top' | 'bottom' | undefined;
}

interface TriggerProps {
  onClick?: (event: MouseEvent) => void;
  onKeyDown?: (event: KeyboardEvent) => void;
  'aria-haspopup'?: 'menu';
  'aria-expanded'?: boolean;
}

export function Menu({ label, trigger, children, align = 'start', side = 'bottom' }: MenuProps) {
  const [parts, setParts] = useState<typeof Parts | null>(null);
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLSpanElement>(null);
  const own = trigger.props as TriggerProps;

  const prepare = () => void load().then(setParts, () => setOpen(false));
  const toggle = (next: boolean) => {
    if (!parts) prepare();
    setOpen(next);
  };
  const button = cloneElement(trigger as ReactElement<TriggerProps>, {
    'aria-haspopup': 'menu',
    'aria-expanded': open,
    onClick: (event) => {
      own.onClick?.(event);
      toggle(!open);
    },
    onKeyDown: (event) => {
      own.onKeyDown?.(event);
      if (event.key !== 'ArrowDown' || open) return;
      event.preventDefault();
      toggle(true);
    },
  });
  return (
    <span ref={box} className="menu-anchor" onPointerEnter={prepare} onFocus={prepare}>
      {button}
      {parts ? (
        <MenuParts value={parts}>
          <parts.MenuBody {...{ label, align, side, open }} onOpenChange={setOpen} anchor={box}>
            {children}
          </parts.MenuBody>
        </MenuParts>
      ) : null}
    </span>
  );
}

export interface MenuItemProps {
  icon?: ReactNode;
  danger?: boolean | undefined;
  disabled?: boolean | undefined;
  keys?: string | undefined;
  checked?: boolean | undefined;
  onSelect: () => void;
  children: ReactNode;
}

const usePart = <N extends 'MenuRow' | 'MenuLine' | 'MenuHeading'>(name: N) =>
  use(MenuParts)?.[name];

export function MenuItem(props: MenuItemProps) {
  const Row = usePart('MenuRow');
  return Row ? <Row {...props} /> : null;
}

export function MenuSeparator() {
  const Line = usePart('MenuLine');
  return Line ? <Line /> : null;
}

export function MenuLabel({ children }: { children: ReactNode }) {
  const Heading = usePart('MenuHeading');
  return Heading ? <Heading>{children}</Heading> : null;
}
