import test from 'node:test';

import { findNothing } from './app-axe.mjs';
import { pageTours } from './app-scenes.mjs';

test('axe finds nothing grave outside of rooms', { concurrency: 2 }, (t) => findNothing(t, pageTours));
