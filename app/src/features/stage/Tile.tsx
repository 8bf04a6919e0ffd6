// Somebody's picture, or their avatar while the camera is off; with name, marks, menu and how the
// connection is. Sound comes from Voices.tsx.
import { Hand, MicOff, RotateCw } from 'lucide-react';
import { useRef, type KeyboardEvent, type MouseEvent, type RefObject } from 'react';
import type { PeerView } from '~/features/call/types';
import { t } from '~/text';
import { Avatar, Button, classes, Spinner, Tooltip } from '~/ui';
import { useCall, useCallHandle, useInCall, useLocal } from './CallContext';
import type { TileItem } from './layout';
import { TileMenu } from './TileMenu';
import { connectionText, nameText, tileState, tileText, type TileState } from './tileState';
import { useFullscreen } from './useFullscreen';
import type { StageView } from './useStageView';
import { Video } from './Video';

export interface TileProps {
  tile: TileItem;
  stage: Pick<StageView, 'pinned' | 'pin'>;
  large?: boolean;
}

/** Pinning by double click and by P, where it was not meant for something inside. */
export function pinGestures({ tile, stage }: TileProps) {
  const toggle = () => stage.pin(stage.pinned === tile.id ? null : tile.id);
  const isInside = (event: MouseEvent | KeyboardEvent) =>
    event.target instanceof Node && event.currentTarget.contains(event.target);
  return {
    onDoubleClick: (event: MouseEvent) => {
      const target = event.target;
      if (isInside(event) && !(target instanceof Element && target.closest('button'))) toggle();
    },
    onKeyDown: (event: KeyboardEvent) => {
      const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
      if (plain && isInside(event) && event.key.toLowerCase() === 'p') toggle();
    },
  };
}

/** The picture of a camera that is on and has one. */
function usePicture(tile: TileItem): MediaStream | null {
  const own = useLocal((view) => (view.camera.on ? view.cameraStream : null));
  const theirs = useCall((view) => view.peers[tile.seat.socketId]?.camera ?? null);
  if (tile.own) return own;
  return tile.seat.media.video ? theirs : null;
}

function useMicrophone(tile: TileItem): boolean {
  const own = useLocal((view) => view.microphone.on);
  return tile.own ? own : tile.seat.media.audio;
}

export function Tile(props: TileProps) {
  const { tile, stage, large = false } = props;
  const { seat } = tile;
  const box = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const fullscreen = useFullscreen(box);
  const inCall = useInCall();
  const peer = useCall((view) => view.peers[seat.socketId] ?? null);
  const speaking = useCall((view) => view.speakers.includes(seat.socketId));
  const picture = usePicture(tile);
  const audio = useMicrophone(tile);
  const state = tileState({ own: tile.own, inCall, peer });
  const pinned = stage.pinned === tile.id;
  const told = { ...tile, ...seat, state, audio, video: picture !== null, pinned };
  return (
    <div
      ref={box}
      className={classes(
        'stage-tile',
        speaking && audio && 'stage-tile--speaking',
        large && 'stage-tile--large',
      )}
      role="group"
      aria-label={tileText(told)}
      data-seat={seat.socketId}
      {...pinGestures(props)}
    >
      <div className="stage-tile__face">
        <Avatar name={seat.name} url={seat.avatarUrl} size="huge" />
      </div>
      {picture && <Video ref={video} stream={picture} mirrored={tile.own} />}
      <StateNotice state={state} seatName={seat.name} socketId={seat.socketId} />
      <div className="stage-tile__bar">
        {inCall && !audio && <MicOff className="stage-tile__muted" aria-hidden />}
        <bdi className="stage-tile__name">{nameText({ ...tile, name: seat.name })}</bdi>
        {peer && state === 'live' && <Quality peer={peer} />}
      </div>
      {seat.hand && (
        <span className="stage-tile__hand">
          <Hand aria-hidden />
        </span>
      )}
      <TileMenu {...props} video={picture ? video : NO_VIDEO} fullscreen={fullscreen} />
    </div>
  );
}

const NO_VIDEO: RefObject<HTMLVideoElement | null> = { current: null };

const BARS = { unknown: 0, poor: 1, fair: 2, good: 3 } as const;

function Quality({ peer }: { peer: PeerView }) {
  const filled = BARS[peer.quality];
  if (filled === 0) return null;
  return (
    <Tooltip text={connectionText(peer)}>
      <span
        className={`stage-quality stage-quality--${peer.quality}`}
        role="img"
        aria-label={connectionText(peer)}
      >
        {[1, 2, 3].map((bar) => (
          <i key={bar} className={bar <= filled ? 'stage-quality__bar--on' : undefined} />
        ))}
      </span>
    </Tooltip>
  );
}

interface StateProps {
  state: TileState;
  seatName: string;
  socketId: string;
}

export function StateNotice({ state, seatName, socketId }: StateProps) {
  const call = useCallHandle();
  if (state === 'live' || state === 'silent') return null;
  return (
    <div className={`stage-state stage-state--${state}`}>
      {state === 'failed' ? (
        <>
          <span>{t('stage.failedTo', { name: seatName })}</span>
          <Button small icon={<RotateCw aria-hidden />} onClick={() => call?.retry(socketId)}>
            {t('stage.tryAgain')}
          </Button>
        </>
      ) : (
        <>
          <Spinner />
          <span>{t(`stage.state.${state}`)}</span>
        </>
      )}
    </div>
  );
}
