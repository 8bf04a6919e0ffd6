import type { LocalMedia } from '~/features/call/types';
import { problemText } from '~/features/prejoin/problems';
import { t } from '~/text';
import { attempt, toast } from '~/ui';

/** Turns a device on or off, and says why where it does not turn on. */
async function turn(local: LocalMedia, giver: 'microphone' | 'camera', on: boolean) {
  const set = giver === 'microphone' ? local.setMicrophone : local.setCamera;
  await attempt(set.call(local, on));
  const { problem } = local.view.get()[giver];
  if (!on || !problem) return;
  toast({
    title: t(`controls.noDevice.${giver}`),
    text: problemText(giver, problem),
    kind: 'bad',
    key: giver,
  });
}

export const turnMicrophone = (local: LocalMedia) =>
  turn(local, 'microphone', !local.view.get().microphone.on);

export const turnCamera = (local: LocalMedia) => turn(local, 'camera', !local.view.get().camera.on);

/** Phones cannot. */
export const canShareScreen = () => typeof navigator.mediaDevices?.getDisplayMedia === 'function';
