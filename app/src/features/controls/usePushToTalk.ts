import { useEffect } from 'react';
import { useLocal, useLocalMedia } from '~/features/stage/CallContext';
import { useHeldKey } from '~/lib/keys';
import { usePersistent } from '~/lib/storage';
import { t } from '~/text';

export const usePushToTalkSetting = () => usePersistent('controls.pushToTalk', true);

/** Space held down is the microphone turned on, while it is off. */
export function usePushToTalk(hasCall: boolean): void {
  const local = useLocalMedia();
  const off = useLocal((view) => !view.microphone.on || view.talking);
  const [wanted] = usePushToTalkSetting();
  const when = hasCall && off && wanted;
  useHeldKey(
    'Space',
    { label: t('controls.pushToTalk'), group: t('controls.keys'), when },
    (held) => local.holdToTalk(held),
  );
  useEffect(() => () => local.holdToTalk(false), [local]);
}
