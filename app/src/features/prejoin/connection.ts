// What the connection test found, in plain words with what to do.
import type { Check, ConnectionReport } from '~/features/call/connectionTest';
import { t, type Key } from '~/text';

export const untested: ConnectionReport = {
  websocket: 'testing',
  udp: 'testing',
  relay: 'testing',
};

export type Way = keyof ConnectionReport;

export const ways: readonly Way[] = ['websocket', 'udp', 'relay'];

export const wayText = (way: Way, check: Check): string => t(`prejoin.${way}.${check}`);

/** What it means for the call as a whole; null while that is open. */
export function verdict(
  report: ConnectionReport,
): { kind: 'good' | 'warn' | 'bad'; text: string } | null {
  const told = (kind: 'good' | 'warn' | 'bad', key: Key) => ({ kind, text: t(key) });
  if (report.websocket === 'failed') return told('bad', 'prejoin.verdict.noServer');
  if (Object.values(report).includes('testing')) return null;
  if (report.udp === 'ok') return told('good', 'prejoin.verdict.good');
  if (report.relay === 'ok') return told('good', 'prejoin.verdict.relay');
  // Without any server to ask, nobody can tell: within one network it works.
  if (report.udp === 'none') return told('warn', 'prejoin.verdict.nearby');
  return told('warn', 'prejoin.verdict.blocked');
}
