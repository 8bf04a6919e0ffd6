// Whether to try again what failed, and when.
import { WireError } from '~/wire/errors';

const AGAIN_MS = 2000;

// The same words would be refused again.
const FINAL = new Set([
  'BAD_FIELD',
  'BAD_JSON',
  'TOO_BIG',
  'TOO_MANY',
  'UNKNOWN_MESSAGE',
  'NOT_IMPLEMENTED',
  'FORBIDDEN',
  'UNAUTHORIZED',
  'CONFLICT',
  'KICKED',
  'ROOM_ENDED',
  'ROOM_NOT_FOUND',
]);

/** How long to wait before trying again; null: it would fail again. */
export function retryAfter(error: unknown): number | null {
  if (!(error instanceof WireError)) return AGAIN_MS;
  if (FINAL.has(error.code)) return null;
  if (error.code === 'RATE_LIMITED') return Math.max(error.retryAfterMs, 100);
  return AGAIN_MS;
}
