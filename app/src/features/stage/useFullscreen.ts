import { useEffect, useState, type RefObject } from 'react';

export interface Fullscreen {
  possible: boolean;
  on: boolean;
  toggle(): void;
}

/** Whether an element fills the screen, and the way there and back. */
export function useFullscreen(ref: RefObject<HTMLElement | null>): Fullscreen {
  const [on, setOn] = useState(false);
  useEffect(() => {
    const look = () => setOn(ref.current !== null && document.fullscreenElement === ref.current);
    document.addEventListener('fullscreenchange', look);
    return () => document.removeEventListener('fullscreenchange', look);
  }, [ref]);
  const toggle = () => {
    // A browser that refuses leaves everything as it is: nothing to tell.
    const done = on ? document.exitFullscreen() : ref.current?.requestFullscreen();
    done?.catch(() => undefined);
  };
  return { possible: document.fullscreenEnabled === true, on, toggle };
}

export const canFloat = () =>
  'pictureInPictureEnabled' in document && document.pictureInPictureEnabled;

/** Lets a picture float over other windows, or ends it. */
export async function toggleFloating(video: HTMLVideoElement | null): Promise<void> {
  if (!video) return;
  const done =
    document.pictureInPictureElement === video
      ? document.exitPictureInPicture()
      : video.requestPictureInPicture();
  await Promise.resolve(done).catch(() => undefined);
}
