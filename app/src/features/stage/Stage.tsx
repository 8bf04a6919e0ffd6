// Everybody who is here, as pictures: a grid, or one of them large. Compact: a line of small ones
// beside something else.
import { Link2, MonitorX, UserPlus, Volume2 } from 'lucide-react';
import { useRef } from 'react';
import { callersOf } from '~/features/call/callers';
import { useStore } from '~/lib/store';
import { useRoom } from '~/room';
import { t } from '~/text';
import { Banner, Button, copyLink } from '~/ui';
import { useCall, useCallHandle, useLocal, useLocalMedia } from './CallContext';
import { TileGrid } from './TileGrid';
import { playAll, playback } from './playback';
import { Spotlight, Strip } from './Spotlight';
import { useSize } from './useSize';
import { useStageView } from './useStageView';

export function Stage({ compact = false }: { compact?: boolean }) {
  const stage = useStageView();
  if (compact) return <CompactStage stage={stage} />;
  return (
    <section className="stage" aria-label={t('stage.label')}>
      <StageNotices />
      <div className="stage__body">
        {stage.main ? <Spotlight stage={stage} main={stage.main} /> : <TileGrid stage={stage} />}
      </div>
      <Alone />
    </section>
  );
}

function CompactStage({ stage }: { stage: ReturnType<typeof useStageView> }) {
  const ref = useRef<HTMLElement>(null);
  const area = useSize(ref);
  const upright = area !== null && area.height > area.width;
  const all = { ...stage, rest: stage.tiles };
  return (
    <section
      ref={ref}
      className={`stage stage--compact${upright ? ' stage--upright' : ''}`}
      aria-label={t('stage.label')}
    >
      <SoundRefused />
      <Strip stage={all} />
    </section>
  );
}

function StageNotices() {
  return (
    <div className="stage__notices">
      <SoundRefused />
      <CallNotices />
    </div>
  );
}

/** What one must know of the call, also while something else is looked at. */
export const CallNotices = () => (
  <>
    <CallFull />
    <OwnScreen />
  </>
);

function SoundRefused() {
  const blocked = useStore(playback, (view) => view.blocked);
  if (!blocked) return null;
  return (
    <Banner
      kind="warn"
      icon={<Volume2 aria-hidden />}
      action={
        <Button small variant="primary" onClick={playAll}>
          {t('stage.clickToHear')}
        </Button>
      }
    >
      {t('stage.soundRefused')}
    </Banner>
  );
}

/** One's own screen is not shown to oneself: it would show itself in itself, again and again. */
function OwnScreen() {
  const local = useLocalMedia();
  const screen = useLocal((view) => view.screen);
  if (!screen) return null;
  return (
    <Banner
      icon={<MonitorX aria-hidden />}
      action={
        <Button small variant="danger" onClick={() => local.stopScreen()}>
          {t('stage.stopSharing')}
        </Button>
      }
    >
      {t(screen.hasAudio ? 'stage.youShareWithSound' : 'stage.youShare')}
    </Banner>
  );
}

function CallFull() {
  const hasCall = useCallHandle() !== null;
  const full = useCall((view) => view.full);
  const limit = useCall((view) => view.limit);
  const names = useRoom(({ seats }) =>
    callersOf(seats, limit)
      .map((seat) => seat.name)
      .join(', '),
  );
  if (!hasCall || !full) return null;
  return (
    <Banner kind="warn">
      <strong>{t('stage.full', { n: limit })}</strong> {t('stage.fullMeans')}{' '}
      {t('stage.fullWho', { names })}
    </Banner>
  );
}

function Alone() {
  const alone = useRoom((view) => view.seats.length === 1 && view.gone.length === 0);
  const link = useRoom((view) => view.room?.joinLink ?? '');
  if (!alone) return null;
  return (
    <div className="stage-alone">
      <UserPlus aria-hidden />
      <span>{t('stage.alone')}</span>
      {link && (
        <Button small icon={<Link2 aria-hidden />} onClick={() => void copyLink(link)}>
          {t('stage.copyLink')}
        </Button>
      )}
    </div>
  );
}
