import {
  Braces,
  Camera,
  FileImage,
  FolderOpen,
  Menu as MenuIcon,
  Shapes,
  Trash2,
} from 'lucide-react';
import { useRef } from 'react';
import { useStore } from '~/lib/store';
import { useIsHost, useRoomClient } from '~/room';
import { t } from '~/text';
import {
  attempt,
  IconButton,
  Menu,
  MenuItem,
  MenuLabel,
  MenuSeparator,
  toast,
  useConfirm,
} from '~/ui';
import { addShapes } from './commands';
import type { Board } from './engine';
import { BACKGROUNDS } from './paper';

// Only some people ever take a board with them: the code for it comes when they do.
const exporting = () => import('./exporting');

const importFile = async (board: Board, file: File): Promise<void> => {
  const files = await attempt(import('./files'));
  if (!files) return;
  const shapes = files.fromFile(await file.text());
  if (!shapes) {
    toast({ title: t('board.importFailed'), text: t('board.importFailedText'), kind: 'bad' });
    return;
  }
  addShapes(board, shapes);
  board.fit();
  toast({ title: t('board.imported', { n: shapes.length }), kind: 'good' });
};

const useDeeds = (board: Board) => {
  const client = useRoomClient();
  const confirm = useConfirm();
  const bring = async (kind: 'png' | 'svg' | 'json'): Promise<void> => {
    const { download, fileOf } = await exporting();
    download(await fileOf[kind](board), `${t('board.fileName')}.${kind}`);
  };
  const save = async (): Promise<boolean> => {
    const { snapshotOf } = await exporting();
    await client.board.save(await snapshotOf(board));
    return true;
  };
  return {
    bring: (kind: 'png' | 'svg' | 'json') => void attempt(bring(kind)),
    save: async () => {
      if (await attempt(save())) toast({ title: t('board.saved'), kind: 'good' });
    },
    clear: async () => {
      const isSure = await confirm({
        title: t('board.clearTitle'),
        text: t('board.clearText'),
        confirm: t('board.clear'),
        danger: true,
      });
      if (isSure !== false) await attempt(Promise.resolve(client.board.clear()));
    },
  };
};

export function BoardMenu({ board }: { board: Board }) {
  const isHost = useIsHost();
  const isEmpty = useStore(board.state, (state) => state.isEmpty);
  const background = useStore(board.state, (state) => state.background);
  const input = useRef<HTMLInputElement>(null);
  const deeds = useDeeds(board);
  return (
    <div className="board-panel board-menu">
      <Menu
        label={t('board.menu')}
        trigger={<IconButton label={t('board.menu')} icon={<MenuIcon />} />}
      >
        <MenuLabel>{t('board.background')}</MenuLabel>
        {BACKGROUNDS.map((kind) => (
          <MenuItem
            key={kind}
            checked={kind === background}
            onSelect={() => board.setBackground(kind)}
          >
            {t(`board.background.${kind}`)}
          </MenuItem>
        ))}
        <MenuSeparator />
        <MenuLabel>{t('board.keep')}</MenuLabel>
        <MenuItem icon={<Camera />} disabled={isEmpty} onSelect={() => void deeds.save()}>
          {t('board.save')}
        </MenuItem>
        <MenuItem icon={<FileImage />} disabled={isEmpty} onSelect={() => deeds.bring('png')}>
          {t('board.exportPng')}
        </MenuItem>
        <MenuItem icon={<Shapes />} disabled={isEmpty} onSelect={() => deeds.bring('svg')}>
          {t('board.exportSvg')}
        </MenuItem>
        <MenuItem icon={<Braces />} disabled={isEmpty} onSelect={() => deeds.bring('json')}>
          {t('board.exportJson')}
        </MenuItem>
        <MenuItem icon={<FolderOpen />} onSelect={() => input.current?.click()}>
          {t('board.import')}
        </MenuItem>
        {isHost && <MenuSeparator />}
        {isHost && (
          <MenuItem icon={<Trash2 />} danger disabled={isEmpty} onSelect={() => void deeds.clear()}>
            {t('board.clear')}
          </MenuItem>
        )}
      </Menu>
      <input
        ref={input}
        hidden
        type="file"
        accept="application/json,.json"
        aria-label={t('board.import')}
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          if (file) void importFile(board, file);
          event.target.value = '';
        }}
      />
    </div>
  );
}
