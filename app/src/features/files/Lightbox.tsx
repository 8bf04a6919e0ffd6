import { t } from '~/text';
import { Dialog } from '~/ui';
import type { ShownFile } from './FilePreview';

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
  return (
    <Dialog title={file.name} open onClose={onClose} size="large">
      <div className="files-lightbox">
        <img src={href} alt={file.name} />
        <a className="files-lightbox-link" href={href} target="_blank" rel="noopener noreferrer">
          {t('files.openFull')}
        </a>
      </div>
    </Dialog>
  );
}
