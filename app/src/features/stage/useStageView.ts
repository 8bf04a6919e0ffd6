// What of the stage is the choice of who looks at it: what is pinned, which page, in which order.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { sameMembers } from '~/lib/store';
import { useRoom } from '~/room';
import { t } from '~/text';
import { announce } from '~/ui';
import { useCall, useInCall } from './CallContext';
import { bringForward, keepOrder } from './grid';
import { cameraId, chooseLayout, tilesOf, type Layout, type TileItem } from './layout';
import { nameText } from './tileState';

export interface StageView extends Layout {
  tiles: TileItem[];
  pinned: string | null;
  pin(id: string | null): void;
  /** Puts what is large back among the others. */
  showAll(): void;
  /** Tells how many tiles the first page holds, so that speakers can be brought to it. */
  setFirstPage(size: number): void;
}

const arrange = (tiles: readonly TileItem[], order: readonly string[]): TileItem[] => {
  const place = new Map(order.map((id, i) => [id, i]));
  const rank = (tile: TileItem) => (tile.kind === 'screen' ? 0 : tile.own ? 1 : 2);
  return [...tiles].sort(
    (a, b) => rank(a) - rank(b) || (place.get(a.id) ?? 0) - (place.get(b.id) ?? 0),
  );
};

export function useStageView(): StageView {
  const seats = useRoom((view) => view.seats);
  const self = useRoom((view) => view.self);
  const inCall = useInCall();
  const [order, setOrder] = useState<string[]>([]);
  const [pinned, setPinned] = useState<string | null>(null);
  const [dismissed, setDismissed] = useState<string[]>([]);
  const firstPage = useRef(Infinity);

  const all = useMemo(() => tilesOf(seats, self, inCall), [seats, self, inCall]);
  const ids = all.map((tile) => tile.id);
  const kept = keepOrder(order, ids);
  if (!sameMembers(kept, order)) setOrder(kept);
  const tiles = arrange(all, kept);
  const layout = chooseLayout(tiles, { pinned, dismissed });

  useSpeakersForward(tiles, firstPage, setOrder);
  useScreenNews(tiles, setDismissed);

  const pin = useCallback(
    (id: string | null) => {
      const tile = tiles.find((other) => other.id === id);
      setPinned(id);
      announce(tile ? t('stage.nowPinned', { name: tile.seat.name }) : t('stage.nowUnpinned'));
    },
    [tiles],
  );
  const showAll = () => {
    if (pinned !== null && pinned === layout.main?.id) announce(t('stage.nowUnpinned'));
    setPinned(null);
    setDismissed(tiles.filter((tile) => tile.kind === 'screen').map((tile) => tile.id));
  };
  const setFirstPage = useCallback((size: number) => {
    firstPage.current = size;
  }, []);
  return { ...layout, tiles, pinned, pin, showAll, setFirstPage };
}

/** Whoever speaks on a later page takes a place on the first. */
function useSpeakersForward(
  tiles: readonly TileItem[],
  firstPage: { current: number },
  setOrder: (change: (order: string[]) => string[]) => void,
) {
  const speakers = useCall((view) => view.speakers, sameMembers);
  const lastSpeaker = useCall((view) => view.lastSpeaker);
  const spokeAt = useRef<Record<string, number>>({});
  const now = useRef(tiles);
  useEffect(() => {
    now.current = tiles;
  });
  useEffect(() => {
    for (const id of speakers) spokeAt.current[cameraId(id)] = Date.now();
  }, [speakers]);
  useEffect(() => {
    if (lastSpeaker === null || firstPage.current >= now.current.length) return;
    const shown = now.current.map((tile) => tile.id);
    const screens = now.current.filter((tile) => tile.kind === 'screen').length;
    const forward = bringForward(
      shown.slice(screens),
      firstPage.current - screens,
      cameraId(lastSpeaker),
      spokeAt.current,
    );
    setOrder(() => [...shown.slice(0, screens), ...forward]);
  }, [lastSpeaker, firstPage, setOrder]);
}

/** Tells who begins and ends to share. A screen that is shared anew is looked at anew. */
function useScreenNews(
  tiles: readonly TileItem[],
  setDismissed: (change: (ids: string[]) => string[]) => void,
) {
  const before = useRef<Map<string, string>>(new Map());
  useEffect(() => {
    const now = new Map(
      tiles
        .filter((tile) => tile.kind === 'screen')
        .map((tile) => [tile.id, nameText({ ...tile, name: tile.seat.name })]),
    );
    for (const [id, name] of now)
      if (!before.current.has(id)) announce(t('stage.screenStarted', { name }));
    for (const [id, name] of before.current) {
      if (now.has(id)) continue;
      announce(t('stage.screenStopped', { name }));
      setDismissed((ids) => ids.filter((other) => other !== id));
    }
    before.current = now;
  }, [tiles, setDismissed]);
}
