import { useEffect, useRef } from 'react';
import type { LocalMedia } from '~/features/call/types';

/** How loud one is, as a bar in the microphone's button. It moves without rendering anything. */
export function Level({ local }: { local: LocalMedia }) {
  const ref = useRef<HTMLSpanElement>(null);
  useEffect(
    () =>
      local.watchLevel((level) =>
        ref.current?.style.setProperty('--controls-level', String(Math.min(1, level))),
      ),
    [local],
  );
  return <span ref={ref} className="controls-level" aria-hidden />;
}
