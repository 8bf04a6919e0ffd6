// Pictures for the board: uploaded like any file, then an op that says where they are.
import { newId } from '~/lib/ids';
import { t } from '~/text';
import { attempt, toast } from '~/ui';
import type { Board } from './engine';
import { rounded } from './geometry';
import { localUrl, type Image, type Pair } from './ops';

const SIDE = 480; // of a picture when it comes, at most

const KINDS = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif'];
export const IMAGE_KINDS = KINDS.join(',');

export const imagesOf = (files: Iterable<File> | null | undefined): File[] =>
  [...(files ?? [])].filter(({ type }) => KINDS.includes(type));

const sizeOf = async (file: File): Promise<{ w: number; h: number }> => {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
  const size = { w: Math.round(bitmap.width * scale), h: Math.round(bitmap.height * scale) };
  bitmap.close();
  return size;
};

const uploaded = async (file: File, roomId: string, at: Pair): Promise<Image | null> => {
  const { w, h } = await sizeOf(file);
  const { uploadFile } = await import('~/features/files/upload');
  const { fileUrl } = await uploadFile(file, { roomId, use: 'board' });
  const url = localUrl(fileUrl);
  if (!url) return null;
  const [x, y] = [rounded(at[0] - w / 2), rounded(at[1] - h / 2)];
  const frame = { x, y, w, h };
  return { id: newId(), type: 'image', color: '#8a857c', ...frame, fileUrl: url, name: file.name };
};

export const addImages = async (
  board: Board,
  files: readonly File[],
  roomId: string,
  at: Pair,
): Promise<void> => {
  if (files.length === 0) return;
  toast({ title: t('board.imageComing'), key: 'board.image' });
  let count = 0;
  for (const [i, file] of files.entries()) {
    const image = await attempt(uploaded(file, roomId, [at[0] + i * 30, at[1] + i * 30]));
    if (image === null) toast({ title: t('board.imageElsewhere'), kind: 'bad' });
    if (!image) continue;
    board.desk.record(board.desk.apply([image]));
    board.selectTool('select');
    board.desk.select([image.id]);
    count++;
  }
  if (count > 0)
    toast({ title: t('board.imageDone', { n: count }), kind: 'good', key: 'board.image' });
};
