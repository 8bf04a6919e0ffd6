// What is said in a room and before its door. `~/text/room`, `~/text/board` and `~/text/interview`
// make it known to t(), each where its code begins.
import { board } from './board';
import { call } from './call';
import { chat } from './chat';
import { controls } from './controls';
import { files } from './files';
import { host } from './host';
import { interview } from './interview';
import { people } from './people';
import { prejoin } from './prejoin';
import { room } from './room';
import { stage } from './stage';
import { timer } from './timer';

export const second = {
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
