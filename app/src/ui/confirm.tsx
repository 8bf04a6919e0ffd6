// One question at a time, with a promise for its answer. <ConfirmLayer/> (in Overlays) asks it.
import { useState, type FormEvent } from 'react';

import { Store, useStore } from '~/lib/store';
import { t } from '~/text';

import { Button } from './Button';
import { Dialog } from './Dialog';
import { TextField } from './TextField';

export interface Question {
  title: string;
  text?: string | undefined;
  confirm: string;
  danger?: boolean | undefined;
  input?: { label: string; placeholder?: string | undefined } | undefined;
}

type Answer = boolean | string;
interface Asked extends Question {
  answer: (answer: Answer) => void;
}

const asked = new Store<readonly Asked[]>([]);

/** With `input`: the text that was given, or false. */
export const confirm = (question: Question): Promise<Answer> =>
  new Promise((answer) => asked.set([...asked.get(), { ...question, answer }]));

export const useConfirm = (): ((question: Question) => Promise<Answer>) => confirm;

function Asking({ question }: { question: Asked }) {
  const [text, setText] = useState('');
  const { title, input, danger } = question;
  const give = (answer: Answer) => {
    asked.set(asked.get().filter((other) => other !== question));
    question.answer(answer);
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    give(input ? text.trim() : true);
  };
  return (
    <Dialog title={title} open onClose={() => give(false)} size="small">
      <form className="confirm" onSubmit={onSubmit}>
        {question.text ? <p className="confirm__text">{question.text}</p> : null}
        {input ? (
          <TextField
            label={input.label}
            placeholder={input.placeholder}
            value={text}
            onChange={(event) => setText(event.target.value)}
            autoFocus
          />
        ) : null}
        <div className="confirm__buttons">
          <Button onClick={() => give(false)} data-autofocus={danger && !input ? true : undefined}>
            {t('ui.cancel')}
          </Button>
          <Button
            type="submit"
            variant={danger ? 'danger' : 'primary'}
            data-autofocus={!danger && !input ? true : undefined}
          >
            {question.confirm}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

export function ConfirmLayer() {
  const question = useStore(asked, ([first]) => first);
  return question ? <Asking question={question} /> : null;
}
