// The bar below the stage: one's devices, hand and board in the middle, the panels at the end. A
// narrow one keeps what is needed at any moment, and puts the rest into "More".
import { Hand, PenLine } from 'lucide-react';
import { useRef, useState, type ReactNode } from 'react';
import { DeviceFields } from '~/features/prejoin/DeviceFields';
import { useLocalMedia } from '~/features/stage/CallContext';
import { useSize } from '~/features/stage/useSize';
import { useShortcut } from '~/lib/keys';
import { useRoomClient, useSelfSeat } from '~/room';
import { t } from '~/text';
import { attempt, Dialog, IconButton } from '~/ui';
import { turnCamera, turnMicrophone } from './devices';
import { KEYS } from './keys';
import { LeaveButton } from './LeaveButton';
import {
  CameraButton,
  MicrophoneButton,
  ScreenButton,
  useScreenControl,
  type ScreenControl,
} from './MediaButtons';
import { MoreMenu } from './MoreMenu';
import { usualPanels, type PanelButton } from './panels';
import { PanelButtons } from './PanelButtons';
import { useHostMutes } from './useHostMutes';
import { useMutedHint } from './useMutedHint';
import { usePushToTalk } from './usePushToTalk';

/** What the middle and the ends of the bar need to stand side by side, in pixels. */
const MIDDLE = 500;
const PANEL = 48;

export interface ControlBarProps {
  boardOpen: boolean;
  onToggleBoard(): void;
  panel: string | null;
  onPanel(id: string | null): void;
  hasCall: boolean;
  panels?: PanelButton[]; // chat, people and files unless told
  badges?: Record<string, number>; // by panel: what is new there
  extra?: ReactNode; // at the start of the bar; nothing of it where it is narrow
}

export function ControlBar(props: ControlBarProps) {
  const { boardOpen, panel, hasCall, panels = usualPanels(), badges = {}, extra } = props;
  const ref = useRef<HTMLElement>(null);
  const narrow = (useSize(ref)?.width ?? 0) < MIDDLE + 2 * PANEL * panels.length;
  const [choosesDevices, setChoosesDevices] = useState(false);
  const screen = useScreenControl();
  const hand = useHand();
  useDeviceKeys(hasCall, screen);
  useRoomKeys(hand.toggle, props.onToggleBoard);
  useHostMutes();
  const onDevices = () => setChoosesDevices(true);
  const more = { hasCall, screen, panel, badges, onDevices, onPanel: props.onPanel };
  return (
    <section
      ref={ref}
      className={`controls${narrow ? ' controls--narrow' : ''}`}
      aria-label={t('controls.label')}
    >
      {!narrow && <div className="controls__start">{extra}</div>}
      <div className="controls__middle">
        {hasCall && <MicrophoneButton narrow={narrow} onDevices={onDevices} />}
        {hasCall && <CameraButton narrow={narrow} onDevices={onDevices} />}
        {hasCall && !narrow && <ScreenButton screen={screen} />}
        {(!narrow || !hasCall) && <HandButton hand={hand} />}
        <IconButton
          variant="solid"
          className={`controls-button${boardOpen ? ' controls-button--active' : ''}`}
          label={t(boardOpen ? 'controls.closeBoard' : 'controls.openBoard')}
          pressed={boardOpen}
          keys={KEYS.board}
          icon={<PenLine aria-hidden />}
          onClick={props.onToggleBoard}
        />
        {narrow && <PanelButtons {...props} panels={panels.slice(0, 1)} badges={badges} solid />}
        {narrow && (
          <MoreMenu {...more} hand={hand.up} onHand={hand.toggle} panels={panels.slice(1)} />
        )}
        <LeaveButton narrow={narrow} />
      </div>
      {!narrow && (
        <div className="controls__end">
          <PanelButtons {...props} panels={panels} badges={badges} />
        </div>
      )}
      <DeviceDialog open={choosesDevices} onClose={() => setChoosesDevices(false)} />
    </section>
  );
}

interface HandControl {
  up: boolean;
  toggle(): void;
}

function useHand(): HandControl {
  const client = useRoomClient();
  const up = useSelfSeat()?.hand ?? false;
  return { up, toggle: () => void attempt(client.raiseHand(!up)) };
}

function HandButton({ hand }: { hand: HandControl }) {
  return (
    <IconButton
      variant="solid"
      className={`controls-button${hand.up ? ' controls-button--active' : ''}`}
      label={t(hand.up ? 'controls.lowerHand' : 'controls.raiseHand')}
      pressed={hand.up}
      keys={KEYS.hand}
      icon={<Hand aria-hidden />}
      onClick={hand.toggle}
    />
  );
}

function useDeviceKeys(when: boolean, screen: ScreenControl) {
  const local = useLocalMedia();
  const group = t('controls.keys');
  const microphone = { label: t('controls.toggleMicrophone'), group, when };
  const turn = () => void turnMicrophone(local);
  useShortcut({ keys: KEYS.microphone, ...microphone }, turn);
  useShortcut({ keys: KEYS.microphoneToo, ...microphone }, turn);
  useShortcut(
    { keys: KEYS.camera, label: t('controls.toggleCamera'), group, when },
    () => void turnCamera(local),
  );
  useShortcut(
    { keys: KEYS.screen, label: t('controls.toggleScreen'), group, when: when && screen.possible },
    screen.toggle,
  );
  usePushToTalk(when);
  useMutedHint(local, when);
}

function useRoomKeys(onHand: () => void, onBoard: () => void) {
  const group = t('controls.keys');
  useShortcut({ keys: KEYS.hand, label: t('controls.toggleHand'), group }, onHand);
  useShortcut({ keys: KEYS.board, label: t('controls.toggleBoard'), group }, onBoard);
}

function DeviceDialog({ open, onClose }: { open: boolean; onClose(): void }) {
  const local = useLocalMedia();
  return (
    <Dialog title={t('controls.devices')} open={open} onClose={onClose} size="small">
      {open && <DeviceFields local={local} />}
    </Dialog>
  );
}
