import { lazily } from '~/lib/lazily';
import { Suspense, type ComponentProps } from 'react';
import { Spinner } from '~/ui';

const DeviceMenus = lazily(async () => (await import('./DeviceMenus')).DeviceMenus);

/** The menus of all devices; their code comes when somebody opens them. */
export function DeviceFields(props: ComponentProps<typeof DeviceMenus>) {
  return (
    <Suspense fallback={<Spinner />}>
      <DeviceMenus {...props} />
    </Suspense>
  );
}
