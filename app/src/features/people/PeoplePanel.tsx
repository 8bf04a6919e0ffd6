import { useEffect, useState } from 'react';
import { Link2, MicOff } from 'lucide-react';
import { useIsHost, usePeople, useRoom } from '~/room';
import { t } from '~/text';
import { Button, copyLink, TextField } from '~/ui';
import { useHosting } from './hosting';
import { matching, ordered } from './order';
import { PersonRow } from './PersonRow';
import { Requests } from './Requests';
import { peopleShown } from './usePeopleNews';

const SEARCH_FROM = 11; // people

function Tools({ others }: { others: number }) {
  const joinLink = useRoom((view) => view.room?.joinLink ?? '');
  const isHost = useIsHost();
  const { muteAll } = useHosting();
  return (
    <div className="people-tools">
      <Button small icon={<Link2 />} disabled={!joinLink} onClick={() => void copyLink(joinLink)}>
        {t('people.invite')}
      </Button>
      {isHost && others > 0 && (
        <Button small icon={<MicOff />} onClick={() => void muteAll()}>
          {t('people.muteAll')}
        </Button>
      )}
    </div>
  );
}

/** Who is here, and who wants to be. */
export function PeoplePanel() {
  const people = usePeople();
  const selfId = useRoom((view) => view.self?.userId ?? '');
  const [query, setQuery] = useState('');
  useEffect(() => {
    peopleShown.set(true);
    return () => peopleShown.set(false);
  }, []);
  const all = ordered(people, selfId);
  const hands = all.filter(({ hand }) => hand);
  const hasSearch = people.length >= SEARCH_FROM;
  const shown = hasSearch ? matching(all, query) : all;
  return (
    <div className="people-panel">
      <Requests />
      <Tools others={people.filter(({ userId }) => userId !== selfId).length} />
      <div className="people-section-head">
        <h2>{t('people.here', { n: people.length })}</h2>
      </div>
      {hasSearch && (
        <TextField
          label={t('people.search')}
          hideLabel
          type="search"
          placeholder={t('people.search')}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
        />
      )}
      <ul className="people-list" aria-label={t('people.list')}>
        {shown.map((person) => (
          <PersonRow
            key={person.userId}
            person={person}
            isSelf={person.userId === selfId}
            handPlace={hands.indexOf(person) + 1}
          />
        ))}
      </ul>
      {shown.length === 0 && <p className="people-none">{t('people.noneFound')}</p>}
    </div>
  );
}
