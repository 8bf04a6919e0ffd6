// A room, from its door to its end: looking it up, the preview, waiting to be let in, being in.
import { Suspense, useEffect, useState, type ReactNode } from 'react';
import { lazily } from '~/lib/lazily';
import { createLocalMedia } from '~/features/call/local';
import type { LocalMedia } from '~/features/call/types';
import { WaitingRoom } from '~/features/host/WaitingRoom';
import { Prejoin } from '~/features/prejoin/Prejoin';
import { CallContext } from '~/features/stage/CallContext';
import { recall } from '~/lib/storage';
import { recallKnock, RoomClient, RoomProvider, useRoom, useRoomClient, type Phase } from '~/room';
import { t } from '~/text';
import '~/text/room';
import { Spinner, toast, errorText } from '~/ui';
import { asksAtDoor, useDoor, type Door } from './useDoor';
import { useRoomCall } from './useRoomCall';

/** Fetched while one stands at the door. */
const layout = async () => (await import('./RoomLayout')).RoomLayout;
const RoomLayout = lazily(layout);

const endings = () => import('./Endings');
const MissingRoom = lazily(async () => (await endings()).MissingRoom);
const MembersOnly = lazily(async () => (await endings()).MembersOnly);
const DoorFailed = lazily(async () => (await endings()).DoorFailed);
const StillEntering = lazily(async () => (await endings()).StillEntering);
const VisitEnded = lazily(async () => (await endings()).VisitEnded);

type OpenDoor = Extract<Door, { state: 'open' }>;

const Waiting = ({ label }: { label: string }) => (
  <div className="page-waiting">
    <Spinner label={label} />
  </div>
);

export function RoomPage({ roomId }: { roomId: string }) {
  // what says that the server is away cannot be asked of it then
  useEffect(() => void endings().catch(() => undefined), []);
  return (
    <Suspense fallback={<Waiting label={t('room.looking')} />}>
      <AnyDoor roomId={roomId} />
    </Suspense>
  );
}

function AnyDoor({ roomId }: { roomId: string }) {
  const door = useDoor(roomId);
  switch (door.state) {
    case 'looking':
      return <Waiting label={t('room.looking')} />;
    case 'missing':
      return <MissingRoom roomId={roomId} />;
    case 'members':
      return <MembersOnly roomId={roomId} />;
    case 'failed':
      return <DoorFailed error={door.error} onAgain={door.again} />;
    case 'open':
      return <Visits key={door.session.state} door={door} />;
  }
}

/** Client and devices live as long as the visit; whoever comes again gets new ones. */
function useVisit({ room, session }: OpenDoor): { client: RoomClient; local: LocalMedia } | null {
  const [visit, setVisit] = useState<{ client: RoomClient; local: LocalMedia } | null>(null);
  const isAccount = session.state === 'account';
  useEffect(() => {
    const client = new RoomClient(room.roomId, { isAccount });
    const local = createLocalMedia();
    client.onRefused((error) => toast({ kind: 'bad', title: errorText(error), key: 'refused' }));
    // no camera stays on behind a closed door
    const unwatch = client.store.watch(() => {
      if (isOver(client.store.get().phase)) local.close();
    });
    setVisit({ client, local });
    layout().catch(() => undefined); // it is asked for again when it is shown
    return () => {
      unwatch();
      client.leave();
      local.close();
    };
  }, [room.roomId, isAccount]);
  return visit;
}

function Visits({ door }: { door: OpenDoor }) {
  const [n, setN] = useState(0);
  return <Visit key={n} door={door} onAgain={() => setN(n + 1)} />;
}

function Visit({ door, onAgain }: { door: OpenDoor; onAgain(): void }) {
  const visit = useVisit(door);
  if (!visit) return null;
  return (
    <RoomProvider client={visit.client}>
      <Inside door={door} local={visit.local} onAgain={onAgain} />
    </RoomProvider>
  );
}

function Door({ door, local, onEnter }: { door: OpenDoor; local: LocalMedia; onEnter(): void }) {
  const client = useRoomClient();
  const { room, session } = door;
  const isGuest = session.state === 'guest';
  const { mode } = room.settings;
  return (
    <Prejoin
      roomTitle={room.title}
      local={local}
      askName={isGuest}
      defaultName={isGuest ? session.name || recall('guestName', '') : session.user.name}
      needsMedia={mode !== 'focus'}
      knock={asksAtDoor(room)}
      defaultMessage={recallKnock(room.roomId)}
      busy={false}
      onEnter={({ name, message }) => {
        client.enter(isGuest ? name : '', message);
        onEnter();
      }}
    />
  );
}

function Inside(props: { door: OpenDoor; local: LocalMedia; onAgain(): void }) {
  const { door, local } = props;
  const client = useRoomClient();
  const phase = useRoom((view) => view.phase);
  const isIn = useRoom((view) => view.phase === 'in' || isEndedInterview(view));
  const [isAtDoor, setIsAtDoor] = useState(true);
  const call = useRoomCall(client, local, phase === 'in');
  const inCall = (children: ReactNode): ReactNode => (
    <CallContext value={{ local, call }}>{children}</CallContext>
  );
  if (isAtDoor)
    return inCall(<Door door={door} local={local} onEnter={() => setIsAtDoor(false)} />);
  if (isIn)
    return inCall(
      <Suspense fallback={<Waiting label={t('room.entering')} />}>
        <RoomLayout />
      </Suspense>,
    );
  if (phase === 'entering') return <Entering />;
  if (phase === 'waiting') return inCall(<WaitingRoom title={door.room.title} local={local} />);
  return <VisitEnded onAgain={props.onAgain} />;
}

const PATIENCE_MS = 5000;

/** Says so when it takes long, and offers a way back. */
function Entering() {
  const [isLong, setIsLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsLong(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return isLong ? <StillEntering /> : <Waiting label={t('room.entering')} />;
}

const isOver = (phase: Phase): boolean => !['entering', 'waiting', 'in'].includes(phase);

/** Hosts look at what was handed in, candidates at what they have. */
const isEndedInterview = (view: { phase: Phase; room: { settings: { mode: string } } | null }) =>
  view.phase === 'ended' && view.room?.settings.mode === 'interview';
