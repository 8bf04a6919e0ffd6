// All about one candidate: the code as it is written, the events, what was handed in.
import { useEffect, useRef, useState } from 'react';
import { ArrowLeft, Code, EllipsisVertical, MessageSquare, UserCheck, UserX } from 'lucide-react';
import { writePrivately } from '~/features/chat/mode';
import { useRoomClient } from '~/room';
import { formatTime, t } from '~/text';
import { Empty, IconButton, Menu, MenuItem, Switch, Tabs, attempt, useConfirm } from '~/ui';
import { RowBadges } from './CandidateList';
import { EventList } from './EventList';
import { LazyEditor } from './LazyEditor';
import type { Row } from './report';
import { SubmissionList } from './SubmissionList';

interface DetailProps {
  row: Row;
  now: number;
  onBack: (() => void) | null;
  onChanged: () => void;
}

const SOON_MS = 5000;
const MINUTE_MS = 60_000;

function agoText(at: number, now: number): string {
  const ms = now - at;
  if (ms < SOON_MS) return t('interview.host.justNow');
  if (ms < MINUTE_MS) return t('interview.host.secondsAgo', { n: Math.round(ms / 1000) });
  return formatTime(at);
}

function LiveCode({ row, now }: { row: Row; now: number }) {
  const [follow, setFollow] = useState(true);
  if (row.code === null)
    return (
      <Empty
        icon={<Code />}
        title={t('interview.host.noCode')}
        text={t('interview.host.noCodeText', { name: row.name })}
      />
    );
  return (
    <div className="interview-live">
      <div className="interview-live__bar">
        <span>
          {row.codeAt !== null && t('interview.host.changed', { time: agoText(row.codeAt, now) })}
        </span>
        <Switch label={t('interview.host.follow')} checked={follow} onChange={setFollow} />
      </div>
      {/* whoever scrolls wants to look at something else than the change */}
      <div className="interview-live__code" onWheel={() => setFollow(false)}>
        <LazyEditor
          key={row.userId}
          value={row.code}
          language={row.language}
          readOnly
          follow={follow}
          label={t('interview.host.codeOf', { name: row.name })}
        />
      </div>
    </div>
  );
}

function Deeds({ row, onChanged }: { row: Row; onChanged: () => void }) {
  const client = useRoomClient();
  const confirm = useConfirm();
  const remove = async (): Promise<void> => {
    const reason = await confirm({
      title: t('interview.host.remove.title', { name: row.name }),
      text: t('interview.host.remove.text'),
      confirm: t('interview.host.remove'),
      danger: true,
      input: {
        label: t('interview.host.remove.reason'),
        placeholder: t('interview.host.remove.placeholder'),
      },
    });
    if (reason === false) return;
    await attempt(client.kick(row.userId, reason === true ? '' : reason));
    onChanged();
  };
  const readmit = (): void => void attempt(client.readmit(row.userId)).then(onChanged);
  const isRemoved = row.presence === 'removed';
  return (
    <Menu
      label={t('interview.host.more', { name: row.name })}
      align="end"
      trigger={
        <IconButton
          label={t('interview.host.more', { name: row.name })}
          icon={<EllipsisVertical />}
        />
      }
    >
      <MenuItem
        icon={<MessageSquare />}
        disabled={isRemoved || row.presence === 'waiting'}
        onSelect={() => writePrivately(row)}
      >
        {t('interview.host.message')}
      </MenuItem>
      {isRemoved ? (
        <MenuItem icon={<UserCheck />} onSelect={readmit}>
          {t('interview.host.readmit')}
        </MenuItem>
      ) : (
        <MenuItem icon={<UserX />} danger onSelect={() => void remove()}>
          {t('interview.host.remove')}
        </MenuItem>
      )}
    </Menu>
  );
}

function Head({ row, onBack, onChanged }: Omit<DetailProps, 'now'>) {
  const heading = useRef<HTMLHeadingElement>(null);
  const isAlone = onBack !== null;
  useEffect(() => {
    if (isAlone) heading.current?.focus(); // what had the focus is gone
  }, [isAlone]);
  const last = row.kicks.at(-1);
  return (
    <header className="interview-detail__head">
      {onBack && (
        <IconButton label={t('interview.host.back')} icon={<ArrowLeft />} onClick={onBack} />
      )}
      <h3 ref={heading} tabIndex={-1}>
        {row.name}
      </h3>
      <RowBadges row={row} />
      <span className="interview-detail__deeds">
        <Deeds row={row} onChanged={onChanged} />
      </span>
      {row.presence === 'removed' && last && (
        <p className="interview-note">
          {t(last.reason ? 'interview.host.removedBy' : 'interview.host.removedNoReason', {
            time: formatTime(last.at),
            reason: last.reason,
          })}
        </p>
      )}
    </header>
  );
}

type Tab = 'code' | 'events' | 'submissions';

export function CandidateDetail({ row, now, onBack, onChanged }: DetailProps) {
  const [tab, setTab] = useState<Tab>('code');
  const tabs: { id: Tab; label: string }[] = [
    { id: 'code', label: t('interview.host.tab.code') },
    { id: 'events', label: `${t('interview.host.tab.events')} (${row.violationCount})` },
    {
      id: 'submissions',
      label: `${t('interview.host.tab.submissions')} (${row.submissions.length})`,
    },
  ];
  return (
    <section className="interview-detail" aria-label={row.name}>
      <Head row={row} onBack={onBack} onChanged={onChanged} />
      <Tabs
        label={t('interview.host.tabs', { name: row.name })}
        tabs={tabs}
        value={tab}
        onChange={setTab}
      >
        {tab === 'code' && <LiveCode row={row} now={now} />}
        {tab === 'events' && <EventList row={row} now={now} />}
        {tab === 'submissions' && <SubmissionList row={row} />}
      </Tabs>
    </section>
  );
}
