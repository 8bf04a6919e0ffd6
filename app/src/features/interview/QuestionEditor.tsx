// The question: hosts write it before the start; afterwards it stays as it is.
import { useState } from 'react';
import { Pencil } from 'lucide-react';
import { Markdown } from '~/features/chat/Markdown';
import { useRoom, useRoomClient } from '~/room';
import { t } from '~/text';
import { Button, TextArea, attempt, toast } from '~/ui';

const QUESTION_MAX = 10_000;

function Form({ question, onDone }: { question: string; onDone: () => void }) {
  const client = useRoomClient();
  const [text, setText] = useState(question);
  const [isBusy, setBusy] = useState(false);
  const save = async (): Promise<void> => {
    setBusy(true);
    const done = await attempt(client.update({ settings: { question: text } }).then(() => true));
    setBusy(false);
    if (!done) return;
    toast({ title: t('interview.host.question.saved'), kind: 'good' });
    onDone();
  };
  return (
    <form
      className="interview-form"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <TextArea
        label={t('interview.host.question')}
        hideLabel
        hint={t('interview.host.question.hint')}
        value={text}
        maxLength={QUESTION_MAX}
        rows={8}
        autoFocus
        onChange={(event) => setText(event.target.value)}
      />
      <div className="interview-gate__buttons">
        <Button type="submit" variant="primary" busy={isBusy}>
          {t('interview.host.question.save')}
        </Button>
        <Button onClick={onDone}>{t('interview.host.question.cancel')}</Button>
      </div>
    </form>
  );
}

export function QuestionEditor() {
  const question = useRoom((view) => view.room?.settings.question ?? '');
  const isBefore = useRoom((view) => view.room?.status === 'WAITING');
  const mayEdit = useRoom((view) => view.self?.role === 'host') && isBefore;
  const [isEditing, setEditing] = useState(false);
  return (
    <details className="interview-asked" open={isBefore}>
      <summary>{t('interview.host.question')}</summary>
      {isEditing && mayEdit ? (
        <Form question={question} onDone={() => setEditing(false)} />
      ) : (
        <>
          {question.trim() ? (
            <Markdown text={question} />
          ) : (
            <p className="interview-note">{t('interview.host.question.none')}</p>
          )}
          {mayEdit && (
            <Button small icon={<Pencil />} onClick={() => setEditing(true)}>
              {t('interview.host.question.edit')}
            </Button>
          )}
        </>
      )}
    </details>
  );
}
