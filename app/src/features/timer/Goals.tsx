// Goals: the room's, which everybody sees; one's own, kept in this browser, of which one may be
// shown to the others as what one is at.
import { Eye, EyeOff, Plus, Trash2 } from 'lucide-react';
import { useId, useState, type FormEvent } from 'react';
import { newId } from '~/lib/ids';
import { usePersistent } from '~/lib/storage';
import { useRoom, useRoomClient, useSelfSeat } from '~/room';
import { t } from '~/text';
import { attempt, IconButton, TextField } from '~/ui';

interface OwnGoal {
  id: string;
  text: string;
  done: boolean;
}

const GOAL_MAX = 500;

function CheckedText(props: { text: string; done: boolean; onDone(done: boolean): void }) {
  const id = useId();
  return (
    <span className="timer-goal-text">
      <input
        id={id}
        type="checkbox"
        checked={props.done}
        onChange={(e) => props.onDone(e.target.checked)}
      />
      <label htmlFor={id}>
        <bdi>{props.text}</bdi>
      </label>
    </span>
  );
}

function NewGoal({ label, onAdd }: { label: string; onAdd(text: string): void }) {
  const [text, setText] = useState('');
  const add = (e: FormEvent): void => {
    e.preventDefault();
    if (!text.trim()) return;
    onAdd(text.trim());
    setText('');
  };
  return (
    <form className="timer-goal-new" onSubmit={add}>
      <TextField
        label={label}
        hideLabel
        placeholder={label}
        maxLength={GOAL_MAX}
        value={text}
        onChange={(e) => setText(e.target.value)}
      />
      <IconButton type="submit" label={t('timer.goalAdd')} icon={<Plus />} />
    </form>
  );
}

export function SharedGoal() {
  const client = useRoomClient();
  const goal = useRoom((view) => view.goal);
  const say = (text: string, done: boolean): void => void attempt(client.setGoal(text, done, true));
  return (
    <section className="timer-goals">
      <h3>{t('timer.sharedGoal')}</h3>
      {goal ? (
        <div className="timer-goal" data-done={goal.done || undefined}>
          <CheckedText text={goal.text} done={goal.done} onDone={(done) => say(goal.text, done)} />
          <IconButton
            variant="quiet"
            label={t('timer.goalRemove')}
            icon={<Trash2 />}
            onClick={() => say('', false)}
          />
        </div>
      ) : (
        <NewGoal label={t('timer.sharedGoalNew')} onAdd={(text) => say(text, false)} />
      )}
    </section>
  );
}

export function OwnGoals() {
  const client = useRoomClient();
  const shown = useSelfSeat()?.goal ?? null;
  const [goals, setGoals] = usePersistent<OwnGoal[]>(`goals.${client.roomId}`, []);
  const show = (text: string, done = false): void =>
    void attempt(client.setGoal(text, done, false));
  const change = (goal: OwnGoal, done: boolean): void => {
    setGoals(goals.map((g) => (g.id === goal.id ? { ...g, done } : g)));
    if (shown?.text === goal.text) show(goal.text, done);
  };
  const remove = (goal: OwnGoal): void => {
    setGoals(goals.filter((g) => g.id !== goal.id));
    if (shown?.text === goal.text) show('');
  };
  return (
    <section className="timer-goals">
      <h3>{t('timer.ownGoals')}</h3>
      <ul>
        {goals.map((goal) => {
          const isShown = shown?.text === goal.text;
          return (
            <li key={goal.id} className="timer-goal" data-done={goal.done || undefined}>
              <CheckedText {...goal} onDone={(done) => change(goal, done)} />
              <IconButton
                variant="quiet"
                pressed={isShown}
                label={isShown ? t('timer.goalHide') : t('timer.goalShow')}
                icon={isShown ? <Eye /> : <EyeOff />}
                onClick={() => show(isShown ? '' : goal.text, goal.done)}
              />
              <IconButton
                variant="quiet"
                label={t('timer.goalRemove')}
                icon={<Trash2 />}
                onClick={() => remove(goal)}
              />
            </li>
          );
        })}
      </ul>
      <NewGoal
        label={t('timer.ownGoalNew')}
        onAdd={(text) => setGoals([...goals, { id: newId(), text, done: false }])}
      />
      <p className="timer-note">{t('timer.ownGoalsNote')}</p>
    </section>
  );
}
