// What is said on other pages than the first, and in rooms. The modules of `~/text/` that are named
// after it (pages, room, talk, board, interview) make it known to t(), each where its code begins.
import { account } from './account';
import { board } from './board';
import { call } from './call';
import { chat } from './chat';
import { controls } from './controls';
import { dashboard } from './dashboard';
import { files } from './files';
import { host } from './host';
import { interview } from './interview';
import { people } from './people';
import { prejoin } from './prejoin';
import { room } from './room';
import { sessions } from './sessions';
import { settings } from './settings';
import { stage } from './stage';
import { timer } from './timer';

export const second = {
  ...account,
  ...dashboard,
  ...sessions,
  ...settings,
  ...prejoin,
  ...stage,
  ...controls,
  ...call,
  ...chat,
  ...files,
  ...people,
  ...board,
  ...timer,
  ...interview,
  ...host,
  ...room,
} as const;
