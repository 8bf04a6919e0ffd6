import { useEffect, useState, type RefObject } from 'react';
import { classes } from '~/ui';
import { forgetElement, play } from './playback';

interface Props {
  ref: RefObject<HTMLVideoElement | null>;
  stream: MediaStream;
  mirrored?: boolean;
  whole?: boolean; // nothing is cut off: for screens
}

/** A picture without its sound, shown from its first frame on. */
export function Video({ ref, stream, mirrored = false, whole = false }: Props) {
  const [shown, setShown] = useState(false);
  const [upright, setUpright] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (!element) return undefined;
    element.srcObject = stream;
    void play(element);
    return () => {
      forgetElement(element);
      element.srcObject = null;
    };
  }, [ref, stream]);
  return (
    <video
      ref={ref}
      className={classes(
        'stage-video',
        mirrored && 'stage-video--mirrored',
        whole && 'stage-video--whole',
        shown && 'stage-video--shown',
        upright && 'stage-video--upright',
      )}
      autoPlay
      playsInline
      muted
      tabIndex={-1}
      aria-hidden
      onLoadedData={() => setShown(true)}
      onResize={({ currentTarget: video }) => setUpright(video.videoHeight > video.videoWidth)}
      onEmptied={() => setShown(false)}
    />
  );
}
