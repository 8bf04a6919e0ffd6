// What hosts know of the candidates, kept up to date: the report is asked for on coming, after a
// lost line and at the end; what happens meanwhile is heard.
import { useCallback, useEffect, useMemo, useState } from 'react';
import { api } from '~/lib/api';
import { isHostRole, useRoom, useRoomClient } from '~/room';
import { mergeReport, type Report, type Row } from './report';
import { hasEnded, isThere } from './useProctor';

export interface KnownReport {
  rows: Row[];
  hasFailed: boolean;
  isCut: boolean;
  retry(): void;
}

export function useReport(): KnownReport {
  const client = useRoomClient();
  const { roomId } = client;
  const candidates = useRoom((view) => view.candidates);
  const requests = useRoom((view) => view.requests);
  const seats = useRoom((view) => view.seats);
  const ownerId = useRoom((view) => view.room?.ownerId);
  // a new one is asked for whenever this changes
  const state = useRoom((view) => (hasEnded(view) ? 'ended' : isThere(view) ? 'up' : 'lost'));
  const [report, setReport] = useState<Report | null>(null);
  const [hasFailed, setFailed] = useState(false);
  const [tries, setTries] = useState(0);

  useEffect(() => {
    if (state === 'lost') return;
    const abort = new AbortController();
    api.get<Report>(`/api/rooms/${roomId}/report`, { signal: abort.signal }).then(
      (got) => {
        setReport(got);
        setFailed(false);
      },
      () => abort.signal.aborted || setFailed(true),
    );
    return () => abort.abort();
  }, [roomId, state, tries]);

  const retry = useCallback(() => setTries((n) => n + 1), []);
  useEffect(() => client.on('control:kicked', retry), [client, retry]);

  const rows = useMemo(() => {
    const hosts = seats.filter((seat) => isHostRole(seat.role)).map((seat) => seat.userId);
    return mergeReport(report, candidates, requests, new Set([...hosts, ownerId ?? '']));
  }, [report, candidates, requests, seats, ownerId]);
  return { rows, hasFailed, isCut: report?.truncated ?? false, retry };
}
