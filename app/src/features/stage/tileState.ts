// How well one sees and hears somebody, and the words for it.
import type { PeerView } from '~/features/call/types';
import { t } from '~/text';

/** silent: no media goes to or from that seat, and none is expected. */
export type TileState = 'live' | 'connecting' | 'retrying' | 'failed' | 'silent';

export function tileState(o: {
  own: boolean;
  inCall: boolean; // oneself
  peer: PeerView | null;
}): TileState {
  if (o.own) return 'live';
  if (!o.inCall || !o.peer) return 'silent';
  switch (o.peer.state) {
    case 'new':
    case 'connecting':
      return 'connecting';
    case 'retrying':
      return 'retrying';
    case 'failed':
      return 'failed';
    case 'connected':
      return 'live';
  }
}

/** "Poor connection · 340 ms · through a relay, encrypted end to end" */
export function connectionText(peer: PeerView): string {
  const parts = [t(`stage.quality.${peer.quality}`)];
  if (peer.roundTripMs !== null)
    parts.push(t('stage.roundTrip', { n: Math.round(peer.roundTripMs) }));
  parts.push(t(peer.relayed ? 'stage.relayed' : 'stage.direct'));
  return parts.join(' · ');
}

export interface Told {
  name: string;
  own: boolean;
  ownPerson: boolean;
  state: TileState;
  audio: boolean;
  video: boolean;
  hand: boolean;
  pinned: boolean;
}

/** What a tile is called by assistive tools. */
export function tileText(o: Told): string {
  const parts = [nameText(o)];
  if (o.state !== 'live' && o.state !== 'silent') parts.push(t(`stage.state.${o.state}`));
  if (o.hand) parts.push(t('stage.handRaised'));
  parts.push(t(o.audio ? 'stage.micOn' : 'stage.micOff'));
  parts.push(t(o.video ? 'stage.cameraOn' : 'stage.cameraOff'));
  if (o.pinned) parts.push(t('stage.pinned'));
  return parts.join(', ');
}

export function nameText(o: { name: string; own: boolean; ownPerson: boolean }): string {
  if (o.own) return t('stage.you', { name: o.name });
  return o.ownPerson ? t('stage.yourOtherTab', { name: o.name }) : o.name;
}
