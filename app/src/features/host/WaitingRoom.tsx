import { Clock3 } from 'lucide-react';
import { DeviceSetup } from '~/features/prejoin/DeviceSetup';
import type { LocalMedia } from '~/features/call/types';
import { LineBanner } from '~/features/room/LineBanner';
import { useRoom, useRoomClient } from '~/room';
import { t } from '~/text';
import { Button, Page, Spinner } from '~/ui';

/** At the door of a room whose hosts let people in. */
export function WaitingRoom({ title, local }: { title: string; local: LocalMedia }) {
  const client = useRoomClient();
  const name = useRoom((view) => view.self?.name ?? '');
  const notice = useRoom((view) => view.notice);
  const knock = useRoom((view) => view.knock);
  return (
    <Page title={title}>
      <LineBanner />
      <section className="host-waiting">
        <div className="host-waiting-text" role="status">
          <Clock3 aria-hidden="true" />
          <h2>{t('host.waitingTitle')}</h2>
          <p>{notice}</p>
          {knock && (
            <p className="host-waiting-said">
              {t('host.waitingSaid')} <q dir="auto">{knock}</q>
            </p>
          )}
          <p className="host-soft">{t('host.waitingStay')}</p>
          <Spinner label={t('host.waitingTitle')} />
          <Button onClick={() => client.leave()}>{t('host.giveUp')}</Button>
        </div>
        <DeviceSetup local={local} name={name} />
      </section>
    </Page>
  );
}
