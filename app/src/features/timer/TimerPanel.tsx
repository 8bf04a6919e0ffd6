// The timer in full: the dial, its buttons, the goals, and how it is set.
import { Settings } from 'lucide-react';
import { useState } from 'react';
import { TimerFields } from '~/features/settings/TimerFields';
import { usePersistent } from '~/lib/storage';
import { useRunsRoom, useRoomClient } from '~/room';
import { t } from '~/text';
import { attempt, Button, Dialog, Switch, toast } from '~/ui';
import type { TimerSettings } from '~/wire/types';
import { ALERTS, allowNotifications, chime, defaultAlerts } from './alerts';
import { useCountdown } from './countdown';
import { OwnGoals, SharedGoal } from './Goals';
import { TimerButtons } from './TimerButtons';
import { TimerDial } from './TimerDial';

function AlertFields() {
  const [wishes, setWishes] = usePersistent(ALERTS, defaultAlerts);
  const setNotification = async (notification: boolean): Promise<void> => {
    const isAllowed = !notification || (await allowNotifications());
    if (!isAllowed) toast({ kind: 'bad', title: t('timer.notificationsDenied') });
    setWishes({ ...wishes, notification: notification && isAllowed });
  };
  return (
    <>
      <Switch
        label={t('timer.sound')}
        checked={wishes.sound}
        onChange={(sound) => {
          setWishes({ ...wishes, sound });
          if (sound) chime('focusEnded');
        }}
      />
      <Switch
        label={t('timer.notification')}
        hint={t('timer.notificationHint')}
        checked={wishes.notification}
        onChange={(on) => void setNotification(on)}
      />
    </>
  );
}

function TimerSettingsDialog(props: { initial: TimerSettings; onClose(): void }) {
  const client = useRoomClient();
  const isHost = useRunsRoom();
  const [value, setValue] = useState(props.initial);
  const save = async (): Promise<void> => {
    const saved = await attempt(client.update({ settings: { timer: value } }));
    if (saved !== undefined) props.onClose();
  };
  const footer = isHost && (
    <Button variant="primary" onClick={() => void save()}>
      {t('timer.save')}
    </Button>
  );
  return (
    <Dialog open title={t('timer.settings')} onClose={props.onClose} footer={footer || undefined}>
      <div className="timer-form">
        {isHost && <TimerFields value={value} onChange={setValue} />}
        <AlertFields />
      </div>
    </Dialog>
  );
}

export function TimerPanel() {
  const countdown = useCountdown();
  const [isSetting, setIsSetting] = useState(false);
  if (!countdown) return null;
  const { timer, leftMs } = countdown;
  return (
    <section className="timer-panel" aria-label={t('timer.title')}>
      <TimerDial timer={timer} leftMs={leftMs} />
      <TimerButtons timer={timer} />
      <Button small variant="quiet" icon={<Settings />} onClick={() => setIsSetting(true)}>
        {t('timer.settings')}
      </Button>
      <SharedGoal />
      <OwnGoals />
      {isSetting && (
        <TimerSettingsDialog initial={timer.settings} onClose={() => setIsSetting(false)} />
      )}
    </section>
  );
}
