// The first page: join by a code, make a room, or look who is where.
import { ArrowRight, BookOpen, Code2, Plus, SearchX, Sprout, Timer, Video } from 'lucide-react';
import { Suspense, useState, type FormEvent, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import { t } from '~/text';
import { Banner, Button, Empty, errorText, Page, Skeleton, TextField } from '~/ui';
import { lazily } from '~/lib/lazily';
import type { Mode } from '~/wire/types';
import { codeIn } from './code';
import { modeName, RoomCard } from './RoomCard';
import { arrange, useRooms } from './useRooms';

const NewRoomDialog = lazily(async () => (await import('./NewRoomDialog')).NewRoomDialog);

const starts: { mode: Mode; icon: ReactNode }[] = [
  { mode: 'study', icon: <BookOpen /> },
  { mode: 'focus', icon: <Timer /> },
  { mode: 'call', icon: <Video /> },
  { mode: 'interview', icon: <Code2 /> },
];

function JoinByCode() {
  const [, go] = useLocation();
  const [text, setText] = useState('');
  const [isWrong, setIsWrong] = useState(false);
  const join = (e: FormEvent): void => {
    e.preventDefault();
    const id = codeIn(text);
    setIsWrong(id === null);
    if (id !== null) go(`/room/${id}`);
  };
  return (
    <form className="lobby-join" onSubmit={join}>
      <TextField
        label={t('lobby.code')}
        placeholder={t('lobby.codeExample')}
        autoCapitalize="none"
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(e) => setText(e.target.value)}
        {...(isWrong && { error: t('lobby.codeWrong') })}
      />
      <Button type="submit" variant="primary" icon={<ArrowRight />}>
        {t('lobby.join')}
      </Button>
    </form>
  );
}

function Starts({ onStart }: { onStart(mode: Mode): void }) {
  return (
    <ul className="lobby-starts" aria-label={t('lobby.newRoom')}>
      {starts.map(({ mode, icon }) => (
        <li key={mode}>
          <button type="button" className="lobby-start" onClick={() => onStart(mode)}>
            <span className="lobby-start-icon" aria-hidden="true">
              {icon}
            </span>
            {modeName(mode)}
            <Plus aria-hidden="true" />
          </button>
        </li>
      ))}
    </ul>
  );
}

const FEW = 6; // rooms among which nobody needs to search

function Rooms() {
  const { rooms, error } = useRooms();
  const [word, setWord] = useState('');
  if (!rooms && error !== undefined) return <Banner kind="bad">{errorText(error)}</Banner>;
  if (!rooms) return <Skeleton lines={4} />;
  if (rooms.length === 0)
    return <Empty icon={<Sprout />} title={t('lobby.none')} text={t('lobby.noneText')} />;
  const shown = arrange(rooms, word);
  return (
    <>
      {rooms.length > FEW && (
        <TextField
          type="search"
          label={t('lobby.search')}
          hideLabel
          placeholder={t('lobby.search')}
          value={word}
          onChange={(e) => setWord(e.target.value)}
        />
      )}
      {shown.length === 0 && <Empty icon={<SearchX />} title={t('lobby.notFound')} />}
      <ul className="room-cards">
        {shown.map((room) => (
          <li key={room.roomId}>
            <RoomCard room={room} />
          </li>
        ))}
      </ul>
    </>
  );
}

export function LobbyPage() {
  const [address, go] = useLocation();
  const [mode, setMode] = useState<Mode | null>(address === '/new' ? 'study' : null);
  const close = (): void => {
    setMode(null);
    if (address === '/new') go('/', { replace: true });
  };
  return (
    <Page title={t('lobby.title')} wide>
      <p className="lobby-lead">{t('lobby.lead')}</p>
      <div className="lobby-top">
        <section className="lobby-box" aria-labelledby="lobby-join">
          <h2 id="lobby-join">{t('lobby.haveCode')}</h2>
          <JoinByCode />
        </section>
        <section className="lobby-box" aria-labelledby="lobby-new">
          <h2 id="lobby-new">{t('lobby.newRoom')}</h2>
          <Starts onStart={setMode} />
        </section>
      </div>
      <section aria-labelledby="lobby-rooms">
        <h2 id="lobby-rooms">{t('lobby.publicRooms')}</h2>
        <Rooms />
      </section>
      {mode && (
        <Suspense>
          <NewRoomDialog mode={mode} onClose={close} />
        </Suspense>
      )}
    </Page>
  );
}
