// The board's shortcuts. They count while the focus is on the board, or the pointer over it and the
// focus nowhere; the room has some of the same letters.
import { useEffect, useState, type RefObject } from 'react';
import { useShortcut } from '~/lib/keys';
import { useStore } from '~/lib/store';
import { t } from '~/text';
import { announce } from '~/ui';
import { duplicateSelected, removeSelected, selectAll } from './commands';
import type { Board } from './engine';
import type { Keyboard } from './keyboard';
import { TOOL_LIST } from './toolList';
import type { ToolName } from './tools';

export const useIsActive = (root: RefObject<HTMLElement | null>): boolean => {
  const [isActive, setActive] = useState(false);
  useEffect(() => {
    const element = root.current;
    if (!element) return undefined;
    let isOver = false;
    const look = (): void => {
      const focus = document.activeElement;
      if (focus?.closest('dialog')) return; // as it was: the sheet of shortcuts shows them
      const isNowhere = focus === null || focus === document.body;
      setActive(element.contains(focus) || (isOver && isNowhere));
    };
    const over = (is: boolean) => (): void => {
      isOver = is;
      look();
    };
    const abort = new AbortController();
    const { signal } = abort;
    element.addEventListener('pointerenter', over(true), { signal });
    element.addEventListener('pointerleave', over(false), { signal });
    document.addEventListener('focusin', look, { signal });
    document.addEventListener('focusout', () => setTimeout(look), { signal });
    look();
    return () => abort.abort();
  }, [root]);
  return isActive;
};

type Way = { keys: string; label: string; when: boolean; act(): void };

const useKey = ({ keys, label, when, act }: Way): void =>
  useShortcut({ keys, label, when, group: t('board.shortcuts') }, act);

const useToolKeys = (board: Board, when: boolean): void => {
  const choose = (name: ToolName): void => {
    board.selectTool(name);
    announce(t('board.toolChosen', { tool: t(`board.tool.${name}`) }));
  };
  // The list is a constant: the order of the hooks is always the same.
  for (const { name, keys } of TOOL_LIST)
    if (keys) useKey({ keys, label: t(`board.tool.${name}`), when, act: () => choose(name) });
};

export const useBoardKeys = (board: Board, keyboard: Keyboard, isActive: boolean): void => {
  const isEditing = useStore(board.state, (state) => state.editing !== null);
  const hasSelection = useStore(board.state, (state) => state.selection.length > 0);
  const when = isActive && !isEditing;
  const chosen = when && hasSelection;
  const remove = (): void => announce(t('board.deleted', { n: removeSelected(board) }));
  useToolKeys(board, when);
  useKey({ keys: 'Mod+Z', label: t('board.undo'), when, act: () => board.undo() });
  useKey({ keys: 'Shift+Mod+Z', label: t('board.redo'), when, act: () => board.redo() });
  useKey({ keys: 'Mod+Y', label: t('board.redo'), when, act: () => board.redo() });
  useKey({ keys: 'Delete', label: t('board.delete'), when: chosen, act: remove });
  useKey({ keys: 'Backspace', label: t('board.delete'), when: chosen, act: remove });
  const duplicate = (): void => duplicateSelected(board);
  useKey({ keys: 'Mod+D', label: t('board.duplicate'), when: chosen, act: duplicate });
  useKey({ keys: 'Mod+A', label: t('board.selectAll'), when, act: () => selectAll(board) });
  useKey({ keys: 'Escape', label: t('board.escape'), when, act: () => keyboard.escape() });
  useKey({ keys: '+', label: t('board.zoomIn'), when, act: () => board.zoomBy(1) });
  useKey({ keys: '-', label: t('board.zoomOut'), when, act: () => board.zoomBy(-1) });
  useKey({ keys: '0', label: t('board.zoomReset'), when, act: () => board.zoomTo(1) });
  useKey({ keys: '1', label: t('board.zoomFit'), when, act: () => board.fit() });
};
