import { t } from '~/text';
import { Dialog } from '~/ui';
import type { ShownFile } from './FilePreview';
import { safeName } from './names';

/** A picture as large as the page allows. */
export function Lightbox({
  file,
  href,
  onClose,
}: {
  file: ShownFile;
  href: string;
  onClose: () => void;
}) {
  const name = safeName(file.name);
  return (
    <Dialog title={name} open onClose={onClose} size="large">
      <div className="files-lightbox">
        <img src={href} alt={name} />
        <a className="files-lightbox-link" href={href} target="_blank" rel="noopener noreferrer">
          {t('files.openFull')}
        </a>
      </div>
    </Dialog>
  );
}
