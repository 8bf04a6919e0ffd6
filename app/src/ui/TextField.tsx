import { useLayoutEffect, useRef, type ComponentProps } from 'react';

import { classes } from './classes';
import { Field, type FieldProps } from './Field';

export type TextFieldProps = FieldProps & ComponentProps<'input'>;

export function TextField({
  label,
  hint,
  error,
  hideLabel,
  id,
  className,
  ...rest
}: TextFieldProps) {
  return (
    <Field label={label} hint={hint} error={error} hideLabel={hideLabel} id={id}>
      {(tied) => (
        <input
          type="text"
          data-autofocus={rest.autoFocus || undefined}
          {...rest}
          {...tied}
          className={classes('input', className)}
        />
      )}
    </Field>
  );
}

export type TextAreaProps = FieldProps &
  ComponentProps<'textarea'> & { grow?: boolean | undefined };

const growsByItself = globalThis.CSS?.supports?.('field-sizing', 'content') ?? false;

/** With `grow`, it is as high as its text, up to what the style allows. */
export function TextArea(props: TextAreaProps) {
  const { label, hint, error, hideLabel, id, className, grow, ref, ...rest } = props;
  const own = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const { current } = own;
    if (!grow || growsByItself || !current) return;
    current.style.blockSize = 'auto';
    current.style.blockSize = `${current.scrollHeight + 2}px`;
  });
  const take = (element: HTMLTextAreaElement | null) => {
    own.current = element;
    if (typeof ref === 'function') return ref(element);
    if (ref) ref.current = element;
    return undefined;
  };
  return (
    <Field label={label} hint={hint} error={error} hideLabel={hideLabel} id={id}>
      {(tied) => (
        <textarea
          rows={grow ? 1 : 4}
          data-autofocus={rest.autoFocus || undefined}
          {...rest}
          {...tied}
          ref={take}
          className={classes('input input--area', grow && 'input--grow', className)}
        />
      )}
    </Field>
  );
}
