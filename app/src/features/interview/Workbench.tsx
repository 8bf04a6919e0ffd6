// Where a candidate works: the question beside the editor, and above them what is going on.
import { useEffect, useRef, useState, type ClipboardEvent } from 'react';
import { Markdown } from '~/features/chat/Markdown';
import { keep } from '~/lib/storage';
import { useRoom } from '~/room';
import { t } from '~/text';
import { Banner, Button, errorText, toast } from '~/ui';
import type { Autosave, AutosaveState } from './autosave';
import { BackToFullscreen } from './BackToFullscreen';
import { ChoiceOfCode } from './ChoiceOfCode';
import { LazyEditor } from './LazyEditor';
import { useFullscreen } from './fullscreen';
import { QuestionAndCode } from './Split';
import { WorkHead } from './WorkHead';

interface WorkProps {
  save: Autosave;
  state: AutosaveState;
  clip: (kind: 'COPY' | 'PASTE') => void;
}

function Banners({ state }: { state: AutosaveState }) {
  const warning = useRoom((view) => view.warning);
  const [readAt, setReadAt] = useState(0);
  const close = (
    <Button small onClick={() => setReadAt(warning?.at ?? 0)}>
      {t('interview.warning.close')}
    </Button>
  );
  return (
    <div className="interview-banners">
      {warning && warning.at > readAt && (
        <Banner kind="bad" action={close}>
          {t('interview.warning', { message: warning.message })}
        </Banner>
      )}
      {state.handing === 'kept' && <Banner kind="warn">{t('interview.offlineSubmit')}</Banner>}
      {state.saving === 'tooLong' && <Banner kind="bad">{t('interview.save.tooLongText')}</Banner>}
      {(state.saving === 'failed' || state.handing === 'failed') && (
        <Banner kind="bad">
          {state.handing === 'failed' && `${t('interview.submit.failed')}. `}
          {errorText(state.error)}
        </Banner>
      )}
    </div>
  );
}

function Question() {
  const question = useRoom((view) => view.room?.settings.question ?? '');
  return (
    <section className="interview-question" aria-label={t('interview.question')} tabIndex={0}>
      {question.trim() ? (
        <Markdown text={question} />
      ) : (
        <p className="interview-note">{t('interview.noQuestion')}</p>
      )}
    </section>
  );
}

/** Says once that a submission has arrived. */
function useHandedInToast({ submitted }: AutosaveState): void {
  const last = useRef(submitted);
  useEffect(() => {
    if (submitted && submitted !== last.current)
      toast({
        title: t('interview.submit.doneToast'),
        text: t('interview.submit.doneText'),
        kind: 'good',
        key: 'interview.submitted',
      });
    last.current = submitted;
  }, [submitted]);
}

/** Whether full screen was left, and the candidate has not chosen to go on without. */
function useLeft(): { hasLeft: boolean; goOn: () => void } {
  const { isOn } = useFullscreen();
  const [wasOn, setWasOn] = useState(isOn);
  if (isOn && !wasOn) setWasOn(true);
  return { hasLeft: wasOn && !isOn, goOn: () => setWasOn(false) };
}

export function Workbench({ save, state, clip }: WorkProps) {
  const { hasLeft, goOn } = useLeft();
  useHandedInToast(state);
  const onCopy = (): void => clip('COPY');
  const onPaste = (): void => clip('PASTE');
  const setLanguage = (language: string): void => {
    keep('interview.language', language);
    save.edit(state.code, language);
  };
  const clipboard = {
    onCopy: (_: ClipboardEvent) => onCopy(),
    onCut: (_: ClipboardEvent) => onCopy(),
    onPaste: (_: ClipboardEvent) => onPaste(),
    onDrop: onPaste, // text that is dragged in is pasted
  };
  const editor = (
    <section className="interview-code" {...clipboard}>
      <LazyEditor
        value={state.code}
        language={state.language}
        onChange={(code) => save.edit(code, state.language)}
        label={t('interview.yourCode')}
        onLanguage={setLanguage}
      />
    </section>
  );
  return (
    <div className="interview-work">
      <WorkHead save={save} state={state} />
      <Banners state={state} />
      <QuestionAndCode question={<Question />} code={editor} />
      <ChoiceOfCode save={save} state={state} />
      {hasLeft && <BackToFullscreen onWithout={goOn} />}
    </div>
  );
}
