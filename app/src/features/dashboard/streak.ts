import type { Dashboard } from './types';

/** Heights of the bars, 0 to 1: of the best day. */
export const bars = (
  days: Dashboard['focus']['days'],
): { date: string; minutes: number; height: number }[] => {
  const best = Math.max(1, ...days.map((d) => d.minutes));
  return days.map((d) => ({ ...d, height: d.minutes / best }));
};
