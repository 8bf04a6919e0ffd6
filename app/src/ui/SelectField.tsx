import { ChevronDown } from 'lucide-react';

import { Field, type FieldProps } from './Field';

export interface Option<T extends string> {
  value: T;
  label: string;
}

export interface SelectFieldProps<T extends string> extends FieldProps {
  value: T;
  onChange: (value: T) => void;
  options: readonly Option<T>[];
  disabled?: boolean | undefined;
}

export function SelectField<T extends string>(props: SelectFieldProps<T>) {
  const { value, onChange, options, disabled, ...field } = props;
  return (
    <Field {...field}>
      {(tied) => (
        <span className="select">
          <select
            {...tied}
            className="input select__input"
            value={value}
            disabled={disabled}
            onChange={(event) => onChange(event.target.value as T)}
          >
            {options.map((option) => (
              <option key={option.value} value={option.value}>
                {option.label}
              </option>
            ))}
          </select>
          <ChevronDown className="select__arrow" aria-hidden />
        </span>
      )}
    </Field>
  );
}
