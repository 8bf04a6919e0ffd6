import { lazily } from '~/lib/lazily';
import { ChevronDown } from 'lucide-react';
import { Suspense, useState } from 'react';
import { t } from '~/text';
import { Spinner } from '~/ui';

const ConnectionResults = lazily(
  async () => (await import('./ConnectionResults')).ConnectionResults,
);

/** Folded up until somebody wants to know: nothing is tested before. */
export function ConnectionTest() {
  const [open, setOpen] = useState(false);
  return (
    <details className="prejoin-check" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {t('prejoin.check')}
        <ChevronDown aria-hidden />
      </summary>
      {open && (
        <Suspense fallback={<Spinner />}>
          <ConnectionResults />
        </Suspense>
      )}
    </details>
  );
}
