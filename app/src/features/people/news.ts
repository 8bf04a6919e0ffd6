// Who came and who went, told in groups: several within a moment are one sentence, and who comes
// back at once (another page, a lost line) is no news.
import { t } from '~/text';
import { isolated } from './isolated';

export interface Crowd {
  came: Map<string, string>; // names by user id
  went: Map<string, string>;
}

export const emptyCrowd = (): Crowd => ({ came: new Map(), went: new Map() });

/** Takes in who is here now; `before` is who was here when it was last taken in. */
export function gather(
  crowd: Crowd,
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
): void {
  for (const [userId, name] of now) {
    if (before.has(userId)) continue;
    if (!crowd.went.delete(userId)) crowd.came.set(userId, name);
  }
  for (const [userId, name] of before) {
    if (now.has(userId)) continue;
    if (!crowd.came.delete(userId)) crowd.went.set(userId, name);
  }
}

const sentence = (what: 'came' | 'went', names: readonly string[]): string => {
  const [one = '', two = ''] = names.map(isolated);
  const n = names.length;
  if (n === 0) return '';
  if (n === 1) return t(`people.${what}One`, { one });
  if (n === 2) return t(`people.${what}Two`, { one, two });
  return t(`people.${what}Many`, { one, n: n - 1 });
};

/** Up to two sentences. */
export const tell = ({ came, went }: Crowd): string[] =>
  [sentence('came', [...came.values()]), sentence('went', [...went.values()])].filter(Boolean);
