export interface Piece {
  text: string;
  isHit: boolean;
}

const BEFORE = 60; // characters that are shown before the first hit
const SHOWN = 240;

/** What to show of a text in which something was found: from a little before it on, hits marked. */
export function snippetOf(text: string, query: string): Piece[] {
  const small = text.toLowerCase();
  const wanted = query.toLowerCase();
  // Letters whose small form is longer would shift all places: then nothing is marked.
  const first = small.length === text.length && wanted ? small.indexOf(wanted) : -1;
  const start = first > BEFORE ? first - BEFORE : 0;
  const end = Math.min(text.length, start + SHOWN);
  const pieces: Piece[] = start > 0 ? [{ text: '… ', isHit: false }] : [];
  let at = start;
  for (let hit = first; hit >= 0 && hit < end; hit = small.indexOf(wanted, at)) {
    if (hit > at) pieces.push({ text: text.slice(at, hit), isHit: false });
    at = hit + wanted.length;
    pieces.push({ text: text.slice(hit, at), isHit: true });
  }
  if (at < end) pieces.push({ text: text.slice(at, end), isHit: false });
  if (end < text.length) pieces.push({ text: ' …', isHit: false });
  return pieces;
}
