import { BookOpen, Code2, DoorClosed, Timer, Users, Video } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { t } from '~/text';
import { Avatar } from '~/ui';
import type { Mode } from '~/wire/types';
import type { LobbyRoom } from './useRooms';

const icon: Record<Mode, ReactNode> = {
  study: <BookOpen />,
  focus: <Timer />,
  call: <Video />,
  interview: <Code2 />,
};

export const modeName = (mode: Mode): string =>
  ({
    study: t('lobby.study'),
    focus: t('lobby.focus'),
    call: t('lobby.call'),
    interview: t('lobby.interview'),
  })[mode];

const FACES = 4;

/** A room in a list: the whole card is the way in. */
export function RoomCard({ room, note }: { room: LobbyRoom; note?: string }) {
  const { title, roomId, settings, participants = [], participantCount } = room;
  return (
    <Link className="room-card" href={`/room/${roomId}`}>
      <span className="room-card-mode">
        <span aria-hidden="true">{icon[settings.mode]}</span>
        {modeName(settings.mode)}
        {settings.approval && (
          <span className="room-card-door">
            <DoorClosed aria-hidden="true" />
            {t('lobby.knock')}
          </span>
        )}
      </span>
      <span className="room-card-title">
        <bdi>{title || roomId}</bdi>
      </span>
      <span className="room-card-foot">
        <span className="room-card-count" data-live={participantCount > 0 || undefined}>
          <Users aria-hidden="true" />
          {participantCount > 0 ? t('lobby.here', { n: participantCount }) : t('lobby.empty')}
        </span>
        <span className="room-card-faces" aria-hidden="true">
          {participants.slice(0, FACES).map((p) => (
            <Avatar key={p.userId} name={p.name} size="small" />
          ))}
        </span>
        {note && <span className="room-card-note">{note}</span>}
      </span>
    </Link>
  );
}
