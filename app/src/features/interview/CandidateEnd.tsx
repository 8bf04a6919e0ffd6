// After the interview: what was handed in, and thanks.
import { useEffect } from 'react';
import { useRoom } from '~/room';
import { formatTime, t } from '~/text';
import { Banner, Button, copyText } from '~/ui';
import type { AutosaveState } from './autosave';
import { downloadText, slug } from './download';
import { fingerprint, type Draft } from './drafts';
import { leaveFullscreen } from './fullscreen';
import { extensionOf, languageLabel } from './languages';

/** At the end the room hands in what the server has got and the candidate has not handed in. */
function handedIn({ stored, submitted }: AutosaveState): { draft: Draft | null; text: string } {
  const isNewer = stored && (!submitted || fingerprint(stored) !== fingerprint(submitted));
  if (stored && isNewer && stored.code !== '')
    return { draft: stored, text: t('interview.end.automatic') };
  if (!submitted) return { draft: null, text: t('interview.end.nothing') };
  return {
    draft: submitted,
    text: t('interview.end.handedIn', { time: formatTime(submitted.at) }),
  };
}

function Unsent({ code, language }: Draft) {
  const title = useRoom((view) => view.room?.title ?? '');
  const name = `${slug(title)}.${extensionOf(language)}`;
  return (
    <>
      <Banner kind="warn">{t('interview.end.unsent')}</Banner>
      <div className="interview-gate__buttons">
        <Button onClick={() => void copyText(code)}>{t('interview.end.copyUnsent')}</Button>
        <Button onClick={() => downloadText(name, 'text/plain', code)}>
          {t('interview.end.downloadUnsent')}
        </Button>
      </div>
    </>
  );
}

export function CandidateEnd({ state }: { state: AutosaveState }) {
  const notice = useRoom((view) => view.notice);
  const { draft, text } = handedIn(state);
  useEffect(() => void leaveFullscreen(), []);
  return (
    <div className="interview-gate">
      <div className="interview-gate__card">
        <h2>{t('interview.end.title')}</h2>
        {notice && <p>{notice}</p>}
        <p>{t('interview.end.thanks')}</p>
        {state.hasUnsent && <Unsent code={state.code} language={state.language} />}
        <p>{text}</p>
        {draft && (
          <>
            <p className="interview-note">{languageLabel(draft.language)}</p>
            <pre className="interview-pre" tabIndex={0} aria-label={text}>
              {draft.code}
            </pre>
          </>
        )}
      </div>
    </div>
  );
}
