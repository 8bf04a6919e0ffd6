// When the code was changed here and elsewhere: the candidate says which one counts.
import { formatTime, t } from '~/text';
import { Button, copyText, Dialog } from '~/ui';
import type { Autosave, AutosaveState } from './autosave';
import { languageLabel } from './languages';

interface VersionProps {
  title: string;
  code: string;
  language: string;
  use: string;
  onUse: () => void;
}

function Version({ title, code, language, use, onUse }: VersionProps) {
  return (
    <section className="interview-choice__version">
      <h3>{title}</h3>
      <p className="interview-note">{languageLabel(language)}</p>
      <pre className="interview-pre" tabIndex={0} aria-label={title}>
        {code}
      </pre>
      <div className="interview-gate__buttons">
        <Button variant="primary" onClick={onUse}>
          {use}
        </Button>
        <Button variant="quiet" onClick={() => void copyText(code)}>
          {t('interview.host.copy')}
        </Button>
      </div>
    </section>
  );
}

export function ChoiceOfCode({ save, state }: { save: Autosave; state: AutosaveState }) {
  const { choice } = state;
  if (!choice) return null;
  const { here, server } = choice;
  return (
    // it stays open until one is chosen
    <Dialog title={t('interview.choice.title')} open onClose={() => undefined} size="large">
      <p>{t('interview.choice.text')}</p>
      <div className="interview-choice">
        <Version
          title={t('interview.choice.here', { time: formatTime(here.at) })}
          code={here.code}
          language={here.language}
          use={t('interview.choice.useHere')}
          onUse={() => save.choose('here')}
        />
        <Version
          title={t('interview.choice.server')}
          code={server.code}
          language={server.language}
          use={t('interview.choice.useServer')}
          onUse={() => save.choose('server')}
        />
      </div>
    </Dialog>
  );
}
