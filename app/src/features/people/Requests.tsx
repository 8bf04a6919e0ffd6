import { useState } from 'react';
import { Check, X } from 'lucide-react';
import { useIsHost, useRoom, useRoomClient } from '~/room';
import { formatRelative, t } from '~/text';
import { attempt, Avatar, Button, IconButton } from '~/ui';
import type { JoinRequest } from '~/wire/types';

function Request({ request }: { request: JoinRequest }) {
  const client = useRoomClient();
  const [isBusy, setBusy] = useState(false);
  const { userId, name, timestamp, connected = true, message } = request;
  const answer = async (yes: boolean) => {
    setBusy(true);
    await attempt(client.approve(userId, yes));
    setBusy(false);
  };
  return (
    <li className="people-request">
      <Avatar name={name} size="small" />
      <span className="people-request-text">
        <bdi className="people-name">{name}</bdi>
        {message && <bdi className="people-said">{message}</bdi>}
        <span className="people-facts">
          {connected ? formatRelative(timestamp) : t('people.requestAway')}
        </span>
      </span>
      <IconButton
        label={t('people.turnDown', { name })}
        icon={<X />}
        disabled={isBusy}
        onClick={() => void answer(false)}
      />
      <Button
        small
        variant="primary"
        busy={isBusy}
        aria-label={t('people.admitOne', { name })}
        icon={<Check />}
        onClick={() => void answer(true)}
      >
        {t('people.admit')}
      </Button>
    </li>
  );
}

/** Those who wait to be let in, for hosts; nothing where nobody waits. */
export function Requests() {
  const client = useRoomClient();
  const isHost = useIsHost();
  const requests = useRoom((view) => view.requests);
  const [isBusy, setBusy] = useState(false);
  if (!isHost || requests.length === 0) return null;
  const admitAll = async () => {
    setBusy(true);
    await attempt(Promise.all(requests.map(({ userId }) => client.approve(userId, true))));
    setBusy(false);
  };
  return (
    <section className="people-requests" aria-labelledby="people-requests">
      <div className="people-section-head">
        <h2 id="people-requests">{t('people.waiting', { n: requests.length })}</h2>
        {requests.length > 1 && (
          <Button small busy={isBusy} onClick={() => void admitAll()}>
            {t('people.admitAll')}
          </Button>
        )}
      </div>
      <ul className="people-list">
        {requests.map((request) => (
          <Request key={request.userId} request={request} />
        ))}
      </ul>
    </section>
  );
}
