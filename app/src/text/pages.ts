// Import this for its effect in pages other than the first, and in the forms of rooms.
import { registerTexts } from './catalogue';
import { account } from './en/account';
import { dashboard } from './en/dashboard';
import { sessions } from './en/sessions';
import { settings } from './en/settings';

for (const texts of [account, dashboard, sessions, settings]) registerTexts(texts);
