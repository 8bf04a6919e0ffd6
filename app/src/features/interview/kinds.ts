// The kinds of what is reported, in words.
import { t } from '~/text';
import type { ViolationType } from '~/wire/types';

export const violationTypes: readonly ViolationType[] = [
  'FULLSCREEN_EXIT',
  'TAB_SWITCH',
  'PASTE',
  'COPY',
  'DISCONNECT',
];

export const kindLabel = (type: ViolationType): string => t(`interview.kind.${type}`);
