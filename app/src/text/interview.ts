// Import this for its effect where the code of interviews begins.
import { registerTexts } from './catalogue';
import { interview } from './en/interview';

registerTexts(interview);
