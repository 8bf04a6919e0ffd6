import { uploadsOf } from '~/features/files/useUploads';
import type { RoomClient } from '~/room';
import { t } from '~/text';
import { toast } from '~/ui';
import { ATTACHMENTS_MAX } from './limits';

/** Uploads files for the message that is being written. */
export function attachFiles(client: RoomClient, files: readonly File[]): void {
  const uploads = uploadsOf(client);
  const n = uploads.view.get().filter(({ purpose }) => purpose === 'chat').length;
  const free = Math.max(0, ATTACHMENTS_MAX - n);
  if (files.length > free)
    toast({ title: t('chat.attachmentsMax', { n: ATTACHMENTS_MAX }), key: 'chat.attachments' });
  uploads.add(files.slice(0, free), 'chat');
}
