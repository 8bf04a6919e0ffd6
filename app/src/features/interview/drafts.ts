// Drafts of a candidate's code, as the browser keeps them, and whose text is right.
import type { OwnCode } from '~/wire/types';

export const CODE_MAX = 200_000; // bytes that the server takes
const SENT_MAX = 8; // fingerprints of what is not confirmed

export interface Draft {
  code: string;
  language: string;
}

export interface DatedDraft extends Draft {
  at: number;
}

/** To be handed in, under an id: sent twice, it is handed in once. */
export interface HandIn extends DatedDraft {
  id: string;
}

/** What the browser keeps. */
export interface Kept extends DatedDraft {
  acked: string | null; // fingerprint of what the server has confirmed
  sent: string[]; // of what it may have got
  submit: HandIn | null; // waits to be handed in
  submitted: DatedDraft | null;
}

/** Short, and different for different drafts: two 32-bit hashes and the length. */
export function fingerprint({ code, language }: Draft): string {
  const text = `${language}\n${code}`;
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x85ebca6b) ^ (b >>> 13);
  }
  return `${text.length.toString(36)}.${(a >>> 0).toString(36)}.${(b >>> 0).toString(36)}`;
}

const utf8 = new TextEncoder();

/** A unit is at most three bytes, so what is short need not be counted. */
export const isTooLong = (code: string): boolean =>
  code.length * 3 > CODE_MAX && utf8.encode(code).length > CODE_MAX;

export type Verdict = 'same' | 'here' | 'server' | 'ask';

export function judge(server: Draft | null, kept: Kept | null): Verdict {
  if (!server) return kept ? 'here' : 'same';
  if (!kept) return 'server';
  const there = fingerprint(server);
  const here = fingerprint(kept);
  if (there === here) return 'same';
  if (kept.acked === there || kept.sent.includes(there)) return 'here';
  if (kept.acked === here || kept.code.trim() === '') return 'server';
  return server.code.trim() === '' ? 'here' : 'ask';
}

export const draftOf = ({ code, language }: Draft): Draft => ({ code, language });

export const isDirty = (kept: Kept): boolean =>
  kept.acked === null ? kept.code !== '' : fingerprint(kept) !== kept.acked;

export const remember = (sent: readonly string[], ...prints: string[]): string[] =>
  [...sent.filter((print) => !prints.includes(print)), ...prints].slice(-SENT_MAX);

/** What still waits to be handed in: not what has been, as another page may say late. */
export function waiting(submit: HandIn | null, done: DatedDraft | null): HandIn | null {
  if (!submit || !done || done.at < submit.at) return submit;
  return fingerprint(submit) === fingerprint(done) ? null : submit;
}

export const newer = (a: DatedDraft | null, b: DatedDraft | null): DatedDraft | null =>
  a && b ? (b.at > a.at ? b : a) : (a ?? b);

export function submittedBy(server: OwnCode | null): DatedDraft | null {
  if (!server?.submitted) return null;
  return { ...draftOf(server), at: server.submittedAt ? Date.parse(server.submittedAt) : 0 };
}

/**
 * What this page holds after another page of the same browser has written `theirs`. All pages
 * follow one text, and dates only grow from change to change: the later one is the newer one.
 * A submission stays with the page on which it was made.
 */
export function follow(own: Kept, theirs: Kept): Kept {
  const submitted = newer(own.submitted, theirs.submitted);
  const submit = waiting(own.submit, submitted);
  const isSame = theirs.at === own.at && fingerprint(theirs) === fingerprint(own);
  if (theirs.at > own.at || (isSame && !isDirty(theirs))) return { ...theirs, submit, submitted };
  const heard = theirs.acked === null ? theirs.sent : [...theirs.sent, theirs.acked];
  return { ...own, submit, submitted, sent: remember(own.sent, ...heard) };
}
