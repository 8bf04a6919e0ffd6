import { useStore } from '~/lib/store';
import { useRoomClient, type RoomClient } from '~/room';
import { leaveWithRoom } from './leaving';
import { bringFile, cancelUpload, offerUpload } from './upload';
import { Uploads, type Purpose, type UploadView } from './uploads';

const ofRooms = new WeakMap<RoomClient, Uploads>();

export function uploadsOf(client: RoomClient): Uploads {
  const known = ofRooms.get(client);
  if (known) return known;
  const uploads = new Uploads({
    offer: (file, signal) => offerUpload(file, { roomId: client.roomId, signal }),
    bring: bringFile,
    drop: cancelUpload,
    share: (uploaded) => client.shareFile(uploaded),
  });
  ofRooms.set(client, uploads);
  leaveWithRoom(client.store, window, () => uploads.leave());
  return uploads;
}

const sameItems = <T>(a: T[], b: T[]) => a.length === b.length && a.every((x, i) => x === b[i]);

export function useUploads(purpose: Purpose = 'files'): { uploads: Uploads; list: UploadView[] } {
  const uploads = uploadsOf(useRoomClient());
  const list = useStore(
    uploads.view,
    (all) => all.filter((upload) => upload.purpose === purpose),
    sameItems,
  );
  return { uploads, list };
}
