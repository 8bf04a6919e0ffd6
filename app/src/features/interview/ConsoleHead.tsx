// Above the console: how the interview stands, and what can be done with it as a whole.
import { useState } from 'react';
import { Download, Play, Square } from 'lucide-react';
import { useRoom, useRoomClient } from '~/room';
import { formatMinutes, t } from '~/text';
import { Badge, Button, Menu, MenuItem, attempt, useConfirm } from '~/ui';
import { TimeLeft } from './TimeLeft';
import { downloadText, slug } from './download';
import { reportCsv, reportJson } from './exportReport';
import type { Row } from './report';
import { hasEnded } from './useProctor';

function Export({ rows }: { rows: readonly Row[] }) {
  const room = useRoom((view) => view.room);
  if (!room) return null;
  const name = slug(room.title);
  const asJson = (): void =>
    downloadText(`${name}.json`, 'application/json', reportJson(room, rows, Date.now()));
  const asCsv = (): void => downloadText(`${name}.csv`, 'text/csv', reportCsv(rows));
  return (
    <Menu
      label={t('interview.host.export')}
      align="end"
      trigger={<Button icon={<Download />}>{t('interview.host.export')}</Button>}
    >
      <MenuItem onSelect={asJson}>{t('interview.host.exportJson')}</MenuItem>
      <MenuItem onSelect={asCsv}>{t('interview.host.exportCsv')}</MenuItem>
    </Menu>
  );
}

function StartOrEnd() {
  const client = useRoomClient();
  const confirm = useConfirm();
  const status = useRoom((view) => view.room?.status);
  const minutes = useRoom((view) => view.room?.settings.durationMinutes ?? 0);
  const [isBusy, setBusy] = useState(false);
  const run = async (deed: Promise<unknown>): Promise<void> => {
    setBusy(true);
    await attempt(deed);
    setBusy(false);
  };
  const start = async (): Promise<void> => {
    const text =
      minutes > 0
        ? t('interview.host.start.text', { time: formatMinutes(minutes) })
        : t('interview.host.start.textNoEnd');
    const title = t('interview.host.start.title');
    if (await confirm({ title, text, confirm: t('interview.host.start') }))
      await run(client.start());
  };
  const end = async (): Promise<void> => {
    const title = t('interview.host.end.title');
    const text = t('interview.host.end.text');
    if (await confirm({ title, text, confirm: t('interview.host.end'), danger: true }))
      await run(client.end());
  };
  if (status === 'WAITING')
    return (
      <Button variant="primary" icon={<Play />} busy={isBusy} onClick={() => void start()}>
        {t('interview.host.start')}
      </Button>
    );
  return (
    <Button variant="danger" icon={<Square />} busy={isBusy} onClick={() => void end()}>
      {t('interview.host.end')}
    </Button>
  );
}

const badges = { WAITING: 'plain', LIVE: 'good', ENDED: 'plain' } as const;

export function ConsoleHead({ rows }: { rows: readonly Row[] }) {
  const status = useRoom((view) => (hasEnded(view) ? 'ENDED' : (view.room?.status ?? 'WAITING')));
  const isHost = useRoom((view) => view.self?.role === 'host');
  return (
    <header className="interview-head">
      <Badge kind={badges[status]}>{t(`interview.host.status.${status}`)}</Badge>
      {status === 'LIVE' && <TimeLeft />}
      <span className="interview-head__handed" />
      <Export rows={rows} />
      {isHost && status !== 'ENDED' && <StartOrEnd />}
    </header>
  );
}
