import { LayoutGrid } from 'lucide-react';
import { useRef } from 'react';
import { t } from '~/text';
import { Button, Segmented } from '~/ui';
import { AnyTile } from './AnyTile';
import { stripIsBeside, type TileItem } from './layout';
import type { StageView } from './useStageView';
import { useSize } from './useSize';

/** One picture large, and the others small beside or below it. */
export function Spotlight({ stage, main }: { stage: StageView; main: TileItem }) {
  const ref = useRef<HTMLDivElement>(null);
  const area = useSize(ref);
  const beside = area !== null && stripIsBeside(area.width, area.height);
  return (
    <div ref={ref} className={`stage-spotlight${beside ? ' stage-spotlight--beside' : ''}`}>
      <div className="stage-spotlight__main">
        <AnyTile key={main.id} tile={main} stage={stage} large />
        <div className="stage-spotlight__ways">
          <ScreenChoice stage={stage} main={main} />
          <Button
            className="stage-way"
            small
            variant="quiet"
            icon={<LayoutGrid aria-hidden />}
            onClick={stage.showAll}
          >
            {t('stage.showAll')}
          </Button>
        </div>
      </div>
      <Strip stage={stage} />
    </div>
  );
}

/** Which of several screens is looked at. */
function ScreenChoice({ stage, main }: { stage: StageView; main: TileItem }) {
  const screens = stage.tiles.filter((tile) => tile.kind === 'screen');
  if (screens.length < 2) return null;
  return (
    <Segmented
      label={t('stage.whichScreen')}
      value={main.id}
      onChange={stage.pin}
      options={screens.map((tile) => ({ value: tile.id, label: tile.seat.name }))}
    />
  );
}

/** Small pictures in a line that scrolls: across, or downwards where it is a column. */
export function Strip({ stage }: { stage: Pick<StageView, 'rest' | 'pinned' | 'pin'> }) {
  return (
    <ul className="stage-strip" aria-label={t('stage.people')}>
      {stage.rest.map((tile) => (
        <li key={tile.id}>
          <AnyTile tile={tile} stage={stage} />
        </li>
      ))}
    </ul>
  );
}
