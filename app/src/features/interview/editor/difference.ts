// What has to be changed in one text to make it another: few and small changes, so that whoever
// looks at the text, or has the cursor in it, is not moved.

export interface Difference {
  from: number; // in the old text
  to: number;
  insert: string;
}

const CELLS_MAX = 4_000_000; // of the table below; beyond it one change does for all

/** The one stretch between what both begin with and what both end with. */
function stretch(old: string, now: string, offset = 0): Difference {
  const most = Math.min(old.length, now.length);
  let start = 0;
  while (start < most && old.charCodeAt(start) === now.charCodeAt(start)) start++;
  let end = 0;
  while (end < most - start && old.at(-1 - end) === now.at(-1 - end)) end++;
  const insert = now.slice(start, now.length - end);
  return { from: offset + start, to: offset + old.length - end, insert };
}

/** With the line break that ends each. */
const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** The length of the longest common subsequence of lines from (i, j) on, at i * (m + 1) + j. */
function commonLines(a: readonly string[], b: readonly string[]): Uint16Array {
  const width = b.length + 1;
  const table = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      table[i * width + j] =
        a[i] === b[j]
          ? 1 + (table[(i + 1) * width + j + 1] ?? 0)
          : Math.max(table[(i + 1) * width + j] ?? 0, table[i * width + j + 1] ?? 0);
  return table;
}

/** Stretches between lines that both have. */
function byLines(old: string, now: string, offset: number): Difference[] {
  const a = linesOf(old);
  const b = linesOf(now);
  if (a.length * b.length > CELLS_MAX) return [stretch(old, now, offset)];
  const table = commonLines(a, b);
  const at = (i: number, j: number): number => table[i * (b.length + 1) + j] ?? 0;
  const changes: Difference[] = [];
  let [i, j, from] = [0, 0, offset];
  while (i < a.length || j < b.length) {
    const [gone, come] = [i, j];
    while ((i < a.length || j < b.length) && a[i] !== b[j]) {
      if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) i++;
      else j++;
    }
    const was = a.slice(gone, i).join('');
    if (i > gone || j > come) changes.push(stretch(was, b.slice(come, j).join(''), from));
    from += was.length;
    while (i < a.length && a[i] === b[j]) {
      from += a[i]?.length ?? 0;
      i++;
      j++;
    }
  }
  return changes;
}

/** In order, without touching each other. */
export function differences(old: string, now: string): Difference[] {
  if (old === now) return [];
  const whole = stretch(old, now);
  const gone = old.slice(whole.from, whole.to);
  const isSmall = !gone.includes('\n') || !whole.insert.includes('\n');
  return isSmall ? [whole] : byLines(gone, whole.insert, whole.from);
}
