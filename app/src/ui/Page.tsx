// The frame of every page but the room.
import { useEffect, useRef, type ReactNode } from 'react';

import { keepPlace } from '~/lib/place';
import { t } from '~/text';

import { announce } from './announce';
import { classes } from './classes';
import { BottomNav, Header } from './Header';

export interface PageProps {
  title: string;
  wide?: boolean | undefined;
  children: ReactNode;
  actions?: ReactNode;
}

/** While this is there, the page is called so. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? t('shell.title', { page: title }) : t('shell.name');
  }, [title]);
}

let isFirst = true;

/** What the browser does where a link loads another page: it begins at its top, or where one comes
 * back to, and is named. */
function useArrival(title: string) {
  const main = useRef<HTMLElement>(null);
  const name = useRef(title);
  useEffect(() => {
    name.current = title;
  });
  useEffect(keepPlace, []);
  useEffect(() => {
    if (!isFirst) {
      announce(name.current);
      if (document.activeElement === document.body) main.current?.focus({ preventScroll: true });
    }
    isFirst = false;
  }, []);
  return main;
}

export function Page({ title, wide, children, actions }: PageProps) {
  useTitle(title);
  const main = useArrival(title);
  return (
    <div className="page">
      <a className="page__skip" href="#main">
        {t('shell.skip')}
      </a>
      <Header />
      <main
        ref={main}
        id="main"
        className={classes('page__main', wide && 'page__main--wide')}
        tabIndex={-1}
      >
        <div className="page__head">
          <h1 className="page__title">{title}</h1>
          {actions ? <div className="page__actions">{actions}</div> : null}
        </div>
        {children}
      </main>
      <BottomNav />
    </div>
  );
}
