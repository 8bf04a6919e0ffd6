import { useEffect, useState } from 'react';
import { api } from '~/lib/api';
import { useRoomClient } from '~/room';
import { errorText } from '~/ui';
import { codeOf } from '~/wire/errors';
import type { Message } from '~/wire/types';

const PAUSE_MS = 300; // in typing, before it is looked for
const SHORTEST = 2;
const PAGE = 30;

interface Page {
  messages: Message[]; // oldest first
  nextCursor: string | null;
}

export interface Found {
  query: string; // that the results are of
  results: Message[]; // newest first
  next: string | null;
  error: string;
}

const nothing: Found = { query: '', results: [], next: null, error: '' };

/** What was said that contains the words. */
export function useSearch(query: string) {
  const { roomId } = useRoomClient();
  const [found, setFound] = useState(nothing);
  const [isBusy, setBusy] = useState(false);
  const wanted = query.trim();

  const fetchPage = async (before: Found, signal?: AbortSignal) => {
    setBusy(true);
    try {
      const { messages, nextCursor } = await api.get<Page>(`/api/rooms/${roomId}/messages`, {
        query: { q: before.query, limit: PAGE, ...(before.next && { before: before.next }) },
        ...(signal && { signal }),
      });
      const results = [...before.results, ...messages.reverse()];
      setFound({ ...before, results, next: nextCursor, error: '' });
    } catch (error) {
      if (codeOf(error) === 'ABORTED') return;
      setFound({ ...before, error: errorText(error) });
    }
    setBusy(false);
  };

  useEffect(() => {
    if (wanted.length < SHORTEST) {
      setFound(nothing);
      setBusy(false);
      return;
    }
    const controller = new AbortController();
    const timer = setTimeout(
      () => void fetchPage({ ...nothing, query: wanted }, controller.signal),
      PAUSE_MS,
    );
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [wanted, roomId]);
  return { found, isBusy, more: () => void fetchPage(found) };
}
