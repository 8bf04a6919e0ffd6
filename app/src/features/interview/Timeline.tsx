// A candidate's events on the time axis of the interview. Each kind has a shape and a height of its
// own, so that colour is not needed to tell them apart.
import { t } from '~/text';
import type { ViolationType } from '~/wire/types';
import { kindLabel, violationTypes } from './kinds';
import type { Mark, Row } from './report';

const NARROW = 240;
const WIDE = 400;
const HEIGHT = 20;
const MIDDLE = HEIGHT / 2;
const EDGE = 6;

const shapes: Record<ViolationType, string> = {
  FULLSCREEN_EXIT: 'M-4-4H4V4H-4Z',
  TAB_SWITCH: 'M0-4.5A4.5 4.5 0 1 1 0 4.5A4.5 4.5 0 1 1 0-4.5Z',
  PASTE: 'M0-5L5 4H-5Z',
  COPY: 'M0-5L5 0L0 5L-5 0Z',
  DISCONNECT: 'M-4-4L4 4M4-4L-4 4',
};

export function KindShape({ type }: { type: ViolationType }) {
  return (
    <svg className="interview-shape" viewBox="-7 -7 14 14" width="14" height="14" aria-hidden>
      <path className={`interview-mark interview-mark--${type}`} d={shapes[type]} />
    </svg>
  );
}

export interface Axis {
  from: number;
  to: number;
}

/** From the start to the end, or to now where there is none; all marks fit on it. */
export function axisOf(
  marks: readonly Mark[],
  startedAt: number | null,
  endsAt: number | null,
  now: number,
): Axis {
  const times = marks.map((mark) => mark.at);
  const from = Math.min(startedAt ?? now, ...times);
  return { from, to: Math.max(endsAt ?? now, from + 60_000, ...times) };
}

/** "2 pasted, 1 left full screen" */
const inWords = (marks: readonly Mark[]): string =>
  violationTypes
    .map((type) => ({ type, n: marks.filter((mark) => mark.type === type).length }))
    .filter(({ n }) => n > 0)
    .map(({ type, n }) => t('interview.host.timelineItem', { kind: kindLabel(type), n }))
    .join(', ');

interface TimelineProps {
  row: Row;
  axis: Axis;
  now: number;
  isWide?: boolean;
}

export function Timeline({ row, axis, now, isWide = false }: TimelineProps) {
  const width = isWide ? WIDE : NARROW;
  const xOf = (at: number): number =>
    EDGE + ((at - axis.from) / (axis.to - axis.from)) * (width - 2 * EDGE);
  const text = inWords(row.marks) || t('interview.host.countNone');
  const passed = Math.min(width - EDGE, Math.max(EDGE, xOf(now)));
  return (
    <svg
      className="interview-timeline"
      viewBox={`0 0 ${width} ${HEIGHT}`}
      role="img"
      aria-label={t('interview.host.timeline', { name: row.name, text })}
    >
      <line
        className="interview-timeline__axis"
        x1={EDGE}
        x2={width - EDGE}
        y1={MIDDLE}
        y2={MIDDLE}
      />
      <line className="interview-timeline__passed" x1={EDGE} x2={passed} y1={MIDDLE} y2={MIDDLE} />
      {row.marks.map((mark) => (
        <path
          key={`${mark.type} ${mark.typeCount}`}
          className={`interview-mark interview-mark--${mark.type}`}
          d={shapes[mark.type]}
          transform={`translate(${xOf(mark.at).toFixed(1)} ${MIDDLE})`}
        />
      ))}
    </svg>
  );
}
