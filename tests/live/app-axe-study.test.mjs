import test from 'node:test';

import { findNothing } from './app-axe.mjs';
import { studyTours } from './app-scenes-room.mjs';

test('axe finds nothing grave where people study', { concurrency: 2 }, (t) => findNothing(t, studyTours));
