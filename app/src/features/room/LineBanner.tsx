import { WifiOff } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useRoom } from '~/room';
import { t } from '~/text';
import { announce, Banner, toast } from '~/ui';

/** Says honestly that the line is lost, and, once it is back, what was missed. */
export function LineBanner() {
  const line = useRoom((view) => view.line);
  const missed = useRoom((view) => view.missed);
  const was = useRef(line);
  useEffect(() => {
    if (line === 'lost') announce(t('room.reconnecting'), true);
    if (line === 'up' && was.current === 'lost') {
      const text = missed > 0 ? { text: t('room.missed', { n: missed }) } : {};
      toast({ kind: 'good', title: t('room.back'), key: 'line', ...text });
      announce(t('room.back'));
    }
    was.current = line;
  }, [line, missed]);
  if (line === 'up') return null;
  return (
    <Banner kind="warn" icon={<WifiOff />}>
      <strong>{t('room.reconnecting')}</strong> {t('room.reconnectingText')}
    </Banner>
  );
}
