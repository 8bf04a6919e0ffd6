import { useEffect, useRef } from 'react';
import type { LocalMedia } from '~/features/call/types';
import { recall } from '~/lib/storage';
import { attempt } from '~/ui';

export const microphoneKey = 'prejoin.microphone';
export const cameraKey = 'prejoin.camera';

/** Turns on what was on last time, once; where a call is beside the point, nothing unless asked. */
export function useFirstDevices(local: LocalMedia, needsMedia: boolean): void {
  const done = useRef<LocalMedia | null>(null);
  useEffect(() => {
    if (done.current === local || !needsMedia) return;
    done.current = local;
    const start = async () => {
      // One after the other: two questions of the browser at once are one too many.
      if (recall(microphoneKey, true)) await local.setMicrophone(true);
      if (recall(cameraKey, true)) await local.setCamera(true);
    };
    void attempt(start());
  }, [local, needsMedia]);
}
