import { CircleCheck, CircleMinus, CircleX } from 'lucide-react';
import { useEffect, useState } from 'react';
import { testConnection, type Check, type ConnectionReport } from '~/features/call/connectionTest';
import { api } from '~/lib/api';
import { t } from '~/text';
import { Banner, Button, Spinner } from '~/ui';
import type { IceServer } from '~/wire/types';
import { untested, verdict, ways, wayText } from './connection';

/** Tests the connection, and tells what comes of it. */
export function ConnectionResults() {
  const [report, setReport] = useState<ConnectionReport>(untested);
  const [round, setRound] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    setReport(untested);
    void run(setReport, abort.signal);
    return () => abort.abort();
  }, [round]);
  const says = verdict(report);
  return (
    <div className="prejoin-check__results" role="status">
      <ul>
        {ways.map((way) => (
          <li key={way}>
            <CheckIcon check={report[way]} />
            <span>
              <strong>{t(`prejoin.${way}`)}</strong> {wayText(way, report[way])}
            </span>
          </li>
        ))}
      </ul>
      {says && <Banner kind={says.kind}>{says.text}</Banner>}
      {says && (
        <Button small onClick={() => setRound(round + 1)}>
          {t('prejoin.checkAgain')}
        </Button>
      )}
    </div>
  );
}

async function run(onChange: (report: ConnectionReport) => void, signal: AbortSignal) {
  try {
    const servers = await api.get<IceServer[]>('/api/ice-servers', { signal });
    await testConnection(servers, onChange, signal);
  } catch {
    if (!signal.aborted) onChange({ websocket: 'failed', udp: 'failed', relay: 'failed' });
  }
}

function CheckIcon({ check }: { check: Check }) {
  switch (check) {
    case 'testing':
      return <Spinner />;
    case 'ok':
      return <CircleCheck aria-hidden className="prejoin-check__ok" />;
    case 'failed':
      return <CircleX aria-hidden className="prejoin-check__failed" />;
    case 'none':
      return <CircleMinus aria-hidden className="prejoin-check__none" />;
  }
}
