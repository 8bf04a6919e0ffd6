// What went wrong, from REST and from the socket alike: a code that never changes, and the server's
// own sentence about it. OFFLINE and TIMEOUT are ours: nobody answered.
export class WireError extends Error {
  readonly code: string;
  readonly status: number; // of REST; 0 elsewhere
  readonly retryAfterMs: number;

  constructor(
    code: string,
    message: string,
    { status = 0, retryAfterMs = 0 }: { status?: number; retryAfterMs?: number } = {},
  ) {
    super(message);
    this.name = 'WireError';
    this.code = code;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

export const codeOf = (error: unknown): string =>
  error instanceof WireError ? error.code : 'UNEXPECTED';
