import {
  Crown,
  Lock,
  MicOff,
  MonitorOff,
  Shield,
  ShieldOff,
  UserMinus,
  UserX,
  VideoOff,
} from 'lucide-react';
import { writePrivately } from '~/features/chat/mode';
import { useIsHost, useRoom } from '~/room';
import { t } from '~/text';
import { MenuItem, MenuSeparator } from '~/ui';
import type { Seat } from '~/wire/types';
import { useHosting } from './hosting';

type Hosting = ReturnType<typeof useHosting>;

/** What of theirs is on can be turned off. */
function DeviceItems({ seat, hosting }: { seat: Seat; hosting: Hosting }) {
  const { audio, video, screen } = seat.media;
  return (
    <>
      {audio && (
        <MenuItem icon={<MicOff />} onSelect={() => void hosting.mute(seat, 'audio')}>
          {t('people.mute')}
        </MenuItem>
      )}
      {video && (
        <MenuItem icon={<VideoOff />} onSelect={() => void hosting.mute(seat, 'video')}>
          {t('people.stopVideo')}
        </MenuItem>
      )}
      {screen && (
        <MenuItem icon={<MonitorOff />} onSelect={() => void hosting.mute(seat, 'screen')}>
          {t('people.stopScreen')}
        </MenuItem>
      )}
    </>
  );
}

/** Roles are given by hosts alone. */
function RoleItems({ seat, hosting }: { seat: Seat; hosting: Hosting }) {
  const { role } = seat;
  return (
    <>
      <MenuSeparator />
      {role !== 'host' && (
        <MenuItem icon={<Crown />} onSelect={() => void hosting.setRole(seat, 'host')}>
          {t('people.makeHost')}
        </MenuItem>
      )}
      {role !== 'cohost' && (
        <MenuItem icon={<Shield />} onSelect={() => void hosting.setRole(seat, 'cohost')}>
          {t('people.makeCohost')}
        </MenuItem>
      )}
      {role !== 'participant' && (
        <MenuItem
          icon={role === 'cohost' ? <ShieldOff /> : <UserMinus />}
          onSelect={() => void hosting.setRole(seat, 'participant')}
        >
          {t('people.makeParticipant')}
        </MenuItem>
      )}
    </>
  );
}

/** What one can do about somebody: inside a Menu. */
export function PersonMenuItems({ seat }: { seat: Seat }) {
  const self = useRoom((view) => view.self);
  const isHost = useIsHost();
  const hosting = useHosting();
  if (seat.userId === self?.userId) return null;
  return (
    <>
      <MenuItem icon={<Lock />} onSelect={() => writePrivately(seat)}>
        {t('people.writePrivately')}
      </MenuItem>
      {isHost && <DeviceItems seat={seat} hosting={hosting} />}
      {self?.role === 'host' && <RoleItems seat={seat} hosting={hosting} />}
      {isHost && <MenuSeparator />}
      {isHost && (
        <MenuItem danger icon={<UserX />} onSelect={() => void hosting.remove(seat)}>
          {t('people.removeFrom')}
        </MenuItem>
      )}
    </>
  );
}
