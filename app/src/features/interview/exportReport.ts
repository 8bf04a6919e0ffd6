// The report as a file: everything as JSON, or a line for each event as CSV.
import type { Room } from '~/wire/types';
import type { Row } from './report';

const iso = (at: number | null): string => (at === null ? '' : new Date(at).toISOString());

export function reportJson(room: Room, rows: readonly Row[], now: number): string {
  const { roomId, title, status, startedAt, endedAt, settings } = room;
  const candidates = rows.map(({ userId, name, presence, violationCount, ...row }) => ({
    userId,
    name,
    presence,
    violationCount,
    hasSubmitted: row.hasSubmitted,
    code: row.code,
    language: row.language,
    violations: row.marks.map(({ type, at, typeCount }) => ({ type, at: iso(at), typeCount })),
    submissions: row.submissions.map((s) => ({ ...s, at: iso(s.at) })),
    removals: row.kicks.map(({ reason, at }) => ({ reason, at: iso(at) })),
  }));
  const report = {
    roomId,
    title,
    status,
    startedAt,
    endedAt,
    question: settings.question,
    exportedAt: iso(now),
    candidates,
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** Quoted, and such that no spreadsheet takes it for a formula. */
export function csvCell(value: string | number): string {
  const text = String(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

const head = ['candidate', 'user id', 'event', 'time', 'count of its kind', 'detail'];

function linesOf(row: Row): (string | number)[][] {
  const of = (what: string, at: number, count: number | '', detail: string) => ({
    at,
    cells: [row.name, row.userId, what, iso(at), count, detail],
  });
  const submitted = [...row.submissions].reverse();
  const lines = [
    ...row.marks.map((m) => of(m.type, m.at, m.typeCount, '')),
    ...submitted.map((s, i) =>
      of(s.automatic ? 'SUBMITTED_BY_ROOM' : 'SUBMITTED', s.at, i + 1, s.language),
    ),
    ...row.kicks.map((k, i) => of('REMOVED', k.at, i + 1, k.reason)),
  ];
  return lines.sort((a, b) => a.at - b.at).map(({ cells }) => cells);
}

export function reportCsv(rows: readonly Row[]): string {
  const lines = [head, ...rows.flatMap(linesOf)];
  return lines.map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
}
