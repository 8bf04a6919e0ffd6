// Import this for its effect where the board's code begins.
import { registerTexts } from './catalogue';
import { board } from './en/board';

registerTexts(board);
