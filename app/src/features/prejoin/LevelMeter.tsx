import { useEffect, useState } from 'react';
import type { LocalMedia } from '~/features/call/types';
import { t } from '~/text';
import { Meter } from '~/ui';

const STEPS = 20; // finer movements are not worth rendering

/** How loud one's microphone is now. */
export function LevelMeter({ local }: { local: LocalMedia }) {
  const [level, setLevel] = useState(0);
  useEffect(
    () => local.watchLevel((now) => setLevel(Math.round(Math.min(1, now) * STEPS) / STEPS)),
    [local],
  );
  return <Meter label={t('prejoin.level')} value={level} />;
}
