import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { t } from '~/text';
import { IconButton } from '~/ui';
import { AnyTile } from './AnyTile';
import { bestGrid, pageOf, pageSize } from './grid';
import type { StageView } from './useStageView';
import { useSize } from './useSize';

const GAP = 8; // as --space-2

/** Everybody alike, as large as there is room; on several pages when they are many. */
export function TileGrid({ stage }: { stage: StageView }) {
  const ref = useRef<HTMLUListElement>(null);
  const area = useSize(ref);
  const [wanted, setWanted] = useState(0);
  const size = area ? pageSize(area, GAP) : Infinity;
  const { items, page, pages } = pageOf(stage.rest, wanted, size);
  const shape = area && bestGrid(items.length, area, GAP);
  const { setFirstPage } = stage;
  useEffect(() => {
    setFirstPage(size);
    return () => setFirstPage(Infinity);
  }, [size, setFirstPage]);
  const style = shape
    ? {
        '--stage-tile-width': `${shape.tileWidth}px`,
        '--stage-tile-height': `${shape.tileHeight}px`,
      }
    : undefined;
  return (
    <div className="stage-pages">
      <ul ref={ref} className="stage-grid" style={style} aria-label={t('stage.people')}>
        {shape &&
          items.map((tile) => (
            <li key={tile.id}>
              <AnyTile tile={tile} stage={stage} />
            </li>
          ))}
      </ul>
      {pages > 1 && <Pager page={page} pages={pages} onPage={setWanted} />}
    </div>
  );
}

interface PagerProps {
  page: number;
  pages: number;
  onPage(page: number): void;
}

function Pager({ page, pages, onPage }: PagerProps) {
  return (
    <nav className="stage-pager" aria-label={t('stage.pages')}>
      <IconButton
        className="stage-pager__button"
        label={t('stage.earlierPage')}
        icon={<ChevronLeft aria-hidden className="stage-pager__arrow" />}
        disabled={page === 0}
        onClick={() => onPage(page - 1)}
      />
      <span aria-live="polite">{t('stage.page', { n: page + 1, all: pages })}</span>
      <IconButton
        className="stage-pager__button"
        label={t('stage.laterPage')}
        icon={<ChevronRight aria-hidden className="stage-pager__arrow" />}
        disabled={page === pages - 1}
        onClick={() => onPage(page + 1)}
      />
    </nav>
  );
}
