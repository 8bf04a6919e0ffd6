import { Maximize, Minus, Plus, Redo2, Undo2 } from 'lucide-react';
import { useStore } from '~/lib/store';
import { t } from '~/text';
import { Button, IconButton } from '~/ui';
import type { Board } from './engine';

export function BoardHistory({ board }: { board: Board }) {
  const canUndo = useStore(board.state, (state) => state.canUndo);
  const canRedo = useStore(board.state, (state) => state.canRedo);
  return (
    <div className="board-panel board-history" role="group" aria-label={t('board.history')}>
      <IconButton
        label={t('board.undo')}
        icon={<Undo2 />}
        keys="Mod+Z"
        disabled={!canUndo}
        onClick={() => board.undo()}
      />
      <IconButton
        label={t('board.redo')}
        icon={<Redo2 />}
        keys="Shift+Mod+Z"
        disabled={!canRedo}
        onClick={() => board.redo()}
      />
    </div>
  );
}

export function BoardZoom({ board }: { board: Board }) {
  const percent = useStore(board.state, ({ view }) => Math.round(view.zoom * 100));
  return (
    <div className="board-panel board-zoom" role="group" aria-label={t('board.zoom')}>
      <IconButton
        label={t('board.zoomOut')}
        icon={<Minus />}
        keys="-"
        onClick={() => board.zoomBy(-1)}
      />
      <Button
        variant="quiet"
        className="board-percent"
        title={t('board.zoomReset')}
        onClick={() => board.zoomTo(1)}
      >
        {t('board.zoomNow', { percent })}
      </Button>
      <IconButton
        label={t('board.zoomIn')}
        icon={<Plus />}
        keys="+"
        onClick={() => board.zoomBy(1)}
      />
      <IconButton
        label={t('board.zoomFit')}
        icon={<Maximize />}
        keys="1"
        onClick={() => board.fit()}
      />
    </div>
  );
}
