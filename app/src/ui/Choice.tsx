// Controls that choose without typing: on or off, one of a few, more or less.
import { useId, type ReactNode } from 'react';

import { classes } from './classes';
import { Tooltip } from './Tooltip';

export interface SwitchProps {
  label: string;
  hint?: string | undefined;
  checked: boolean;
  onChange: (on: boolean) => void;
  disabled?: boolean | undefined;
}

export function Switch({ label, hint, checked, onChange, disabled }: SwitchProps) {
  const id = useId();
  return (
    <div className={classes('switch', disabled && 'switch--disabled')}>
      <label className="switch__row">
        <span className="switch__text">{label}</span>
        <input
          type="checkbox"
          role="switch"
          className="switch__input"
          checked={checked}
          disabled={disabled}
          aria-describedby={hint ? id : undefined}
          onChange={(event) => onChange(event.target.checked)}
        />
      </label>
      {hint ? (
        <p className="field__hint" id={id}>
          {hint}
        </p>
      ) : null}
    </div>
  );
}

export interface SegmentedProps<T extends string> {
  label: string;
  value: T;
  onChange: (value: T) => void;
  options: readonly { value: T; label: string; icon?: ReactNode }[];
  iconOnly?: boolean | undefined;
  disabled?: boolean | undefined;
}

/** One of a few that are all in sight: radio buttons in one piece. */
export function Segmented<T extends string>(props: SegmentedProps<T>) {
  const { label, value, onChange, options, iconOnly = false, disabled } = props;
  const name = useId();
  const item = (option: (typeof options)[number]) => (
    <label key={option.value} className="segmented__item">
      <input
        type="radio"
        className="segmented__input"
        name={name}
        value={option.value}
        checked={option.value === value}
        disabled={disabled}
        onChange={() => onChange(option.value)}
      />
      {option.icon ? (
        <span className="segmented__icon" aria-hidden>
          {option.icon}
        </span>
      ) : null}
      <span className={iconOnly ? 'visually-hidden' : 'segmented__text'}>{option.label}</span>
    </label>
  );
  return (
    <fieldset className={classes('segmented', iconOnly && 'segmented--icons')}>
      <legend className="visually-hidden">{label}</legend>
      {options.map((option) =>
        iconOnly ? (
          <Tooltip key={option.value} text={option.label} isName>
            {item(option)}
          </Tooltip>
        ) : (
          item(option)
        ),
      )}
    </fieldset>
  );
}

export interface SliderProps {
  label: string;
  value: number;
  min: number;
  max: number;
  step?: number | undefined;
  onChange: (value: number) => void;
  hideLabel?: boolean | undefined;
  disabled?: boolean | undefined;
}

export function Slider({
  label,
  value,
  min,
  max,
  step,
  onChange,
  hideLabel,
  disabled,
}: SliderProps) {
  const id = useId();
  const part = max > min ? (value - min) / (max - min) : 0;
  return (
    <div className="field">
      <label className={classes('field__label', hideLabel && 'visually-hidden')} htmlFor={id}>
        {label}
      </label>
      <input
        id={id}
        type="range"
        className="slider"
        style={{ '--part': part }}
        value={value}
        min={min}
        max={max}
        step={step}
        disabled={disabled}
        onChange={(event) => onChange(event.target.valueAsNumber)}
      />
    </div>
  );
}
