import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CandidateView as LiveCandidate } from '~/room';
import type { Room, Violation } from '~/wire/types';
import { csvCell, reportCsv, reportJson } from './exportReport';
import { mergeReport, type Report, type ReportCandidate } from './report';

const told = (part: Partial<ReportCandidate> = {}): ReportCandidate => ({
  userId: 'b',
  name: 'Ben',
  status: 'APPROVED',
  connected: true,
  joinedAt: null,
  leftAt: null,
  violationCount: 0,
  hasSubmitted: false,
  code: null,
  language: null,
  violations: [],
  submissions: [],
  kicks: [],
  ...part,
});

const report = (...candidates: ReportCandidate[]): Report => ({
  roomId: 'r',
  title: '',
  status: 'LIVE',
  startedAt: null,
  endedAt: null,
  endsAt: null,
  question: '',
  candidates,
});

const live = (part: Partial<LiveCandidate> = {}): LiveCandidate => ({
  userId: 'b',
  name: 'Ben',
  connected: true,
  violationCount: 0,
  hasSubmitted: false,
  submittedAt: null,
  code: null,
  language: null,
  codeAt: null,
  violations: [],
  submissions: [],
  away: [],
  ...part,
});

const heard = (typeCount: number, timestamp: number): Violation => ({
  userId: 'b',
  name: 'Ben',
  timestamp,
  violationType: 'PASTE',
  violationCount: typeCount,
  typeCount,
  message: '',
});

const was = (typeCount: number, timestamp: number) => ({
  id: `r:${typeCount}`,
  type: 'PASTE',
  timestamp,
  violationCount: typeCount,
  typeCount,
});

test('what both tell of is there once', () => {
  const [row] = mergeReport(
    report(told({ violationCount: 2, violations: [was(2, 20), was(1, 10)] })),
    [live({ violationCount: 3, violations: [heard(2, 20), heard(3, 30)] })],
  );
  assert.deepEqual(
    row?.marks.map((m) => m.at),
    [10, 20, 30],
  );
  assert.equal(row?.violationCount, 3);
});

test('submissions are there once, the newest first', () => {
  const first = { id: 'x', code: 'a', language: 'c', timestamp: 1, automatic: false };
  const [row] = mergeReport(report(told({ submissions: [first] })), [
    live({
      submissions: [
        { id: 'x', code: 'a', language: 'c', at: 1, automatic: false },
        { id: 'y', code: 'b', language: 'c', at: 2, automatic: true },
      ],
    }),
  ]);
  assert.deepEqual(
    row?.submissions.map((s) => s.id),
    ['y', 'x'],
  );
});

test('code that was heard is newer than what was told', () => {
  const old = report(told({ code: 'old', language: 'go' }));
  assert.equal(mergeReport(old, [live()])[0]?.code, 'old');
  const change = { code: 'new', language: 'c', codeAt: 5 };
  const [row] = mergeReport(old, [live(change)]);
  assert.deepEqual([row?.code, row?.language, row?.codeAt], ['new', 'c', 5]);
});

test('where somebody is', () => {
  const of = (t: ReportCandidate | null, l: LiveCandidate | null) =>
    mergeReport(t && report(t), l ? [l] : [])[0]?.presence;
  assert.equal(of(null, live()), 'present');
  assert.equal(of(null, live({ connected: false })), 'lost');
  assert.equal(of(told({ connected: false, leftAt: 'x' }), null), 'left');
  assert.equal(of(told({ status: 'KICKED' }), live({ connected: false })), 'removed');
  assert.equal(of(told({ status: 'KICKED' }), live()), 'present', 'let in again');
  assert.equal(of(told({ status: 'REJECTED', connected: false }), null), 'rejected');
});

test('those who wait come first, hosts not at all, and without a report it works, too', () => {
  const request = { userId: 'w', name: 'Will', socketId: null, timestamp: 1, message: 'Hi' };
  const rows = mergeReport(null, [live(), live({ userId: 'h' })], [request], new Set(['h']));
  assert.deepEqual(
    rows.map((r) => [r.userId, r.presence, r.knock]),
    [
      ['w', 'waiting', 'Hi'],
      ['b', 'present', ''],
    ],
  );
});

test('cells of CSV', () => {
  assert.equal(csvCell('plain'), '"plain"');
  assert.equal(csvCell(''), '""');
  assert.equal(csvCell('a "b", c'), '"a ""b"", c"');
  assert.equal(csvCell('=HYPERLINK()'), `"'=HYPERLINK()"`);
  for (const first of ['=', '+', '-', '@', '\t', '\r'])
    assert.equal(csvCell(`${first}1;2`), `"'${first}1;2"`, JSON.stringify(first));
  assert.equal(csvCell('a=b;c\n=d'), '"a=b;c\n=d"');
  assert.equal(csvCell('="a"'), `"'=""a"""`);
  assert.equal(csvCell(3), '"3"');
});

test('what is exported', () => {
  const kick = { by: 'h', reason: 'Looked, aside', timestamp: 3 };
  const rows = mergeReport(report(told({ violations: [was(1, 1)], kicks: [kick] })), []);
  const lines = reportCsv(rows).trim().split('\r\n');
  assert.equal(lines[1], '"Ben","b","PASTE","1970-01-01T00:00:00.001Z","1",""');
  assert.equal(lines[2], '"Ben","b","REMOVED","1970-01-01T00:00:00.003Z","1","Looked, aside"');
  const room = { roomId: 'r', settings: { question: 'Why?' } } as Room;
  const json = JSON.parse(reportJson(room, rows, 0)) as { question: string; candidates: unknown[] };
  assert.deepEqual([json.question, json.candidates.length], ['Why?', 1]);
});
