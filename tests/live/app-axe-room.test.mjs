import test from 'node:test';

import { findNothing } from './app-axe.mjs';
import { callTours, interviewTours } from './app-scenes-room.mjs';

const tours = { ...callTours, ...interviewTours };
test('axe finds nothing grave in calls and interviews', { concurrency: 2 }, (t) => findNothing(t, tours));
