// Uploads that were under way when the page was left, kept by the browser: the server has what
// arrived, and takes the rest when the same file is chosen again. The file itself cannot be kept.
import { keep, recall, usePersistent } from '~/lib/storage';
import type { Offer } from './upload';

/** A file as far as one is known from another without being read. */
export type FileFacts = Pick<File, 'name' | 'size' | 'type' | 'lastModified'>;

export interface Remain extends FileFacts {
  offer: Offer;
  fraction: number; // 0 to 1, as far as the page knew
}

const NONE: Remain[] = [];
const keyOf = (roomId: string) => `uploads.${roomId}`;
const isAlive = ({ offer }: Remain): boolean =>
  !offer.expiresAt || Date.parse(offer.expiresAt) > Date.now();

export const remainOf = (file: FileFacts, offer: Offer, fraction: number): Remain => {
  const { name, size, type, lastModified } = file;
  return { name, size, type, lastModified, offer, fraction };
};

export const isSameFile = (a: FileFacts, b: FileFacts): boolean =>
  a.name === b.name && a.size === b.size && a.lastModified === b.lastModified;

export const remainsOf = (roomId: string): Remain[] => recall(keyOf(roomId), NONE).filter(isAlive);

const keepRemains = (roomId: string, remains: Remain[]): void =>
  keep(keyOf(roomId), remains.length > 0 ? remains : undefined);

export const addRemains = (roomId: string, added: Remain[]): void =>
  keepRemains(roomId, [...remainsOf(roomId), ...added]);

/** What came of this file so far, for whoever goes on with it; nobody else finds it then. */
export function takeRemain(roomId: string, file: FileFacts): Remain | undefined {
  const all = remainsOf(roomId);
  const found = all.find((remain) => isSameFile(remain, file));
  if (found)
    keepRemains(
      roomId,
      all.filter((remain) => remain !== found),
    );
  return found;
}

export function useRemains(roomId: string): Remain[] {
  const [all] = usePersistent(keyOf(roomId), NONE);
  return all.filter(isAlive);
}
