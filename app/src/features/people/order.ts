import type { Person } from '~/room';

const rank = { host: 0, cohost: 1, participant: 2, waiting: 3 } as const;

/** Raised hands first, in the order of raising; then oneself, hosts, and the others by name. */
export function ordered(people: readonly Person[], selfId: string): Person[] {
  const key = (p: Person): [number, number, string] =>
    p.hand
      ? [0, Date.parse(p.handAt ?? '') || 0, '']
      : [1, p.userId === selfId ? -1 : rank[p.role], p.name.toLocaleLowerCase()];
  const compare = (a: Person, b: Person) => {
    const [one, other] = [key(a), key(b)];
    return one[0] - other[0] || one[1] - other[1] || one[2].localeCompare(other[2]);
  };
  return [...people].sort(compare);
}

export function matching(people: readonly Person[], query: string): Person[] {
  const wanted = query.trim().toLocaleLowerCase();
  return people.filter((p) => p.name.toLocaleLowerCase().includes(wanted));
}

/** Of all their connections: whether any has it on. */
export const mediaOf = ({ seats }: Person) => ({
  audio: seats.some(({ media }) => media.audio),
  video: seats.some(({ media }) => media.video),
  screen: seats.some(({ media }) => media.screen),
});
