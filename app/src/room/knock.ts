// What somebody says to the hosts while waiting at the door of a room. The browser keeps it until
// they have let one in: it need not be written again after a reload, or when one is turned down.
import { forget, keep, recall } from '~/lib/storage';

export const KNOCK_LENGTH = 200; // characters that the server takes

const keyOf = (roomId: string): string => `knock.${roomId}`;

export const recallKnock = (roomId: string): string => recall(keyOf(roomId), '');

export function keepKnock(roomId: string, message: string): void {
  if (message) keep(keyOf(roomId), message);
  else forget(keyOf(roomId));
}

/** On one line, without what does not print or turns the line around, as the server wants it. */
export const asKnock = (text: string): string =>
  [...text.replace(/[\p{Cc}\u2028-\u202e]+/gu, ' ').trim()].slice(0, KNOCK_LENGTH).join('');
