// Tells who comes and goes, who raises a hand, and who waits at the door: in toasts for those who
// look, in a live region for those who listen.
import { useEffect, useRef } from 'react';
import { Store, useStore } from '~/lib/store';
import { isHostRole, peopleOf, useRoom, useRoomClient, type RoomClient } from '~/room';
import { t } from '~/text';
import { announce, attempt, dropToast, toast } from '~/ui';
import type { JoinRequest } from '~/wire/types';
import { isolated } from './isolated';
import { emptyCrowd, gather, tell } from './news';

const GROUP_MS = 1500; // whoever comes within that is told of at once
const CROWD_MAX = 20; // in larger rooms people come and go all the time

/** Whether the people are on the page: then hands and requests are seen there. */
export const peopleShown = new Store(false);

// ---- coming and going

const namesNow = (client: RoomClient): Map<string, string> => {
  const { seats, gone, self } = client.store.get();
  const all = [...gone, ...seats].filter(({ userId }) => userId !== self?.userId);
  return new Map(all.map(({ userId, name }) => [userId, name]));
};

/** Watches who is here. What changed while one was away oneself is not told one by one. */
function watchPeople(client: RoomClient): () => void {
  let before: Map<string, string> | null = null;
  let crowd = emptyCrowd();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const say = () => {
    timer = undefined;
    for (const title of tell(crowd)) {
      toast({ title, key: `people.${title}` });
      announce(title);
    }
    crowd = emptyCrowd();
  };
  /** Whoever was removed is told of elsewhere. */
  const forget = (userId: string) => {
    crowd.went.delete(userId);
    before?.delete(userId);
  };
  const change = () => {
    const { phase, line } = client.store.get();
    if (phase !== 'in' || line !== 'up') {
      before = null;
      return;
    }
    const now = namesNow(client);
    if (before && now.size < CROWD_MAX) gather(crowd, before, now);
    before = now;
    if (crowd.came.size + crowd.went.size > 0) timer ??= setTimeout(say, GROUP_MS);
  };
  change();
  const stops = [
    client.store.watch(change),
    client.on('control:kicked', ({ userId }) => forget(userId)),
  ];
  return () => {
    for (const stop of stops) stop();
    clearTimeout(timer);
  };
}

// ---- hands

function watchHands(client: RoomClient): () => void {
  return client.on('presence:hand', ({ userId, raised }) => {
    const { seats, self } = client.store.get();
    const person = peopleOf(seats).find((p) => p.userId === userId);
    if (!raised || !person || userId === self?.userId) return;
    const title = t('people.raised', { name: isolated(person.name) });
    announce(title);
    if (isHostRole(self?.role) && !peopleShown.get()) toast({ title, key: `hand ${userId}` });
  });
}

// ---- at the door

const sentenceOf = ({ name, message = '' }: JoinRequest): string =>
  message
    ? t('people.knocksSaying', { name: isolated(name), message: isolated(message) })
    : t('people.knocks', { name: isolated(name) });

function askAbout(client: RoomClient, { userId, name, message }: JoinRequest): void {
  toast({
    title: t('people.knocks', { name: isolated(name) }),
    text: message && isolated(message),
    key: `request ${userId}`,
    action: {
      label: t('people.admit'),
      onSelect: () => void attempt(client.approve(userId, true)),
    },
  });
}

function useRequestNews(client: RoomClient): void {
  const requests = useRoom((view) => view.requests);
  const isHost = useRoom((view) => isHostRole(view.self?.role));
  const areShown = useStore(peopleShown, (shown) => shown);
  const known = useRef(new Map<string, string>());
  useEffect(() => {
    for (const request of isHost ? requests : []) {
      const said = known.current.get(request.userId);
      if (said !== undefined && (!request.message || request.message === said)) continue;
      announce(sentenceOf(request), true);
      if (!areShown) askAbout(client, request);
    }
    const waiting = new Map(requests.map(({ userId, message = '' }) => [userId, message]));
    for (const userId of known.current.keys())
      if (!waiting.has(userId)) dropToast(`request ${userId}`);
    known.current = waiting;
  }, [client, requests, isHost, areShown]);
}

/** Once, as long as the room is shown. */
export function usePeopleNews(): void {
  const client = useRoomClient();
  useEffect(() => watchPeople(client), [client]);
  useEffect(() => watchHands(client), [client]);
  useRequestNews(client);
}
