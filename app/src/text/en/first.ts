// What the first page needs; the rest comes with the room's code.
import { account } from './account';
import { dashboard } from './dashboard';
import { error } from './error';
import { lobby } from './lobby';
import { sessions } from './sessions';
import { settings } from './settings';
import { shell } from './shell';
import { ui } from './ui';

export const first = {
  ...ui,
  ...shell,
  ...error,
  ...lobby,
  ...account,
  ...dashboard,
  ...sessions,
  ...settings,
} as const;
