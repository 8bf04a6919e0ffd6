import type { ReactNode } from 'react';

export interface EmptyProps {
  icon: ReactNode;
  title?: string | undefined; // nothing where a heading above says it
  text?: string | undefined;
  children?: ReactNode;
}

/** In place of a list that has nothing: why, and what to do. */
export const Empty = ({ icon, title, text, children }: EmptyProps) => (
  <div className="empty">
    <span className="empty__icon" aria-hidden>
      {icon}
    </span>
    {title ? <p className="empty__title">{title}</p> : null}
    {text ? <p className="empty__text">{text}</p> : null}
    {children ? <div className="empty__actions">{children}</div> : null}
  </div>
);
