import { useId, useRef, type KeyboardEvent, type ReactNode } from 'react';

import { formatCount, t } from '~/text';

import { VisuallyHidden } from './VisuallyHidden';

export interface TabsProps<T extends string> {
  label: string;
  tabs: readonly { id: T; label: string; icon?: ReactNode; badge?: number | undefined }[];
  value: T;
  onChange: (id: T) => void;
  children: ReactNode; // the panel of `value`
}

/** Where an arrow key leads to among n tabs; undefined: it is not one. */
export function nextTab(key: string, at: number, n: number, isRtl: boolean): number | undefined {
  const forward = isRtl ? 'ArrowLeft' : 'ArrowRight';
  const back = isRtl ? 'ArrowRight' : 'ArrowLeft';
  if (key === forward) return (at + 1) % n;
  if (key === back) return (at + n - 1) % n;
  if (key === 'Home') return 0;
  return key === 'End' ? n - 1 : undefined;
}

export function Tabs<T extends string>({ label, tabs, value, onChange, children }: TabsProps<T>) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const at = tabs.findIndex((tab) => tab.id === value);
    const next = nextTab(event.key, at, tabs.length, document.documentElement.dir === 'rtl');
    const tab = next === undefined ? undefined : tabs[next];
    if (!tab) return;
    event.preventDefault();
    onChange(tab.id);
    list.current?.querySelectorAll<HTMLElement>('[role=tab]')[next ?? 0]?.focus();
  };
  return (
    <div className="tabs">
      <div ref={list} className="tabs__list" role="tablist" aria-label={label}>
        {tabs.map((tab) => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            className="tabs__tab"
            id={`${id}-${tab.id}`}
            aria-selected={tab.id === value}
            aria-controls={tab.id === value ? `${id}-panel` : undefined}
            tabIndex={tab.id === value ? 0 : -1}
            onClick={() => onChange(tab.id)}
            onKeyDown={onKeyDown}
          >
            {tab.icon ? (
              <span className="tabs__icon" aria-hidden>
                {tab.icon}
              </span>
            ) : null}
            <span className="tabs__text">{tab.label}</span>
            {tab.badge ? (
              <span className="tabs__badge">
                <span aria-hidden>{formatCount(tab.badge)}</span>
                <VisuallyHidden>{t('ui.unseen', { n: tab.badge })}</VisuallyHidden>
              </span>
            ) : null}
          </button>
        ))}
      </div>
      <div
        className="tabs__panel"
        role="tabpanel"
        id={`${id}-panel`}
        aria-labelledby={`${id}-${value}`}
      >
        {children}
      </div>
    </div>
  );
}
