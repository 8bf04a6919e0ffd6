// Import this for its effect where the room's code begins.
import { registerTexts } from './catalogue';
import { call } from './en/call';
import { controls } from './en/controls';
import { host } from './en/host';
import { people } from './en/people';
import { prejoin } from './en/prejoin';
import { room } from './en/room';
import { stage } from './en/stage';
import { timer } from './en/timer';

for (const texts of [prejoin, room, stage, controls, call, people, timer, host])
  registerTexts(texts);
