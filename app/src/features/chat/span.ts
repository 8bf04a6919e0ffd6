// Which of the messages are on the page: never more than some hundreds, however many there are. The
// rest is a scroll away, as if it had to be fetched.
import type { Message } from '~/wire/types';

/** The first and the last that are shown. No first: as many as usual; no last: the latest. */
export interface Span {
  startId: string | null;
  endId: string | null;
}

export type Range = readonly [start: number, end: number]; // the end is behind the last one

export const LATEST: Span = { startId: null, endId: null };

const FIRST = 80; // at the end
const PAGE = 60; // that come with each scroll beyond an edge
const MOST = 240;

type Messages = readonly Message[];

/** `last` helps where the message at an edge was deleted. */
export function rangeOf({ startId, endId }: Span, messages: Messages, last: Range): Range {
  const find = (id: string, otherwise: number) => {
    const index = messages.findIndex((message) => message.id === id);
    return index < 0 ? Math.min(otherwise, messages.length) : index;
  };
  const end = endId === null ? messages.length : find(endId, last[1] - 1) + 1;
  const start = startId === null ? end - FIRST : find(startId, last[0]);
  return [Math.max(0, Math.min(start, end)), Math.min(end, messages.length)];
}

function spanOf(messages: Messages, start: number, end: number): Span {
  return {
    startId: messages[Math.max(0, start)]?.id ?? null,
    endId: end >= messages.length ? null : (messages[end - 1]?.id ?? null),
  };
}

export const pinned = (messages: Messages, [start, end]: Range): Span =>
  spanOf(messages, start, end);

export const earlier = (messages: Messages, [start, end]: Range): Span =>
  spanOf(messages, start - PAGE, Math.min(end, start - PAGE + MOST));

export const later = (messages: Messages, [start, end]: Range): Span =>
  spanOf(messages, Math.max(start, end + PAGE - MOST), end + PAGE);

export const around = (messages: Messages, index: number): Span =>
  spanOf(messages, index - PAGE, index + PAGE);
