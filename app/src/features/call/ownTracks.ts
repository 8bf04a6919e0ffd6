// What one's own devices give, for those who send it. It is no part of LocalMedia: what is shown
// never needs it.
import { Store } from '~/lib/store';
import type { LocalMedia, ScreenHint } from './types';

export interface OwnTracks {
  microphone: MediaStreamTrack | null;
  camera: MediaStreamTrack | null;
  screen: MediaStreamTrack | null;
  screenAudio: MediaStreamTrack | null;
  screenHint: ScreenHint;
}

export const noTracks: OwnTracks = {
  microphone: null,
  camera: null,
  screen: null,
  screenAudio: null,
  screenHint: 'detail',
};

const tracksOf = new WeakMap<LocalMedia, Store<OwnTracks>>();

/** The tracks of these devices, as they come and go. */
export const ownTracksOf = (local: LocalMedia): Store<OwnTracks> => {
  const known = tracksOf.get(local);
  if (known) return known;
  const made = new Store(noTracks);
  tracksOf.set(local, made);
  return made;
};
