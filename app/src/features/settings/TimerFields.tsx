import { t } from '~/text';
import '~/text/pages';
import { NumberField, Switch } from '~/ui';
import type { TimerSettings } from '~/wire/types';

const MINUTES_MAX = 1440;

export function TimerFields(props: { value: TimerSettings; onChange(next: TimerSettings): void }) {
  const { value, onChange } = props;
  const minutes = (key: 'focusMinutes' | 'breakMinutes' | 'longBreakMinutes', label: string) => (
    <NumberField
      label={label}
      unit={t('settings.minutes')}
      min={1}
      max={MINUTES_MAX}
      value={value[key]}
      onChange={(n) => onChange({ ...value, [key]: n })}
    />
  );
  return (
    <>
      <div className="settings-timer">
        {minutes('focusMinutes', t('settings.focusLength'))}
        {minutes('breakMinutes', t('settings.breakLength'))}
        {minutes('longBreakMinutes', t('settings.longBreakLength'))}
        <NumberField
          label={t('settings.rounds')}
          hint={t('settings.roundsHint')}
          min={1}
          max={100}
          value={value.rounds}
          onChange={(rounds) => onChange({ ...value, rounds })}
        />
      </div>
      <Switch
        label={t('settings.autoFocus')}
        hint={t('settings.autoFocusHint')}
        checked={value.autoFocus}
        onChange={(autoFocus) => onChange({ ...value, autoFocus })}
      />
      <Switch
        label={t('settings.hostsOnly')}
        checked={value.hostsOnly}
        onChange={(hostsOnly) => onChange({ ...value, hostsOnly })}
      />
    </>
  );
}
