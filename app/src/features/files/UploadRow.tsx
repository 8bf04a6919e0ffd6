import { Pause, Play, RotateCcw, X } from 'lucide-react';
import { formatBytes, t } from '~/text';
import { IconButton } from '~/ui';
import { uploadErrorText } from './errors';
import { FileName, KindIcon } from './FilePreview';
import { safeName } from './names';
import type { Uploads, UploadView } from './uploads';

function stateText({ state, fraction, error, file }: UploadView): string {
  if (state === 'failed') return uploadErrorText(error);
  if (state === 'waiting') return t('files.waiting');
  const done = t('files.progress', {
    done: formatBytes(Math.round(fraction * file.size)),
    all: formatBytes(file.size),
  });
  return state === 'paused' ? t('files.paused', { progress: done }) : done;
}

function Buttons({ uploads, upload }: { uploads: Uploads; upload: UploadView }) {
  const { id, state, canPause, file } = upload;
  const name = safeName(file.name);
  return (
    <>
      {state === 'running' && canPause && (
        <IconButton
          label={t('files.pause', { name })}
          icon={<Pause />}
          onClick={() => uploads.pause(id)}
        />
      )}
      {state === 'paused' && (
        <IconButton
          label={t('files.resume', { name })}
          icon={<Play />}
          onClick={() => uploads.resume(id)}
        />
      )}
      {state === 'failed' && (
        <IconButton
          label={t('files.retry', { name })}
          icon={<RotateCcw />}
          onClick={() => uploads.resume(id)}
        />
      )}
      <IconButton
        label={t('files.cancel', { name })}
        icon={<X />}
        onClick={() => uploads.cancel(id)}
      />
    </>
  );
}

/** A file that is on its way. */
export function UploadRow({ uploads, upload }: { uploads: Uploads; upload: UploadView }) {
  const { file, state, fraction } = upload;
  return (
    <li className={`files-row files-row--${state}`}>
      <KindIcon file={{ url: '', name: file.name, type: file.type }} />
      <div className="files-row-main">
        <FileName name={file.name} />
        <span className="files-facts">{stateText(upload)}</span>
        {state !== 'failed' && (
          <progress
            className="files-progress"
            value={fraction}
            max={1}
            aria-label={safeName(file.name)}
          />
        )}
      </div>
      <div className="files-row-buttons">
        <Buttons uploads={uploads} upload={upload} />
      </div>
    </li>
  );
}
