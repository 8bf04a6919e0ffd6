// Before a candidate begins, and after a reload: what is reported, and the way into full screen,
// which browsers allow only after a click.
import { useState } from 'react';
import { Hourglass, Maximize } from 'lucide-react';
import { useRoom } from '~/room';
import { formatMinutes, t } from '~/text';
import { Banner, Button } from '~/ui';
import { Consent } from './Consent';
import { enterFullscreen, useFullscreen } from './fullscreen';

/** Before the start. */
export function NotStarted() {
  const minutes = useRoom((view) => view.room?.settings.durationMinutes ?? 0);
  return (
    <section className="interview-gate" aria-label={t('interview.waiting.title')} tabIndex={0}>
      <div className="interview-gate__card">
        <span className="interview-gate__icon" aria-hidden>
          <Hourglass />
        </span>
        <h2>{t('interview.waiting.title')}</h2>
        <p>{t('interview.waiting.text')}</p>
        <p>
          {minutes > 0
            ? t('interview.waiting.length', { time: formatMinutes(minutes) })
            : t('interview.waiting.noLength')}
        </p>
        <Consent />
      </div>
    </section>
  );
}

function GateButtons({ isBack, onPass }: { isBack: boolean; onPass: () => void }) {
  const { isPossible } = useFullscreen();
  const [wasDenied, setDenied] = useState(false);
  const enter = async (): Promise<void> => {
    if (!isPossible || (await enterFullscreen())) onPass();
    else setDenied(true);
  };
  const label = isPossible
    ? t(isBack ? 'interview.gate.enterAgain' : 'interview.gate.enter')
    : t(isBack ? 'interview.gate.goAgain' : 'interview.gate.go');
  return (
    <>
      {!isPossible && <Banner>{t('interview.gate.none')}</Banner>}
      {wasDenied && <Banner kind="warn">{t('interview.gate.denied')}</Banner>}
      <div className="interview-gate__buttons">
        <Button
          variant="primary"
          icon={isPossible ? <Maximize /> : undefined}
          onClick={() => void enter()}
        >
          {label}
        </Button>
        {wasDenied && <Button onClick={onPass}>{t('interview.gate.without')}</Button>}
      </div>
      {isPossible && <p className="interview-gate__note">{t('interview.gate.escape')}</p>}
    </>
  );
}

export function Gate({ isBack, onPass }: { isBack: boolean; onPass: () => void }) {
  return (
    <div className="interview-gate">
      <div className="interview-gate__card">
        <h2>{t(isBack ? 'interview.gate.backTitle' : 'interview.gate.title')}</h2>
        <p>{t(isBack ? 'interview.gate.backText' : 'interview.gate.lead')}</p>
        <Consent />
        <GateButtons isBack={isBack} onPass={onPass} />
      </div>
    </div>
  );
}
