// The whiteboard of a room. It fills its container; see engine.ts for what it does.
import '~/text/board';
import { X } from 'lucide-react';
import { useRef } from 'react';
import { useStore } from '~/lib/store';
import { useIsDark } from '~/lib/theme';
import { useRoomClient } from '~/room';
import { t } from '~/text';
import { IconButton } from '~/ui';
import { BoardHistory, BoardZoom } from './BoardCorner';
import { BoardList } from './BoardList';
import { BoardMenu } from './BoardMenu';
import { BoardProperties } from './BoardProperties';
import { BoardText } from './BoardText';
import { BoardToolbar } from './BoardToolbar';
import { IMAGE_KINDS } from './images';
import { takeImages, useBoard, type BoardSet } from './useBoard';
import { useBoardKeys, useIsActive } from './useBoardKeys';

interface ControlsProps extends BoardSet {
  isActive: boolean;
  isDark: boolean;
  onClose?: (() => void) | undefined;
}

function Controls({ board, keyboard, isActive, isDark, onClose }: ControlsProps) {
  const isEmpty = useStore(board.state, (state) => state.isEmpty);
  useBoardKeys(board, keyboard, isActive);
  return (
    <>
      {isEmpty && <p className="board-hint">{t('board.hint')}</p>}
      <BoardToolbar board={board} />
      <BoardProperties board={board} isDark={isDark} />
      <BoardMenu board={board} />
      <BoardHistory board={board} />
      <BoardZoom board={board} />
      {onClose && (
        <div className="board-panel board-close">
          <IconButton label={t('board.close')} icon={<X />} onClick={onClose} />
        </div>
      )}
      <BoardList board={board} />
    </>
  );
}

export function BoardView({ onClose }: { onClose?(): void }) {
  const root = useRef<HTMLElement>(null);
  const scene = useRef<HTMLCanvasElement>(null);
  const live = useRef<HTMLCanvasElement>(null);
  const files = useRef<HTMLInputElement>(null);
  const set = useBoard({ root, scene, live, files });
  const isActive = useIsActive(root);
  const isDark = useIsDark();
  const { roomId } = useRoomClient();
  return (
    <section className="board" ref={root} aria-label={t('board.title')}>
      <div className="board-papers" dir="ltr">
        <canvas className="board-scene" ref={scene} aria-hidden />
        <canvas
          className="board-canvas"
          ref={live}
          role="application"
          tabIndex={0}
          aria-label={t('board.canvas')}
          aria-description={t('board.canvasHelp')}
        />
        {set && <BoardText board={set.board} isDark={isDark} />}
      </div>
      {set && <Controls {...set} {...{ isActive, isDark, onClose }} />}
      <input
        ref={files}
        hidden
        multiple
        type="file"
        accept={IMAGE_KINDS}
        aria-label={t('board.tool.image')}
        onChange={(event) => {
          if (set) takeImages(set.board, event.target.files, roomId);
          event.target.value = '';
        }}
      />
    </section>
  );
}
