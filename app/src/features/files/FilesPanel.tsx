import { useEffect, useState } from 'react';
import { Download, FolderOpen, Link2, Upload } from 'lucide-react';
import { about } from '~/lib/session';
import { useRoom, useRoomClient } from '~/room';
import { formatBytes, formatDate, formatRelative, t } from '~/text';
import '~/text/talk';
import { Boundary, Button, copyLink, Empty, IconButton } from '~/ui';
import { sharedOf, type SharedEntry, type SharedLike } from './attachments';
import { ChooseFiles } from './ChooseFiles';
import { FileMedia, FileName, KindIcon, mediaOf } from './FilePreview';
import { addressOf, type Address } from './names';
import { RemainRow } from './RemainRow';
import { takeRemain, useRemains, type Remain } from './remains';
import { cancelUpload } from './upload';
import { UploadRow } from './UploadRow';
import { useUploads } from './useUploads';

function FileButtons({ file, address }: { file: SharedLike; address: Address }) {
  const { name } = file;
  return (
    <div className="files-row-buttons">
      <IconButton
        label={t('files.copyLink', { name })}
        icon={<Link2 />}
        onClick={() => void copyLink(address.href)}
      />
      <a
        className="icon-button icon-button--quiet"
        href={address.href}
        target="_blank"
        rel="noopener noreferrer nofollow"
        download={address.isOurs ? name : undefined}
        aria-label={t('files.download', { name })}
        title={t('files.download', { name })}
      >
        <Download size={20} aria-hidden />
      </a>
    </div>
  );
}

function FileRow({ entry }: { entry: SharedEntry }) {
  const { file, userName, timestamp } = entry;
  const address = addressOf(file.url);
  const size = file.size === undefined ? '' : formatBytes(file.size);
  const when = timestamp === null ? '' : formatRelative(timestamp);
  const facts = [size, userName, when, address?.host];
  return (
    <li className="files-row">
      <KindIcon file={file} />
      <div className="files-row-main">
        <FileName name={file.name} />
        <span
          className="files-facts"
          title={timestamp === null ? undefined : formatDate(timestamp)}
        >
          {facts.filter(Boolean).map((fact, i) => (
            <bdi key={i}>{fact}</bdi>
          ))}
        </span>
      </div>
      {address && <FileButtons file={file} address={address} />}
      {mediaOf(file) && (
        <div className="files-row-media">
          <FileMedia file={file} otherwise={null} />
        </div>
      )}
    </li>
  );
}

/** How large a file may be; 0 until it is known. */
function useMaxBytes(): number {
  const [bytes, setBytes] = useState(0);
  useEffect(() => {
    about().then(
      ({ maxFileBytes }) => setBytes(maxFileBytes),
      () => {}, // it is a hint only
    );
  }, []);
  return bytes;
}

const UploadButton = ({ onFiles }: { onFiles: (files: File[]) => void }) => (
  <ChooseFiles onFiles={onFiles}>
    {(open) => (
      <Button variant="primary" icon={<Upload />} onClick={open}>
        {t('files.upload')}
      </Button>
    )}
  </ChooseFiles>
);

/** Frees its place at the server, too. */
function cancelRemain(roomId: string, remain: Remain): void {
  takeRemain(roomId, remain);
  cancelUpload(remain.offer);
}

/** What was shared in the room, newest first, and what is on its way. */
export function FilesPanel() {
  const files = useRoom((view) => view.files);
  const { roomId } = useRoomClient();
  const { uploads, list } = useUploads();
  const remains = useRemains(roomId);
  const maxBytes = useMaxBytes();
  const newestFirst = files
    .map(sharedOf)
    .filter((entry) => entry !== null)
    .reverse();
  return (
    <div className="files-panel">
      <div className="files-head">
        <UploadButton onFiles={(chosen) => uploads.add(chosen, 'files')} />
        <p className="files-hint">
          {maxBytes > 0 ? t('files.hintMax', { max: formatBytes(maxBytes) }) : t('files.hint')}
        </p>
      </div>
      {list.length + remains.length > 0 && (
        <ul className="files-list" aria-label={t('files.underWay')}>
          {list.map((upload) => (
            <UploadRow key={upload.id} uploads={uploads} upload={upload} />
          ))}
          {remains.map((remain) => (
            <RemainRow
              key={remain.offer.uploadUrl}
              remain={remain}
              onFile={(file) => uploads.add([file], 'files')}
              onCancel={() => cancelRemain(roomId, remain)}
            />
          ))}
        </ul>
      )}
      {newestFirst.length > 0 && (
        <ul className="files-list" aria-label={t('files.shared')}>
          {newestFirst.map((entry) => (
            <Boundary key={entry.key} fallback={null}>
              <FileRow entry={entry} />
            </Boundary>
          ))}
        </ul>
      )}
      {list.length + remains.length + newestFirst.length === 0 && (
        <Empty icon={<FolderOpen />} title={t('files.none')} text={t('files.noneText')} />
      )}
    </div>
  );
}
