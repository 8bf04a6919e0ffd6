import { Volume2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { DeviceKind, LocalMedia, LocalView } from '~/features/call/types';
import { canChooseSpeaker } from '~/features/stage/playback';
import { useStore } from '~/lib/store';
import { t } from '~/text';
import { attempt, Button, SelectField } from '~/ui';
import { LevelMeter } from './LevelMeter';
import { playTestSound } from './testSound';

const chosen = (view: LocalView, kind: DeviceKind) =>
  kind === 'speaker' ? view.speakerId : view[kind].deviceId;

interface Props {
  local: LocalMedia;
  meter?: boolean; // whether the level is to be seen here, too
}

/** The menus of camera, microphone and speaker, with what tells that they are the right ones. */
export function DeviceMenus({ local, meter = true }: Props) {
  useEffect(() => {
    void attempt(local.refreshDevices());
  }, [local]);
  return (
    <div className="prejoin-devices">
      <DeviceField local={local} kind="microphone" />
      {meter && <LevelMeter local={local} />}
      <DeviceField local={local} kind="camera" />
      {canChooseSpeaker() && <DeviceField local={local} kind="speaker" />}
      <SoundTest local={local} />
    </div>
  );
}

function DeviceField({ local, kind }: { local: LocalMedia; kind: DeviceKind }) {
  const devices = useStore(local.view, (view) => view.devices[kind]);
  const id = useStore(local.view, (view) => chosen(view, kind));
  const known = devices.filter((device) => device.id !== '');
  const options = known.map((device, i) => ({
    value: device.id,
    label: device.label || t(`prejoin.${kind}.nth`, { n: i + 1 }),
  }));
  // Before anybody allowed anything, browsers do not tell what there is.
  const standard = !known.some((device) => device.id === id);
  if (standard) options.unshift({ value: id, label: t('prejoin.standard') });
  return (
    <SelectField
      label={t(`prejoin.${kind}`)}
      value={id}
      options={options}
      disabled={known.length === 0}
      onChange={(next) => void attempt(local.chooseDevice(kind, next))}
    />
  );
}

function SoundTest({ local }: { local: LocalMedia }) {
  const speakerId = useStore(local.view, (view) => view.speakerId);
  const [plays, setPlays] = useState(false);
  const test = async () => {
    setPlays(true);
    await attempt(playTestSound(speakerId));
    setPlays(false);
  };
  return (
    <Button
      small
      icon={<Volume2 aria-hidden />}
      disabled={plays}
      onClick={() => void test()}
      className="prejoin-devices__sound"
    >
      {t(plays ? 'prejoin.playing' : 'prejoin.testSound')}
    </Button>
  );
}
