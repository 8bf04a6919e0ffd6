import { useState } from 'react';
import { Minus, Plus } from 'lucide-react';

import { t } from '~/text';

import { Field, type FieldProps } from './Field';

export interface NumberFieldProps extends FieldProps {
  value: number;
  onChange: (n: number) => void;
  min?: number | undefined;
  max?: number | undefined;
  step?: number | undefined;
  unit?: string | undefined;
  disabled?: boolean | undefined;
}

/** A whole number between bounds. What is typed counts at once if it is one. */
export function NumberField(props: NumberFieldProps) {
  const { value, onChange, min = 0, max = Infinity, step = 1, unit, disabled, ...field } = props;
  const [draft, setDraft] = useState<string | null>(null);
  const within = (n: number) => Math.min(max, Math.max(min, n));
  const change = (n: number) => {
    if (n !== value) onChange(n);
  };
  const type = (text: string) => {
    setDraft(text);
    const n = Number(text);
    if (text.trim() !== '' && Number.isInteger(n) && n === within(n)) change(n);
  };
  const settle = () => {
    const n = Math.round(Number(draft));
    if (draft !== null && draft.trim() !== '' && Number.isFinite(n)) change(within(n));
    setDraft(null);
  };
  const go = (by: number) => {
    setDraft(null);
    change(within(value + by));
  };
  return (
    <Field {...field}>
      {(tied) => (
        <div className="number">
          <button
            type="button"
            className="number__step"
            tabIndex={-1}
            aria-label={t('ui.less', { name: field.label })}
            disabled={disabled || value <= min}
            onClick={() => go(-step)}
          >
            <Minus aria-hidden />
          </button>
          <span className="number__middle">
            <input
              {...tied}
              className="number__input"
              type="number"
              inputMode="numeric"
              value={draft ?? value}
              min={min}
              max={Number.isFinite(max) ? max : undefined}
              step={step}
              disabled={disabled}
              onChange={(event) => type(event.target.value)}
              onBlur={settle}
            />
            {unit ? <span className="number__unit">{unit}</span> : null}
          </span>
          <button
            type="button"
            className="number__step"
            tabIndex={-1}
            aria-label={t('ui.more', { name: field.label })}
            disabled={disabled || value >= max}
            onClick={() => go(step)}
          >
            <Plus aria-hidden />
          </button>
        </div>
      )}
    </Field>
  );
}
