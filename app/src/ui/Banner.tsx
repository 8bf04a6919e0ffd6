import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';

export interface BannerProps {
  kind?: 'info' | 'good' | 'warn' | 'bad' | undefined;
  icon?: ReactNode;
  children: ReactNode;
  action?: ReactNode;
}

const icons = { info: Info, good: CircleCheck, warn: TriangleAlert, bad: CircleAlert };

/** Something that holds for the whole of what is below it. */
export function Banner({ kind = 'info', icon, children, action }: BannerProps) {
  const Icon = icons[kind];
  return (
    <div className={`banner banner--${kind}`} role={kind === 'bad' ? 'alert' : 'status'}>
      <span className="banner__icon" aria-hidden>
        {icon ?? <Icon />}
      </span>
      <div className="banner__words">{children}</div>
      {action ? <div className="banner__action">{action}</div> : null}
    </div>
  );
}
