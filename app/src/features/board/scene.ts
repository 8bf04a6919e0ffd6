// What is on the board, understood: the log's ops with their shapes and where they are, in the
// order in which they are drawn. It says which part of the picture a change touches.
import type { Op } from '~/wire/types';
import { boundsOf, hits, isIn, grown, union, type Box } from './geometry';
import { parseOp, type Shape } from './ops';

export interface Item {
  op: Op;
  shape: Shape | null; // null: of a kind that is not known here
  box: Box | null; // all that it inks
}

/** What has to be drawn anew: everything, or a part, or these on top of what there is. */
export type Damage =
  { kind: 'all' } | { kind: 'area'; box: Box } | { kind: 'top'; items: readonly Item[] };

const itemOf = (op: Op): Item => {
  const shape = parseOp(op);
  return { op, shape, box: shape && boundsOf(shape) };
};

export class Scene {
  items: Item[] = [];
  #at = new Map<string, number>();

  find(id: string): Item | undefined {
    const at = this.#at.get(id);
    return at === undefined ? undefined : this.items[at];
  }

  shape(id: string): Shape | null {
    return this.find(id)?.shape ?? null;
  }

  load(ops: readonly Op[]): Damage {
    const known = new Map(this.items.map((item) => [item.op, item]));
    this.items = ops.map((op) => known.get(op) ?? itemOf(op));
    this.#count();
    return { kind: 'all' };
  }

  put(ops: readonly Op[]): Damage {
    const added: Item[] = [];
    const touched: Box[] = [];
    for (const op of ops) {
      const item = itemOf(op);
      const at = this.#at.get(op.id);
      if (at === undefined) {
        this.#at.set(op.id, this.items.push(item) - 1);
        added.push(item);
        continue;
      }
      const before = this.items[at];
      this.items[at] = item;
      for (const box of [before?.box, item.box]) if (box) touched.push(box);
    }
    if (touched.length === 0) return { kind: 'top', items: added };
    for (const { box } of added) if (box) touched.push(box);
    return this.#area(touched);
  }

  remove(id: string): Damage {
    const at = this.#at.get(id);
    const item = at === undefined ? undefined : this.items[at];
    if (at === undefined || !item) return { kind: 'top', items: [] };
    this.items.splice(at, 1);
    this.#count();
    return this.#area(item.box ? [item.box] : []);
  }

  clear(): Damage {
    this.items = [];
    this.#at.clear();
    return { kind: 'all' };
  }

  /** The box around everything, or around those. */
  bounds(ids?: Iterable<string>): Box | null {
    const items = ids ? [...ids].map((id) => this.find(id)) : this.items;
    return union(items.flatMap((item) => item?.box ?? []));
  }

  /** The uppermost at a point that is wanted. */
  top(x: number, y: number, reach: number, wanted?: (item: Item) => boolean): Item | null {
    for (let i = this.items.length - 1; i >= 0; i--) {
      const item = this.items[i];
      if (!item?.shape || !item.box || !isIn(grown(item.box, reach), x, y)) continue;
      if (hits(item.shape, x, y, reach) && (!wanted || wanted(item))) return item;
    }
    return null;
  }

  all(x: number, y: number, reach: number): Item[] {
    return this.items.filter(
      ({ shape, box }) => shape && box && isIn(grown(box, reach), x, y) && hits(shape, x, y, reach),
    );
  }

  #area(boxes: Box[]): Damage {
    const box = union(boxes);
    return box ? { kind: 'area', box } : { kind: 'top', items: [] };
  }

  #count(): void {
    this.#at = new Map(this.items.map((item, at) => [item.op.id, at]));
  }
}
