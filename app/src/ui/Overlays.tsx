// What lies above every page, once at the root: toasts, questions, the tooltip, the sheet of
// shortcuts, live regions. What is not always needed is loaded when it is.
import { Suspense, useState } from 'react';

import { lazily } from '~/lib/lazily';
import { shortcutSheet, showShortcuts, useShortcut } from '~/lib/keys';
import { useStore } from '~/lib/store';
import { t } from '~/text';

import { LiveRegions } from './announce';
import { ConfirmLayer } from './confirm';
import { toasts } from './toast';
import { TooltipLayer } from './Tooltip';

const ToastList = lazily(async () => (await import('./ToastList')).ToastList);
const ShortcutSheet = lazily(async () => (await import('./ShortcutSheet')).ShortcutSheet);

function ToastLayer() {
  const [isUsed, setUsed] = useState(false);
  const isNeeded = useStore(toasts, (now) => now.length > 0);
  if (isNeeded && !isUsed) setUsed(true);
  return isUsed ? <ToastList /> : null;
}

function ShortcutLayer() {
  const isOpen = useStore(shortcutSheet, (now) => now);
  useShortcut(
    { keys: '?', label: t('ui.shortcutsShow'), group: t('ui.shortcutsGroup') },
    showShortcuts,
  );
  return isOpen ? <ShortcutSheet onClose={() => shortcutSheet.set(false)} /> : null;
}

export const Overlays = () => (
  <>
    <LiveRegions />
    <ConfirmLayer />
    <TooltipLayer />
    <Suspense>
      <ShortcutLayer />
    </Suspense>
    <Suspense>
      <ToastLayer />
    </Suspense>
  </>
);
