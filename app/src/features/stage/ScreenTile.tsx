import { MonitorUp } from 'lucide-react';
import { useRef } from 'react';
import { t } from '~/text';
import { Spinner } from '~/ui';
import { useCall, useInCall } from './CallContext';
import { pinGestures, StateNotice, type TileProps } from './Tile';
import { TileMenu } from './TileMenu';
import { tileState } from './tileState';
import { useFullscreen } from './useFullscreen';
import { Video } from './Video';

/** A screen that somebody else shares; nothing of it is cut off. */
export function ScreenTile(props: TileProps) {
  const { tile, large = false } = props;
  const { seat } = tile;
  const box = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const fullscreen = useFullscreen(box);
  const inCall = useInCall();
  const peer = useCall((view) => view.peers[seat.socketId] ?? null);
  const state = tileState({ own: false, inCall, peer });
  const name = t('stage.screenOf', { name: seat.name });
  return (
    <div
      ref={box}
      className={`stage-tile stage-tile--screen${large ? ' stage-tile--large' : ''}`}
      role="group"
      aria-label={name}
      data-screen={seat.socketId}
      {...pinGestures(props)}
    >
      <div className="stage-tile__face">
        {state === 'live' ? (
          <Spinner label={t('stage.screenComing')} />
        ) : (
          <MonitorUp aria-hidden className="stage-tile__monitor" />
        )}
      </div>
      {peer?.screen && <Video ref={video} stream={peer.screen} whole />}
      <StateNotice state={state} seatName={seat.name} socketId={seat.socketId} />
      <div className="stage-tile__bar">
        <MonitorUp aria-hidden />
        <bdi className="stage-tile__name">{name}</bdi>
      </div>
      <TileMenu {...props} video={video} fullscreen={fullscreen} />
    </div>
  );
}
