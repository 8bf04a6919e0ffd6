// Import this for its effect where the room's code begins.
import { registerTexts } from './catalogue';
import { call } from './en/call';
import { chat } from './en/chat';
import { controls } from './en/controls';
import { files } from './en/files';
import { host } from './en/host';
import { people } from './en/people';
import { prejoin } from './en/prejoin';
import { room } from './en/room';
import { stage } from './en/stage';
import { timer } from './en/timer';

for (const texts of [prejoin, room, stage, controls, call, chat, files, people, timer, host])
  registerTexts(texts);
