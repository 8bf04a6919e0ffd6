// What all fields have in common: a label, a hint, an error, and how these are tied to the control.
import { useId, type ReactNode } from 'react';

import { classes } from './classes';

export interface FieldProps {
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
  hideLabel?: boolean | undefined;
}

export interface Tied {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': true | undefined;
}

interface Props extends FieldProps {
  id?: string | undefined;
  children: (tied: Tied) => ReactNode;
}

export function Field({ label, hint, error, hideLabel, id: wished, children }: Props) {
  const made = useId();
  const id = wished ?? made;
  const hintId = `${id}-hint`;
  const errorId = `${id}-error`;
  const described = classes(hint && hintId, error && errorId) || undefined;
  return (
    <div className="field">
      <label className={classes('field__label', hideLabel && 'visually-hidden')} htmlFor={id}>
        {label}
      </label>
      {children({ id, 'aria-describedby': described, 'aria-invalid': error ? true : undefined })}
      {hint ? (
        <p className="field__hint" id={hintId}>
          {hint}
        </p>
      ) : null}
      {error ? (
        <p className="field__error" id={errorId} role="alert">
          {error}
        </p>
      ) : null}
    </div>
  );
}
