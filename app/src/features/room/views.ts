// What a room shows: which things its middle can be, and which panels it has beside it.
import type { Mode } from '~/wire/types';

/** stage: the people. work: what the room is for, where that is not the people. */
export type MiddleId = 'stage' | 'board' | 'timer' | 'work';
export type PanelId = 'chat' | 'files' | 'people' | 'timer';

export const panelsOf = (mode: Mode): PanelId[] =>
  mode === 'study' ? ['chat', 'files', 'people', 'timer'] : ['chat', 'files', 'people'];

export const firstMiddleOf = (mode: Mode): MiddleId =>
  mode === 'focus' ? 'timer' : mode === 'interview' ? 'work' : 'stage';

/** The timer stays in sight where the room has one. */
export const hasTimer = (mode: Mode): boolean => mode === 'study' || mode === 'focus';
