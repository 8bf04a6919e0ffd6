import { lazy, Suspense, type ComponentProps } from 'react';
import { Spinner } from '~/ui';

const DeviceMenus = lazy(async () => ({
  default: (await import('./DeviceMenus')).DeviceMenus,
}));

/** The menus of all devices; their code comes when somebody opens them. */
export function DeviceFields(props: ComponentProps<typeof DeviceMenus>) {
  return (
    <Suspense fallback={<Spinner />}>
      <DeviceMenus {...props} />
    </Suspense>
  );
}
