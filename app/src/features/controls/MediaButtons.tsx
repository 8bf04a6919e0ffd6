// Microphone, camera and screen: a button that turns it on and off, and a menu beside it.
import {
  ChevronUp,
  Mic,
  MicOff,
  MonitorUp,
  MonitorX,
  Video as Camera,
  VideoOff,
} from 'lucide-react';
import type { ReactNode } from 'react';
import type { ScreenHint } from '~/features/call/types';
import { useLocal, useLocalMedia } from '~/features/stage/CallContext';
import { usePersistent } from '~/lib/storage';
import { t } from '~/text';
import { attempt, IconButton, Menu, MenuItem, MenuLabel, MenuSeparator } from '~/ui';
import { canShareScreen, turnCamera, turnMicrophone } from './devices';
import { DeviceChoice, DeviceSettingsItem, refreshDevices } from './DeviceChoice';
import { KEYS } from './keys';
import { Level } from './Level';
import { usePushToTalkSetting } from './usePushToTalk';

interface SplitProps {
  menuLabel: string;
  button: ReactNode;
  items: ReactNode;
  narrow: boolean; // no room for the menu: "More" has what is in it
}

function Split({ menuLabel, button, items, narrow }: SplitProps) {
  if (narrow) return button;
  return (
    <div className="controls-split" role="group" aria-label={menuLabel}>
      {button}
      <Menu
        label={menuLabel}
        side="top"
        trigger={
          <IconButton
            className="controls-split__more"
            label={menuLabel}
            icon={<ChevronUp aria-hidden />}
          />
        }
      >
        {items}
      </Menu>
    </div>
  );
}

interface Props {
  narrow: boolean;
  onDevices(): void;
}

export function MicrophoneButton({ narrow, onDevices }: Props) {
  const local = useLocalMedia();
  const microphone = useLocal((view) => view.microphone);
  const [pushToTalk, setPushToTalk] = usePushToTalkSetting();
  const { on } = microphone;
  const button = (
    <IconButton
      variant="solid"
      className={`controls-button${on ? ' controls-button--on' : ' controls-button--off'}`}
      label={t(on ? 'controls.mute' : 'controls.unmute')}
      keys={KEYS.microphone}
      busy={microphone.starting}
      badge={!on && microphone.problem !== null}
      icon={
        <>
          {on ? <Mic aria-hidden /> : <MicOff aria-hidden />}
          {on && <Level local={local} />}
        </>
      }
      onClick={() => {
        void turnMicrophone(local);
        refreshDevices(local);
      }}
    />
  );
  const items = (
    <>
      <DeviceChoice kind="microphone" />
      <DeviceChoice kind="speaker" />
      <MenuItem checked={pushToTalk} onSelect={() => setPushToTalk(!pushToTalk)}>
        {t('controls.pushToTalk')}
      </MenuItem>
      <DeviceSettingsItem onSelect={onDevices} />
    </>
  );
  return (
    <Split menuLabel={t('controls.microphoneMenu')} button={button} items={items} narrow={narrow} />
  );
}

export function CameraButton({ narrow, onDevices }: Props) {
  const local = useLocalMedia();
  const camera = useLocal((view) => view.camera);
  const button = (
    <IconButton
      variant="solid"
      className={`controls-button${camera.on ? ' controls-button--on' : ' controls-button--off'}`}
      label={t(camera.on ? 'controls.stopCamera' : 'controls.startCamera')}
      keys={KEYS.camera}
      busy={camera.starting}
      badge={!camera.on && camera.problem !== null}
      icon={camera.on ? <Camera aria-hidden /> : <VideoOff aria-hidden />}
      onClick={() => {
        void turnCamera(local);
        refreshDevices(local);
      }}
    />
  );
  const items = (
    <>
      <DeviceChoice kind="camera" />
      <DeviceSettingsItem onSelect={onDevices} />
    </>
  );
  return (
    <Split menuLabel={t('controls.cameraMenu')} button={button} items={items} narrow={narrow} />
  );
}

export interface ScreenControl {
  possible: boolean;
  on: boolean;
  hint: ScreenHint;
  audio: boolean;
  setHint(hint: ScreenHint): void;
  setAudio(audio: boolean): void;
  toggle(): void;
}

/** Sharing one's screen, the way it was shared last time. */
export function useScreenControl(): ScreenControl {
  const local = useLocalMedia();
  const on = useLocal((view) => view.screen !== null);
  const [hint, setHint] = usePersistent<ScreenHint>('controls.screenHint', 'detail');
  const [audio, setAudio] = usePersistent('controls.screenAudio', false);
  const toggle = () => {
    if (on) local.stopScreen();
    else void attempt(local.shareScreen({ hint, audio }));
  };
  return { possible: canShareScreen(), on, hint, audio, setHint, setAudio, toggle };
}

export function ScreenButton({ screen }: { screen: ScreenControl }) {
  if (!screen.possible) return null;
  const button = (
    <IconButton
      variant="solid"
      className={`controls-button${screen.on ? ' controls-button--active' : ''}`}
      label={t(screen.on ? 'controls.stopScreen' : 'controls.shareScreen')}
      keys={KEYS.screen}
      icon={screen.on ? <MonitorX aria-hidden /> : <MonitorUp aria-hidden />}
      onClick={screen.toggle}
    />
  );
  return (
    <Split
      menuLabel={t('controls.screenMenu')}
      button={button}
      items={<ScreenItems screen={screen} />}
      narrow={screen.on}
    />
  );
}

export function ScreenItems({ screen }: { screen: ScreenControl }) {
  return (
    <>
      <MenuLabel>{t('controls.screenFor')}</MenuLabel>
      <MenuItem checked={screen.hint === 'detail'} onSelect={() => screen.setHint('detail')}>
        {t('controls.screenDetail')}
      </MenuItem>
      <MenuItem checked={screen.hint === 'motion'} onSelect={() => screen.setHint('motion')}>
        {t('controls.screenMotion')}
      </MenuItem>
      <MenuSeparator />
      <MenuItem checked={screen.audio} onSelect={() => screen.setAudio(!screen.audio)}>
        {t('controls.screenSound')}
      </MenuItem>
    </>
  );
}
