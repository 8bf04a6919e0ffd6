// The line above a candidate's work: time, whether the code is safe, what was reported, handing in.
import { useState } from 'react';
import { Check, CloudOff, LoaderCircle, Send, TriangleAlert } from 'lucide-react';
import { useRoom } from '~/room';
import { formatTime, t } from '~/text';
import { Button, Dialog, useConfirm } from '~/ui';
import type { Autosave, AutosaveState, Saving } from './autosave';
import { TimeLeft } from './TimeLeft';
import { kindLabel, violationTypes } from './kinds';

const saveIcons: Record<Saving, typeof Check> = {
  saved: Check,
  saving: LoaderCircle,
  offline: CloudOff,
  failed: TriangleAlert,
  tooLong: TriangleAlert,
  ended: Check,
};

function SaveState({ saving }: { saving: Saving }) {
  const Icon = saveIcons[saving];
  return (
    <span className={`interview-save interview-save--${saving}`}>
      <Icon aria-hidden size={16} />
      {t(`interview.save.${saving}`)}
    </span>
  );
}

/** What the host was told, as the server counts it: no secret from whom it is about. */
function OwnReports() {
  const own = useRoom((view) => view.ownViolations);
  const [isOpen, setOpen] = useState(false);
  const total = own?.total ?? 0;
  const types = violationTypes.filter((type) => (own?.byType[type] ?? 0) > 0);
  return (
    <>
      <Button variant="quiet" small onClick={() => setOpen(true)}>
        {t('interview.own.button', { n: total })}
      </Button>
      <Dialog
        title={t('interview.own.title')}
        open={isOpen}
        onClose={() => setOpen(false)}
        size="small"
      >
        {types.length === 0 && <p>{t('interview.own.none')}</p>}
        <ul className="interview-own">
          {types.map((type) => (
            <li key={type}>
              <span>{kindLabel(type)}</span>
              <strong>{own?.byType[type]}</strong>
            </li>
          ))}
        </ul>
        <p className="interview-note">{t('interview.own.text')}</p>
      </Dialog>
    </>
  );
}

function handInText({ submitted, handing }: AutosaveState): string {
  if (handing === 'sending') return t('interview.submit.sending');
  if (handing === 'kept') return t('interview.submit.kept');
  if (!submitted) return '';
  return t('interview.submit.done', { time: formatTime(submitted.at) });
}

export function WorkHead({ save, state }: { save: Autosave; state: AutosaveState }) {
  const confirm = useConfirm();
  const { submitted, handing, saving, code } = state;
  const submit = async (): Promise<void> => {
    const isEmpty = code.trim() === '';
    const text = t(isEmpty ? 'interview.submit.empty' : 'interview.submit.text');
    const title = t('interview.submit.title');
    if (await confirm({ title, text, confirm: t('interview.submit') })) save.submit();
  };
  return (
    <header className="interview-head">
      <TimeLeft />
      <SaveState saving={saving} />
      <OwnReports />
      <span className="interview-head__handed" role="status">
        {handInText(state)}
      </span>
      <Button
        variant="primary"
        icon={<Send />}
        busy={handing === 'sending'}
        disabled={saving === 'tooLong'}
        onClick={() => void submit()}
      >
        {t(submitted || handing === 'kept' ? 'interview.submitAgain' : 'interview.submit')}
      </Button>
    </header>
  );
}
