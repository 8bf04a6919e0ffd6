import { useEffect } from 'react';
import { sameMembers } from '~/lib/store';
import { useRoomClient } from '~/room';
import { useInCall, useLocal } from './CallContext';

/** Keeps the room told which of one's devices others can see and hear. */
export function useMediaSync(): void {
  const client = useRoomClient();
  const inCall = useInCall();
  const media = useLocal(
    (view) => ({
      audio: view.microphone.on,
      video: view.camera.on,
      screen: view.screen !== null,
    }),
    sameMembers,
  );
  useEffect(() => {
    client.setMedia(inCall ? media : { audio: false, video: false, screen: false });
  }, [client, inCall, media]);
}
