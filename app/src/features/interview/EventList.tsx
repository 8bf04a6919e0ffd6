// What was reported of a candidate: on a time line, and as a list with times.
import { useState } from 'react';
import { ShieldCheck } from 'lucide-react';
import { useRoom } from '~/room';
import { formatDuration, formatTime, t } from '~/text';
import { Empty, SelectField } from '~/ui';
import type { ViolationType } from '~/wire/types';
import { kindLabel, violationTypes } from './kinds';
import type { Mark, Row } from './report';
import { KindShape, Timeline, axisOf } from './Timeline';

function Filter({ row, value, onChange }: FilterProps) {
  const count = (type: ViolationType): number => row.marks.filter((m) => m.type === type).length;
  const kinds = violationTypes
    .filter((type) => count(type) > 0)
    .map((type) => ({
      value: type as ViolationType | 'all',
      label: t('interview.host.timelineItem', { kind: kindLabel(type), n: count(type) }),
    }));
  return (
    <SelectField
      label={t('interview.host.filter')}
      hideLabel
      value={value}
      onChange={onChange}
      options={[{ value: 'all', label: t('interview.host.filter.all') }, ...kinds]}
    />
  );
}

interface FilterProps {
  row: Row;
  value: ViolationType | 'all';
  onChange: (value: ViolationType | 'all') => void;
}

function EventLine({ mark, startedAt }: { mark: Mark; startedAt: number | null }) {
  const offset = startedAt === null ? null : formatDuration(Math.max(0, mark.at - startedAt));
  return (
    <li className="interview-event">
      <KindShape type={mark.type} />
      <span>{kindLabel(mark.type)}</span>
      <span className="interview-note">{offset && t('interview.host.eventAt', { offset })}</span>
      <time dateTime={new Date(mark.at).toISOString()}>{formatTime(mark.at)}</time>
    </li>
  );
}

export function EventList({ row, now }: { row: Row; now: number }) {
  const [kind, setKind] = useState<ViolationType | 'all'>('all');
  const started = useRoom((view) => view.room?.startedAt ?? null);
  const endsAt = useRoom((view) => view.room?.endsAt ?? null);
  const startedAt = started ? Date.parse(started) : null;
  const marks = row.marks.filter((mark) => kind === 'all' || mark.type === kind);
  const missing = row.violationCount - row.marks.length;
  if (row.marks.length === 0 && missing <= 0)
    return (
      <Empty
        icon={<ShieldCheck />}
        title={t('interview.host.noEvents')}
        text={t('interview.host.noEventsText')}
      />
    );
  return (
    <div className="interview-events">
      <Filter row={row} value={kind} onChange={setKind} />
      <Timeline
        row={{ ...row, marks }}
        axis={axisOf(row.marks, startedAt, endsAt, now)}
        now={now}
        isWide
      />
      <ol className="interview-events__list" reversed>
        {[...marks].reverse().map((mark) => (
          <EventLine key={`${mark.type} ${mark.typeCount}`} mark={mark} startedAt={startedAt} />
        ))}
      </ol>
      {missing > 0 && (
        <p className="interview-note">{t('interview.host.missingEvents', { n: missing })}</p>
      )}
      <p className="interview-note">{t('interview.host.honest')}</p>
    </div>
  );
}
