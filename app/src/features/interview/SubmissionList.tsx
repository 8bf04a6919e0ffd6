// What a candidate has handed in: to look at, to copy, to download.
import { useState } from 'react';
import { Copy, Download, Eye, Inbox } from 'lucide-react';
import { formatTime, t } from '~/text';
import { Badge, copyText, Dialog, Empty, IconButton } from '~/ui';
import { downloadText, slug } from './download';
import { LazyEditor } from './LazyEditor';
import { extensionOf, languageLabel } from './languages';
import type { HandedIn, Row } from './report';

interface LineProps {
  row: Row;
  one: HandedIn;
  onView: () => void;
}

function SubmissionLine({ row, one, onView }: LineProps) {
  const { code, language, at } = one;
  const fileName = `${slug(row.name)}-${slug(formatTime(at))}.${extensionOf(language)}`;
  return (
    <li className="interview-submission">
      <span>{t('interview.host.submissionAt', { time: formatTime(at) })}</span>
      <span className="interview-badges">
        <Badge>{languageLabel(language)}</Badge>
        {one.automatic && <Badge kind="warn">{t('interview.host.automatic')}</Badge>}
      </span>
      {code === null ? (
        <span className="interview-note">{t('interview.host.truncated')}</span>
      ) : (
        <span className="interview-submission__deeds">
          <IconButton label={t('interview.host.view')} icon={<Eye />} onClick={onView} />
          <IconButton
            label={t('interview.host.copy')}
            icon={<Copy />}
            onClick={() => void copyText(code)}
          />
          <IconButton
            label={t('interview.host.download')}
            icon={<Download />}
            onClick={() => downloadText(fileName, 'text/plain', code)}
          />
        </span>
      )}
    </li>
  );
}

export function SubmissionList({ row }: { row: Row }) {
  const [viewed, setViewed] = useState<HandedIn | null>(null);
  if (row.submissions.length === 0)
    return <Empty icon={<Inbox />} title={t('interview.host.noSubmissions')} />;
  const title = viewed ? t('interview.host.submissionAt', { time: formatTime(viewed.at) }) : '';
  return (
    <>
      <ul className="interview-submissions">
        {row.submissions.map((one) => (
          <SubmissionLine key={one.id} row={row} one={one} onView={() => setViewed(one)} />
        ))}
      </ul>
      <Dialog title={title} open={viewed !== null} onClose={() => setViewed(null)} size="large">
        {viewed && (
          <div className="interview-viewed">
            <LazyEditor
              value={viewed.code ?? ''}
              language={viewed.language}
              readOnly
              label={title}
            />
          </div>
        )}
      </Dialog>
    </>
  );
}
