import type { ReactNode } from 'react';

import { classes } from './classes';

export interface BadgeProps {
  kind?: 'plain' | 'good' | 'bad' | 'warn' | 'accent' | undefined;
  children: ReactNode;
}

export const Badge = ({ kind = 'plain', children }: BadgeProps) => (
  <span className={classes('badge', `badge--${kind}`)}>{children}</span>
);
