import { useStore } from '~/lib/store';
import { useRoomClient, type RoomClient } from '~/room';
import { t } from '~/text';
import '~/text/talk';
import { toast } from '~/ui';
import { leaveWithRoom } from './leaving';
import { bringFile, cancelUpload, offerUpload } from './upload';
import { addRemains, remainsOf, takeRemain } from './remains';
import { Uploads, type Purpose, type UploadView } from './uploads';

const ofRooms = new WeakMap<RoomClient, Uploads>();

export function uploadsOf(client: RoomClient): Uploads {
  const known = ofRooms.get(client);
  if (known) return known;
  const { roomId } = client;
  const uploads = new Uploads({
    offer: (file, signal) => offerUpload(file, { roomId, signal }),
    bring: bringFile,
    drop: cancelUpload,
    take: (file) => takeRemain(roomId, file),
    share: (uploaded) => client.shareFile(uploaded),
  });
  ofRooms.set(client, uploads);
  leaveWithRoom(client.store, window, {
    room: () => uploads.leave(),
    page: () => addRemains(roomId, uploads.setAside()),
  });
  tellOfRemains(roomId);
  return uploads;
}

/** They are in the panel of files, which is not always in sight. */
function tellOfRemains(roomId: string): void {
  const n = remainsOf(roomId).length;
  const text = t('files.remainText');
  if (n > 0) toast({ title: t('files.remains', { n }), text, key: 'files.remains' });
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
