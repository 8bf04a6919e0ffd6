// A room's settings, for making one and for changing one. What matters for the kind of room is in
// sight; the rest is behind "More".
import { BookOpen, Code2, Timer, Video } from 'lucide-react';
import type { ReactNode } from 'react';
import { t } from '~/text';
import '~/text/pages';
import { NumberField, Segmented, Switch, TextArea, TextField } from '~/ui';
import type { Mode, Settings } from '~/wire/types';
import { modes, withMode } from './presets';
import { TimerFields } from './TimerFields';

export interface RoomWish {
  title: string;
  settings: Settings;
}

const TITLE_MAX = 200;
const QUESTION_MAX = 20_000;

const modeIcon: Record<Mode, ReactNode> = {
  study: <BookOpen />,
  focus: <Timer />,
  call: <Video />,
  interview: <Code2 />,
};

const modeText = (mode: Mode) =>
  ({
    study: { name: t('lobby.study'), hint: t('settings.studyHint') },
    focus: { name: t('lobby.focus'), hint: t('settings.focusHint') },
    call: { name: t('lobby.call'), hint: t('settings.callHint') },
    interview: { name: t('lobby.interview'), hint: t('settings.interviewHint') },
  })[mode];

type Change = (part: Partial<Settings>) => void;
type Part = { settings: Settings; change: Change };

function Interview({ settings, change }: Part) {
  const { proctor } = settings;
  return (
    <>
      <TextArea
        label={t('settings.question')}
        hint={t('settings.questionHint')}
        rows={6}
        maxLength={QUESTION_MAX}
        value={settings.question}
        onChange={(e) => change({ question: e.target.value })}
      />
      <NumberField
        label={t('settings.warnAt')}
        hint={t('settings.warnAtHint')}
        min={0}
        max={10_000}
        value={proctor.warnAt}
        onChange={(warnAt) => change({ proctor: { ...proctor, warnAt } })}
      />
      <NumberField
        label={t('settings.autoSubmitAt')}
        hint={t('settings.autoSubmitAtHint')}
        min={0}
        max={10_000}
        value={proctor.autoSubmitAt}
        onChange={(autoSubmitAt) => change({ proctor: { ...proctor, autoSubmitAt } })}
      />
    </>
  );
}

function Duration({ settings, change }: Part) {
  return (
    <NumberField
      label={t('settings.duration')}
      hint={t('settings.durationHint')}
      unit={t('settings.minutes')}
      min={0}
      max={43_200}
      value={settings.durationMinutes}
      onChange={(durationMinutes) => change({ durationMinutes })}
    />
  );
}

function Doors({ settings, change }: Part) {
  return (
    <>
      <Switch
        label={t('settings.public')}
        hint={t('settings.publicHint')}
        checked={settings.isPublic}
        onChange={(isPublic) => change({ isPublic })}
      />
      <Switch
        label={t('settings.approval')}
        hint={t('settings.approvalHint')}
        checked={settings.approval}
        onChange={(approval) => change({ approval })}
      />
    </>
  );
}

function More({ settings, change }: Part) {
  return (
    <details className="settings-more">
      <summary>{t('settings.more')}</summary>
      <div className="settings-part">
        <NumberField
          label={t('settings.max')}
          hint={t('settings.maxHint')}
          min={0}
          max={1000}
          value={settings.maxParticipants}
          onChange={(maxParticipants) => change({ maxParticipants })}
        />
        {settings.mode !== 'interview' && <Duration settings={settings} change={change} />}
        <Switch
          label={t('settings.locked')}
          hint={t('settings.lockedHint')}
          checked={settings.locked}
          onChange={(locked) => change({ locked })}
        />
        <Switch
          label={t('settings.relay')}
          hint={t('settings.relayHint')}
          checked={settings.iceTransportPolicy === 'relay'}
          onChange={(on) => change({ iceTransportPolicy: on ? 'relay' : 'all' })}
        />
        {settings.mode === 'study' && (
          <TimerFields value={settings.timer} onChange={(timer) => change({ timer })} />
        )}
      </div>
    </details>
  );
}

export function SettingsForm(props: { value: RoomWish; onChange(next: RoomWish): void }) {
  const { title, settings } = props.value;
  const set = (next: Settings): void => props.onChange({ title, settings: next });
  const change: Change = (part) => set({ ...settings, ...part });
  const { mode } = settings;
  return (
    <div className="settings-form">
      <div className="settings-mode">
        <Segmented
          label={t('settings.mode')}
          value={mode}
          onChange={(to) => set(withMode(settings, to))}
          options={modes.map((m) => ({ value: m, label: modeText(m).name, icon: modeIcon[m] }))}
        />
        <p>{modeText(mode).hint}</p>
      </div>
      <TextField
        label={t('settings.title')}
        placeholder={t('settings.titleExample')}
        maxLength={TITLE_MAX}
        value={title}
        onChange={(e) => props.onChange({ title: e.target.value, settings })}
      />
      {mode === 'interview' && <Duration settings={settings} change={change} />}
      {mode === 'interview' && <Interview settings={settings} change={change} />}
      {mode === 'focus' && (
        <TimerFields value={settings.timer} onChange={(timer) => change({ timer })} />
      )}
      <Doors settings={settings} change={change} />
      <More settings={settings} change={change} />
    </div>
  );
}
