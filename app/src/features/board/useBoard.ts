// Makes the board for the two canvases and keeps it in step with them: size, theme, pointer, keys,
// pictures that are pasted or dropped.
import { useEffect, useState, type RefObject } from 'react';
import { useIsDark } from '~/lib/theme';
import { useRoomClient } from '~/room';
import { t } from '~/text';
import { toast } from '~/ui';
import type { Op } from '~/wire/types';
import { Board } from './engine';
import { addImages, imagesOf } from './images';
import { Input } from './input';
import { Keyboard } from './keyboard';
import { isWritten, type Pair } from './ops';
import { newText } from './textTool';
import { fittedText } from './commands';
import { toBoard } from './view';

export interface Parts {
  root: RefObject<HTMLElement | null>;
  scene: RefObject<HTMLCanvasElement | null>;
  live: RefObject<HTMLCanvasElement | null>;
  files: RefObject<HTMLInputElement | null>; // for choosing pictures
}

export interface BoardSet {
  board: Board;
  keyboard: Keyboard;
}

/** Where a picture that is chosen is to go. */
const wanted = new WeakMap<Board, Pair>();

export const useBoard = ({ root, scene, live, files }: Parts): BoardSet | null => {
  const client = useRoomClient();
  const [set, setSet] = useState<BoardSet | null>(null);
  useEffect(() => {
    if (!root.current || !scene.current || !live.current) return undefined;
    const papers = { scene: scene.current, live: live.current };
    const board: Board = new Board(client, papers, {
      refused: (op) => sayLocked(op, client.store.get().seats),
      wantImage: (at) => {
        wanted.set(board, at);
        files.current?.click();
      },
    });
    const keyboard = new Keyboard(board);
    const stops = [
      watchSize(board, root.current),
      watchKeys(board, keyboard, papers.live),
      watchClipboard(board, root.current, client.roomId),
    ];
    setSet({ board, keyboard });
    return () => {
      for (const stop of stops) stop();
      board.close();
      setSet(null);
    };
  }, [client, root, scene, live, files]);
  useTheme(set?.board, live);
  return set;
};

export const takeImages = (board: Board, files: FileList | null, roomId: string): void =>
  void addImages(board, imagesOf(files), roomId, wanted.get(board) ?? board.centre());

const sayLocked = (op: Op, seats: readonly { userId: string; name: string }[]): void => {
  const name = seats.find(({ userId }) => userId === op['by'])?.name ?? t('board.somebody');
  toast({ title: t('board.locked', { name }), key: 'board.locked' });
};

const useTheme = (board: Board | undefined, live: RefObject<HTMLCanvasElement | null>): void => {
  const isDark = useIsDark();
  useEffect(() => {
    if (!board || !live.current) return;
    const style = getComputedStyle(live.current);
    const value = (name: string): string => style.getPropertyValue(name).trim();
    board.setTheme({
      isDark,
      line: value('--line'),
      accent: value('--accent'),
      paper: value('--board-paper'),
    });
  }, [board, live, isDark]);
};

const watchSize = (board: Board, root: HTMLElement): (() => void) => {
  const fit = (): void =>
    board.setSize(root.clientWidth, root.clientHeight, window.devicePixelRatio);
  const observer = new ResizeObserver(fit);
  observer.observe(root);
  window.addEventListener('resize', fit); // also when the page is zoomed
  fit();
  return () => {
    observer.disconnect();
    window.removeEventListener('resize', fit);
  };
};

/** The text that Enter opens: the only one that is selected. */
const textToOpen = (board: Board): boolean => {
  const [shape, ...others] = board.selected();
  if (board.cross || others.length > 0 || !shape || !isWritten(shape)) return false;
  board.edit(shape, false);
  return true;
};

const watchKeys = (board: Board, keyboard: Keyboard, canvas: HTMLCanvasElement): (() => void) => {
  const input = new Input(board, canvas);
  const abort = new AbortController();
  const { signal } = abort;
  const down = (event: KeyboardEvent): void => {
    delete canvas.dataset['pointed'];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isPan = event.key === ' ' && !board.cross;
    if (isPan) input.isSpaceHeld = true;
    const isMeant = isPan || (event.key === 'Enter' && textToOpen(board)) || keyboard.key(event);
    if (isMeant) event.preventDefault();
  };
  const up = (event: KeyboardEvent): void => {
    if (event.key === ' ') input.isSpaceHeld = false;
  };
  const leave = (): void => {
    input.isSpaceHeld = false;
    keyboard.leave();
  };
  canvas.addEventListener('keydown', down, { signal });
  canvas.addEventListener('keyup', up, { signal });
  canvas.addEventListener('blur', leave, { signal });
  return () => {
    abort.abort();
    input.close();
  };
};

const watchClipboard = (board: Board, root: HTMLElement, roomId: string): (() => void) => {
  const abort = new AbortController();
  const { signal } = abort;
  const pasted = (event: ClipboardEvent): void => {
    const isOurs = root.contains(document.activeElement) && !board.state.get().editing;
    if (!isOurs || event.defaultPrevented) return;
    const images = imagesOf(event.clipboardData?.files);
    const text = event.clipboardData?.getData('text/plain').trim() ?? '';
    if (images.length > 0) void addImages(board, images, roomId, board.centre());
    else if (text) addText(board, text);
    else return;
    event.preventDefault();
  };
  const dropped = (event: DragEvent): void => {
    const images = imagesOf(event.dataTransfer?.files);
    if (images.length === 0) return; // other files are shared with the room
    event.preventDefault();
    const { left, top } = root.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    void addImages(board, images, roomId, toBoard(board.state.get().view, x, y));
  };
  document.addEventListener('paste', pasted, { signal });
  root.addEventListener('drop', dropped, { signal });
  root.addEventListener('dragover', (event) => event.preventDefault(), { signal });
  return () => abort.abort();
};

const addText = (board: Board, text: string): void => {
  const shape = fittedText({ ...newText(board.desk, board.centre()), text: text.slice(0, 4000) });
  board.desk.record(board.desk.apply([shape]));
  board.selectTool('select');
  board.desk.select([shape.id]);
};
