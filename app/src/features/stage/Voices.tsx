import { useEffect, useRef } from 'react';
import { Store, sameMembers, useStore } from '~/lib/store';
import { useCall, useLocal } from './CallContext';
import { forgetElement, play, playOn } from './playback';

/** How loud somebody is here, 0 to 1, by the id of the connection; 1 where nothing is said. */
export const volumes = new Store<Record<string, number>>({});

export const setVolume = (socketId: string, volume: number) =>
  volumes.patch({ [socketId]: volume });

/**
 * Everybody's sound, apart from their pictures: those come and go with pages and layouts, and
 * nobody should be cut off by that. One's own other tabs are no peers: they would howl.
 */
export function Voices() {
  const ids = useCall((view) => Object.keys(view.peers), sameMembers);
  return ids.map((id) => <PeerVoice key={id} socketId={id} />);
}

function PeerVoice({ socketId }: { socketId: string }) {
  const camera = useCall((view) => view.peers[socketId]?.camera ?? null);
  const screen = useCall((view) => view.peers[socketId]?.screen ?? null);
  const volume = useStore(volumes, (all) => all[socketId] ?? 1);
  return (
    <>
      {camera && <Voice stream={camera} volume={volume} />}
      {screen && <Voice stream={screen} volume={volume} />}
    </>
  );
}

function Voice({ stream, volume }: { stream: MediaStream; volume: number }) {
  const ref = useRef<HTMLAudioElement>(null);
  const speakerId = useLocal((view) => view.speakerId);
  useEffect(() => {
    const element = ref.current;
    if (!element) return undefined;
    const start = () => {
      if (stream.getAudioTracks().length > 0) void play(element);
    };
    element.srcObject = stream;
    start();
    stream.addEventListener('addtrack', start);
    return () => {
      stream.removeEventListener('addtrack', start);
      forgetElement(element);
      element.srcObject = null;
    };
  }, [stream]);
  useEffect(() => {
    if (ref.current) ref.current.volume = volume;
  }, [volume]);
  useEffect(() => {
    if (ref.current) void playOn(ref.current, speakerId);
  }, [speakerId]);
  return <audio ref={ref} autoPlay />;
}
