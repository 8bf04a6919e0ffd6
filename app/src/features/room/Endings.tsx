// The pages at which a visit ends, or does not begin.
import { DoorClosed, DoorOpen, Flag, SearchX, ShieldX, UserX } from 'lucide-react';
import type { ReactNode } from 'react';
import { useRoom, type RoomView } from '~/room';
import { t } from '~/text';
import { Button, Empty, errorText, LinkButton, Page, Spinner } from '~/ui';
import { WireError } from '~/wire/errors';

function Ending(props: { icon: ReactNode; title: string; text?: string; children?: ReactNode }) {
  return (
    <Page title={props.title}>
      <Empty icon={props.icon} text={props.text}>
        {props.children}
        <LinkButton href="/">{t('room.toLobby')}</LinkButton>
      </Empty>
    </Page>
  );
}

const Again = ({ onAgain }: { onAgain(): void }) => (
  <Button variant="primary" onClick={onAgain}>
    {t('room.comeBack')}
  </Button>
);

export const MissingRoom = ({ roomId }: { roomId: string }) => (
  <Ending
    icon={<SearchX />}
    title={t('room.missing')}
    text={t('room.missingText', { code: roomId })}
  />
);

export function MembersOnly({ roomId }: { roomId: string }) {
  const next = encodeURIComponent(`/room/${roomId}`);
  return (
    <Ending icon={<ShieldX />} title={t('room.members')} text={t('room.membersText')}>
      <LinkButton variant="primary" href={`/login?next=${next}`}>
        {t('room.logIn')}
      </LinkButton>
    </Ending>
  );
}

export const DoorFailed = ({ error, onAgain }: { error: unknown; onAgain(): void }) => (
  <Ending icon={<DoorClosed />} title={t('room.failed')} text={errorText(error)}>
    <Again onAgain={onAgain} />
  </Ending>
);

export const StillEntering = () => (
  <Ending icon={<Spinner />} title={t('room.entering')} text={t('room.enteringLong')} />
);

/** Of phases other than entering, waiting and in. */
export function VisitEnded({ onAgain }: { onAgain(): void }) {
  const view = useRoom((now) => now);
  const again = <Again onAgain={onAgain} />;
  switch (view.phase) {
    case 'kicked':
      return (
        <Ending
          icon={<UserX />}
          title={t('room.kicked')}
          text={view.notice ? t('room.kickedWhy', { reason: view.notice }) : t('room.kickedText')}
        />
      );
    case 'rejected':
      return (
        <Ending icon={<DoorClosed />} title={t('room.rejected')} text={view.notice}>
          {again}
        </Ending>
      );
    case 'ended':
      return <Ending icon={<Flag />} title={t('room.ended')} text={view.notice} />;
    case 'left':
      return (
        <Ending icon={<DoorOpen />} title={t('room.left')} text={t('room.leftText')}>
          {again}
        </Ending>
      );
    default:
      return (
        <Ending icon={<DoorClosed />} title={t('room.refused')} text={refusalText(view)}>
          {view.refusal?.code !== 'KICKED' && again}
        </Ending>
      );
  }
}

const refusalText = ({ refusal }: RoomView): string =>
  refusal ? errorText(new WireError(refusal.code, refusal.message)) : '';
