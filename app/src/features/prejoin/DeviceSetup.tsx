import { Mic, Settings2 } from 'lucide-react';
import { useState } from 'react';
import type { LocalMedia } from '~/features/call/types';
import { useStore } from '~/lib/store';
import { t } from '~/text';
import { Banner } from '~/ui';
import { DeviceFields } from './DeviceFields';
import { LevelMeter } from './LevelMeter';
import { Preview } from './Preview';
import { problemTexts } from './problems';

/** One's devices, for while one waits. */
export function DeviceSetup({ local, name = '' }: { local: LocalMedia; name?: string }) {
  return (
    <div className="prejoin-setup">
      <Looks local={local} name={name} />
      <Devices local={local} />
    </div>
  );
}

interface LooksProps {
  local: LocalMedia;
  name: string;
  optional?: boolean; // it goes without camera and microphone
}

/** The preview, how loud one is, and what is wrong with either device. */
export function Looks({ local, name, optional = false }: LooksProps) {
  const microphone = useStore(local.view, (view) => view.microphone);
  const camera = useStore(local.view, (view) => view.camera.problem);
  const problems = problemTexts(microphone.problem, camera);
  return (
    <section className="prejoin-looks" aria-label={t('prejoin.preview')}>
      <Preview local={local} name={name} />
      <div className="prejoin-level">
        <Mic aria-hidden />
        <LevelMeter local={local} />
        <span>{t(microphone.on ? 'prejoin.speakToTest' : 'prejoin.joinMuted')}</span>
      </div>
      {problems.map((problem) => (
        <Banner key={problem} kind="warn">
          {problem}
        </Banner>
      ))}
      {optional && <p className="prejoin__note">{t('prejoin.mediaOptional')}</p>}
    </section>
  );
}

/** The menus of all devices, folded up. */
export function Devices({ local }: { local: LocalMedia }) {
  const [open, setOpen] = useState(false);
  return (
    <details className="prejoin-check" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {t('prejoin.devices')}
        <Settings2 aria-hidden />
      </summary>
      {open && <DeviceFields local={local} meter={false} />}
    </details>
  );
}
