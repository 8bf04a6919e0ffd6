// Tells hosts of what is reported while they look elsewhere: aloud to assistive tools, and by a
// note the first time of each kind of a candidate. Later ones would only be in the way.
import { useEffect } from 'react';
import { useRoomClient } from '~/room';
import { t } from '~/text';
import { announce, toast } from '~/ui';
import { kindLabel } from './kinds';

export function useViolationNotices(): void {
  const client = useRoomClient();
  useEffect(
    () =>
      client.on('proctor:violation', ({ name, violationType, typeCount }) => {
        const title = t('interview.host.noticed', { name, kind: kindLabel(violationType) });
        announce(title);
        if (typeCount === 1)
          toast({
            title,
            text: t('interview.host.noticedFirst'),
            key: `interview.${violationType}`,
          });
      }),
    [client],
  );
}
