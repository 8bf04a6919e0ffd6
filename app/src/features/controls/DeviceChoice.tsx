import { Settings2 } from 'lucide-react';
import type { DeviceKind, LocalMedia, LocalView } from '~/features/call/types';
import { canChooseSpeaker } from '~/features/stage/playback';
import { useLocal, useLocalMedia } from '~/features/stage/CallContext';
import { t } from '~/text';
import { attempt, MenuItem, MenuLabel, MenuSeparator } from '~/ui';

const chosen = (view: LocalView, kind: DeviceKind) =>
  kind === 'speaker' ? view.speakerId : view[kind].deviceId;

/** The devices of one kind, as items of a menu. */
export function DeviceChoice({ kind }: { kind: DeviceKind }) {
  const local = useLocalMedia();
  const devices = useLocal((view) => view.devices[kind]);
  const id = useLocal((view) => chosen(view, kind));
  const known = devices.filter((device) => device.id !== '');
  if (known.length === 0 || (kind === 'speaker' && !canChooseSpeaker())) return null;
  return (
    <>
      <MenuLabel>{t(`prejoin.${kind}`)}</MenuLabel>
      {known.map((device, i) => (
        <MenuItem
          key={device.id}
          checked={device.id === id || (id === '' && i === 0)}
          onSelect={() => void attempt(local.chooseDevice(kind, device.id))}
        >
          {device.label || t(`prejoin.${kind}.nth`, { n: i + 1 })}
        </MenuItem>
      ))}
      <MenuSeparator />
    </>
  );
}

export function DeviceSettingsItem({ onSelect }: { onSelect(): void }) {
  return (
    <MenuItem icon={<Settings2 />} onSelect={onSelect}>
      {t('controls.devices')}
    </MenuItem>
  );
}

/** Labels and lists may have changed since they were last read. */
export const refreshDevices = (local: LocalMedia) => void attempt(local.refreshDevices());
