import { FolderOpen, X } from 'lucide-react';
import { formatBytes, t } from '~/text';
import { IconButton, toast } from '~/ui';
import { ChooseFiles } from './ChooseFiles';
import { FileName, KindIcon } from './FilePreview';
import { safeName } from './names';
import { isSameFile, type Remain } from './remains';

/** A file of which a part arrived before the page was left. */
export function RemainRow(props: { remain: Remain; onFile(file: File): void; onCancel(): void }) {
  const { remain, onFile, onCancel } = props;
  const name = safeName(remain.name);
  const choose = ([file]: File[]): void => {
    if (!file) return;
    if (isSameFile(file, remain)) onFile(file);
    else toast({ kind: 'bad', title: t('files.otherFile', { name }), key: 'files.otherFile' });
  };
  const progress = t('files.progress', {
    done: formatBytes(Math.round(remain.fraction * remain.size)),
    all: formatBytes(remain.size),
  });
  return (
    <li className="files-row files-row--cut">
      <KindIcon file={{ url: '', name, type: remain.type }} />
      <div className="files-row-main">
        <FileName name={name} />
        <span className="files-facts">{t('files.cutShort', { progress })}</span>
        <progress className="files-progress" value={remain.fraction} max={1} aria-label={name} />
      </div>
      <div className="files-row-buttons">
        <ChooseFiles one onFiles={choose}>
          {(open) => (
            <IconButton
              label={t('files.chooseAgain', { name })}
              icon={<FolderOpen />}
              onClick={open}
            />
          )}
        </ChooseFiles>
        <IconButton label={t('files.cancel', { name })} icon={<X />} onClick={onCancel} />
      </div>
    </li>
  );
}
