import type { DeviceProblem } from '~/features/call/types';
import { t } from '~/text';

export type Giver = 'microphone' | 'camera';

/** Why a device is not on, and what to do about it. */
export const problemText = (giver: Giver, problem: DeviceProblem): string =>
  problem === 'insecure' ? t('prejoin.problem.insecure') : t(`prejoin.problem.${giver}.${problem}`);

/** One sentence where both devices have the same trouble, else one for each. */
export function problemTexts(
  microphone: DeviceProblem | null,
  camera: DeviceProblem | null,
): string[] {
  if (microphone === 'insecure' || camera === 'insecure') return [t('prejoin.problem.insecure')];
  if (microphone === 'denied' && camera === 'denied') return [t('prejoin.problem.both.denied')];
  if (microphone === 'missing' && camera === 'missing') return [t('prejoin.problem.both.missing')];
  return [
    ...(microphone ? [problemText('microphone', microphone)] : []),
    ...(camera ? [problemText('camera', camera)] : []),
  ];
}
