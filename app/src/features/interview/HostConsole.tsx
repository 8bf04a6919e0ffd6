// The interview as its hosts see it: the candidates, and all about the chosen one. Where there is
// no room for both, one after the other.
import '~/text/interview';
import { useState } from 'react';
import { MousePointerClick } from 'lucide-react';
import { useRoom, useServerNow } from '~/room';
import { t } from '~/text';
import { Banner, Button, Empty } from '~/ui';
import { CandidateDetail } from './CandidateDetail';
import { CandidateList } from './CandidateList';
import { ConsoleHead } from './ConsoleHead';
import { QuestionEditor } from './QuestionEditor';
import { useIsNarrow } from './Split';
import { hasEnded } from './useProctor';
import { useReport } from './useReport';
import { useViolationNotices } from './useNotices';

const NARROW_PX = 760;

function Problems({ hasFailed, isCut, retry }: ReturnType<typeof useReport>) {
  return (
    <>
      {hasFailed && (
        <Banner
          kind="warn"
          action={
            <Button small onClick={retry}>
              {t('interview.host.retry')}
            </Button>
          }
        >
          {t('interview.host.reportFailed')}
        </Banner>
      )}
      {isCut && <Banner>{t('interview.host.truncated')}</Banner>}
    </>
  );
}

export function HostConsole() {
  const report = useReport();
  const { rows, retry } = report;
  const { ref, isNarrow } = useIsNarrow(NARROW_PX);
  const isOver = useRoom(hasEnded);
  const now = useServerNow(!isOver);
  const [chosenId, choose] = useState<string | null>(null);
  const chosen = rows.find((row) => row.userId === chosenId) ?? null;
  useViolationNotices();
  return (
    <div
      className={isNarrow ? 'interview-console' : 'interview-console interview-console--wide'}
      ref={ref}
    >
      <ConsoleHead rows={rows} />
      <Problems {...report} />
      <div className="interview-console__panes">
        {!(isNarrow && chosen) && (
          <div className="interview-console__list">
            <QuestionEditor />
            <h2>{t('interview.host.candidates')}</h2>
            <CandidateList
              rows={rows}
              chosen={chosenId}
              now={now}
              onChoose={choose}
              onDecided={retry}
            />
          </div>
        )}
        {chosen && (
          <CandidateDetail
            key={chosen.userId}
            row={chosen}
            now={now}
            onBack={isNarrow ? () => choose(null) : null}
            onChanged={retry}
          />
        )}
        {!chosen && !isNarrow && rows.length > 0 && (
          <Empty
            icon={<MousePointerClick />}
            title={t('interview.host.choose')}
            text={t('interview.host.chooseText')}
          />
        )}
      </div>
    </div>
  );
}
