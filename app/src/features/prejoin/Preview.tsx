import { Mic, MicOff, Video as Camera, VideoOff } from 'lucide-react';
import { useRef } from 'react';
import type { LocalMedia } from '~/features/call/types';
import { Video } from '~/features/stage/Video';
import { keep } from '~/lib/storage';
import { useStore } from '~/lib/store';
import { t } from '~/text';
import { attempt, Avatar, classes, IconButton, Spinner } from '~/ui';
import { cameraKey, microphoneKey } from './useFirstDevices';

interface Props {
  local: LocalMedia;
  name: string;
}

/** Oneself, as others are going to see one, with the switches of both devices. */
export function Preview({ local, name }: Props) {
  const video = useRef<HTMLVideoElement>(null);
  const microphone = useStore(local.view, (view) => view.microphone);
  const camera = useStore(local.view, (view) => view.camera);
  const stream = useStore(local.view, (view) => view.cameraStream);
  const turnMicrophone = () => {
    keep(microphoneKey, !microphone.on);
    void attempt(local.setMicrophone(!microphone.on));
  };
  const turnCamera = () => {
    keep(cameraKey, !camera.on);
    void attempt(local.setCamera(!camera.on));
  };
  const picture = camera.on ? stream : null;
  return (
    <div className="prejoin-preview">
      <div className="prejoin-preview__face">
        <Avatar name={name || t('prejoin.you')} size="huge" />
        <span>
          {camera.starting ? (
            <Spinner label={t('prejoin.cameraStarts')} />
          ) : (
            t('prejoin.cameraIsOff')
          )}
        </span>
      </div>
      {picture && <Video ref={video} stream={picture} mirrored />}
      <div className="prejoin-preview__switches">
        <IconButton
          variant="solid"
          className={classes('prejoin-switch', !microphone.on && 'prejoin-switch--off')}
          label={t(microphone.on ? 'prejoin.muteMicrophone' : 'prejoin.unmuteMicrophone')}
          icon={microphone.on ? <Mic aria-hidden /> : <MicOff aria-hidden />}
          busy={microphone.starting}
          onClick={turnMicrophone}
        />
        <IconButton
          variant="solid"
          className={classes('prejoin-switch', !camera.on && 'prejoin-switch--off')}
          label={t(camera.on ? 'prejoin.stopCamera' : 'prejoin.startCamera')}
          icon={camera.on ? <Camera aria-hidden /> : <VideoOff aria-hidden />}
          busy={camera.starting}
          onClick={turnCamera}
        />
      </div>
    </div>
  );
}
