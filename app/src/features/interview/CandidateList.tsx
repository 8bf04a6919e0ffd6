// The candidates, those who wait first; each leads to what is known of them.
import { Users } from 'lucide-react';
import { useRoom, useRoomClient } from '~/room';
import { t } from '~/text';
import { Avatar, Badge, Button, CopyField, Empty, attempt } from '~/ui';
import { awayLabels, countLabel, presenceKind, presenceLabel } from './consoleParts';
import type { Row } from './report';
import { Timeline, axisOf } from './Timeline';

interface ListProps {
  rows: readonly Row[];
  chosen: string | null;
  now: number;
  onChoose: (userId: string) => void;
  onDecided: () => void;
}

function Decision({ row, onDecided }: { row: Row; onDecided: () => void }) {
  const client = useRoomClient();
  const decide = (yes: boolean): void => {
    void attempt(client.approve(row.userId, yes)).then(onDecided);
  };
  return (
    <div className="interview-row__decision">
      <Button
        small
        variant="primary"
        aria-label={t('interview.host.admitName', { name: row.name })}
        onClick={() => decide(true)}
      >
        {t('interview.host.admit')}
      </Button>
      <Button
        small
        aria-label={t('interview.host.rejectName', { name: row.name })}
        onClick={() => decide(false)}
      >
        {t('interview.host.reject')}
      </Button>
    </div>
  );
}

export function RowBadges({ row }: { row: Row }) {
  return (
    <span className="interview-badges">
      <Badge kind={presenceKind(row)}>{presenceLabel(row)}</Badge>
      {awayLabels(row).map((label) => (
        <Badge key={label} kind="bad">
          {label}
        </Badge>
      ))}
      {row.hasSubmitted && <Badge kind="accent">{t('interview.host.submitted')}</Badge>}
    </span>
  );
}

function CandidateRow({ row, isChosen, now, onChoose }: RowProps) {
  const startedAt = useRoom((view) => view.room?.startedAt ?? null);
  const endsAt = useRoom((view) => view.room?.endsAt ?? null);
  const axis = axisOf(row.marks, startedAt ? Date.parse(startedAt) : null, endsAt, now);
  const isKnown = row.presence !== 'waiting' && row.presence !== 'rejected';
  return (
    <button
      type="button"
      className="interview-row"
      aria-current={isChosen || undefined}
      onClick={() => onChoose(row.userId)}
    >
      <Avatar name={row.name} size="small" />
      <span className="interview-row__name">{row.name}</span>
      {isKnown && <span className="interview-row__count">{countLabel(row.violationCount)}</span>}
      <RowBadges row={row} />
      {startedAt && isKnown && <Timeline row={row} axis={axis} now={now} />}
    </button>
  );
}

interface RowProps {
  row: Row;
  isChosen: boolean;
  now: number;
  onChoose: (userId: string) => void;
}

function Nobody() {
  const link = useRoom((view) => view.room?.joinLink ?? '');
  return (
    <Empty
      icon={<Users />}
      title={t('interview.host.candidates.none')}
      text={t('interview.host.candidates.noneText')}
    >
      <CopyField label={t('interview.host.link')} value={link} />
    </Empty>
  );
}

export function CandidateList({ rows, chosen, now, onChoose, onDecided }: ListProps) {
  if (rows.length === 0) return <Nobody />;
  return (
    <ul className="interview-list">
      {rows.map((row) => (
        <li key={row.userId}>
          <CandidateRow row={row} isChosen={row.userId === chosen} now={now} onChoose={onChoose} />
          {row.knock && (
            <p className="interview-row__said" dir="auto">
              {row.knock}
            </p>
          )}
          {row.presence === 'waiting' && <Decision row={row} onDecided={onDecided} />}
        </li>
      ))}
    </ul>
  );
}
