import { useStore } from '~/lib/store';
import { t } from '~/text';
import { IconButton } from '~/ui';
import type { Board } from './engine';
import { TOOL_LIST } from './toolList';

export function BoardToolbar({ board }: { board: Board }) {
  const chosen = useStore(board.state, ({ tool }) => tool);
  return (
    <div className="board-panel board-tools" role="toolbar" aria-label={t('board.tools')}>
      {TOOL_LIST.map(({ name, icon, keys }) => (
        <IconButton
          key={name}
          className="board-tool"
          label={t(`board.tool.${name}`)}
          icon={icon}
          keys={keys}
          pressed={name === chosen}
          onClick={() =>
            name === 'image' ? board.desk.addImage(board.centre()) : board.selectTool(name)
          }
        />
      ))}
    </div>
  );
}
