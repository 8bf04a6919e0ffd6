// The board as a file of ours: its ops, of all kinds, as JSON; and such a file read, whatever it
// is.
import type { Op } from '~/wire/types';
import { MAX_OP_BYTES, opBytes, parseOp, type Shape } from './ops';

const MAX_OPS = 20_000; // that a room holds

export const toFile = (ops: readonly Op[]): string =>
  JSON.stringify({ type: 'stoa-board', version: 1, ops });

/** The shapes of a file, or null if it is none of ours. What is not understood is left out. */
export const fromFile = (text: string): Shape[] | null => {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    return null;
  }
  const { type, version, ops } = (file ?? {}) as Record<string, unknown>;
  if (type !== 'stoa-board' || version !== 1 || !Array.isArray(ops)) return null;
  return ops
    .slice(0, MAX_OPS)
    .flatMap((op) => parseOp(op) ?? [])
    .filter((shape) => opBytes(shape) < MAX_OP_BYTES);
};
