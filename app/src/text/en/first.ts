// What the first page needs; the rest comes with the code that shows it.
import { error } from './error';
import { lobby } from './lobby';
import { shell } from './shell';
import { ui } from './ui';

export const first = {
  ...ui,
  ...shell,
  ...error,
  ...lobby,
} as const;
