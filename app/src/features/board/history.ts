// Undo and redo of what one did oneself. A deed is what it made of each op: before and after; null
// is "not there". Others change things meanwhile: a step back touches only what is still as one
// left it, and a deed of which nothing is left is passed over.
import type { Op } from '~/wire/types';

export interface Change {
  id: string;
  before: Op | null;
  after: Op | null;
}

export type Deed = readonly Change[];

export interface Ground {
  find(id: string): Op | null;
  canEdit(op: Op): boolean;
}

const MOST_DEEDS = 200;

/** Who an op is of is written by the log, not by whoever drew: it makes no difference. */
export const sameOp = (a: unknown, b: unknown): boolean => {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b) return false;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((each, i) => sameOp(each, b[i]));
  const [one, other] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  names.delete('by');
  return [...names].every((name) => sameOp(one[name], other[name]));
};

const turned = ({ id, before, after }: Change): Change => ({ id, before: after, after: before });

export class History {
  #done: Deed[] = [];
  #undone: Deed[] = [];

  get canUndo(): boolean {
    return this.#done.length > 0;
  }

  get canRedo(): boolean {
    return this.#undone.length > 0;
  }

  did(deed: Deed): void {
    if (deed.length === 0) return;
    this.#done.push(deed);
    if (this.#done.length > MOST_DEEDS) this.#done.shift();
    this.#undone = [];
  }

  forget(): void {
    this.#done = [];
    this.#undone = [];
  }

  /** What is to be done now; empty: nothing is left to undo. */
  undo(ground: Ground): Deed {
    return this.#step(this.#done, this.#undone, ground);
  }

  redo(ground: Ground): Deed {
    return this.#step(this.#undone, this.#done, ground);
  }

  /** Both stacks hold deeds in the sense in which they were last done. */
  #step(from: Deed[], to: Deed[], ground: Ground): Deed {
    for (let deed = from.pop(); deed; deed = from.pop()) {
      const back = deed.map(turned).reverse();
      const possible = back.filter((change) => this.#isPossible(change, ground));
      if (possible.length === 0) continue;
      to.push(possible);
      return possible;
    }
    return [];
  }

  #isPossible({ id, before }: Change, ground: Ground): boolean {
    const now = ground.find(id);
    if (!before || !now) return before === now;
    return ground.canEdit(now) && sameOp(before, now);
  }
}
