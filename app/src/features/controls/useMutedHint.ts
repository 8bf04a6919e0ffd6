import { useEffect } from 'react';
import type { LocalMedia } from '~/features/call/types';
import { t } from '~/text';
import { toast } from '~/ui';

const LOUD = 0.6; // nobody is told for the noise of a keyboard
const LASTS_MS = 900;
const GAP_MS = 250; // speech has pauses
const REST_MS = 60_000;

/** Somebody who speaks with the microphone off is told, but not again and again. */
export function useMutedHint(local: LocalMedia, when: boolean): void {
  useEffect(() => {
    if (!when) return undefined;
    let since = 0;
    let loudAt = 0;
    let toldAt = -REST_MS;
    return local.watchLevel((level) => {
      const { microphone } = local.view.get();
      const now = performance.now();
      if (microphone.on || level < LOUD) return;
      if (now - loudAt > GAP_MS) since = now;
      loudAt = now;
      if (now - since < LASTS_MS || now - toldAt < REST_MS) return;
      toldAt = now;
      toast({
        title: t('controls.youAreMuted'),
        text: t('controls.youAreMutedHint'),
        key: 'speaking-muted',
        action: {
          label: t('controls.unmute'),
          onSelect: () => void local.setMicrophone(true),
        },
      });
    });
  }, [local, when]);
}
