import { memo } from 'react';
import {
  Circle,
  CircleCheck,
  EllipsisVertical,
  Hand,
  Mic,
  MicOff,
  ScreenShare,
  Video,
} from 'lucide-react';
import type { Person } from '~/room';
import { t } from '~/text';
import { Avatar, Badge, IconButton, Menu } from '~/ui';
import { mediaOf } from './order';
import { PersonMenuItems } from './PersonMenu';

function RoleBadge({ role }: { role: Person['role'] }) {
  if (role === 'host') return <Badge kind="accent">{t('people.host')}</Badge>;
  if (role === 'cohost') return <Badge>{t('people.cohost')}</Badge>;
  return null;
}

function Devices({ person }: { person: Person }) {
  const { audio, video, screen } = mediaOf(person);
  const icon = { size: 16, 'aria-hidden': true } as const;
  return (
    <span
      className="people-devices"
      role="img"
      aria-label={[
        t(audio ? 'people.micOn' : 'people.micOff'),
        t(video ? 'people.cameraOn' : 'people.cameraOff'),
        screen ? t('people.screenOn') : '',
      ]
        .filter(Boolean)
        .join(', ')}
    >
      {screen && <ScreenShare {...icon} className="people-device--on" />}
      {video && <Video {...icon} />}
      {audio ? <Mic {...icon} /> : <MicOff {...icon} className="people-device--off" />}
    </span>
  );
}

function Goal({ goal }: { goal: NonNullable<Person['goal']> }) {
  const Icon = goal.done ? CircleCheck : Circle;
  return (
    <span className={goal.done ? 'people-goal people-goal--done' : 'people-goal'}>
      <Icon
        size={14}
        role="img"
        aria-label={t(goal.done ? 'people.goalDone' : 'people.goalOpen')}
      />
      <bdi>{goal.text}</bdi>
    </span>
  );
}

interface Props {
  person: Person;
  isSelf: boolean;
  handPlace: number; // among the raised hands, from 1; 0: it is down
}

export const PersonRow = memo(function PersonRow({ person, isSelf, handPlace }: Props) {
  const { name, avatarUrl, role, guest, goal, seats } = person;
  const [seat] = seats;
  const facts = [
    isSelf && t('people.you'),
    guest && !isSelf && t('people.guest'),
    seats.length > 1 && t('people.connections', { n: seats.length }),
  ]
    .filter(Boolean)
    .join(' · ');
  return (
    <li className={handPlace > 0 ? 'people-person people-person--hand' : 'people-person'}>
      <Avatar name={name} url={avatarUrl} size="small" />
      <div className="people-person-text">
        <span className="people-person-head">
          <bdi className="people-name">{name}</bdi>
          <RoleBadge role={role} />
        </span>
        {facts && <span className="people-facts">{facts}</span>}
        {goal?.text && <Goal goal={goal} />}
      </div>
      {handPlace > 0 && (
        <span className="people-hand" role="img" aria-label={t('people.handUp', { n: handPlace })}>
          <Hand size={16} aria-hidden />
          <span aria-hidden>{handPlace}</span>
        </span>
      )}
      <Devices person={person} />
      {!isSelf && seat ? (
        <Menu
          label={t('people.menu', { name })}
          align="end"
          trigger={
            <IconButton small label={t('people.menu', { name })} icon={<EllipsisVertical />} />
          }
        >
          <PersonMenuItems seat={loudest(seats) ?? seat} />
        </Menu>
      ) : (
        <span className="people-no-menu" />
      )}
    </li>
  );
});

/** Of several connections, the one that has something on. */
const loudest = (seats: Person['seats']) =>
  seats.find(({ media }) => media.screen || media.audio || media.video);
