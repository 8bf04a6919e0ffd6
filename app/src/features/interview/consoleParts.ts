// What the parts of the host's console share.
import { t } from '~/text';
import type { Presence, Row } from './report';

export type BadgeKind = 'plain' | 'good' | 'bad' | 'warn' | 'accent';

const kinds: Record<Presence, BadgeKind> = {
  waiting: 'accent',
  present: 'good',
  lost: 'warn',
  left: 'plain',
  removed: 'bad',
  rejected: 'plain',
};

export const presenceKind = (row: Row): BadgeKind => kinds[row.presence];
export const presenceLabel = (row: Row): string => t(`interview.host.is.${row.presence}`);

/** "out of full screen" and the like: what lasts at this moment. */
export const awayLabels = (row: Row): string[] =>
  row.away.flatMap((type) =>
    type === 'FULLSCREEN_EXIT' || type === 'TAB_SWITCH' ? [t(`interview.host.away.${type}`)] : [],
  );

export const countLabel = (n: number): string =>
  n === 0 ? t('interview.host.countNone') : t('interview.host.count', { n });
