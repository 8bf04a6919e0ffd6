// Import this for its effect where the code of messages and files begins.
import { registerTexts } from './catalogue';
import { chat } from './en/chat';
import { files } from './en/files';

registerTexts(chat);
registerTexts(files);
