import { useShortcuts } from '~/lib/keys';
import { t } from '~/text';

import { Dialog } from './Dialog';
import { Kbd } from './Kbd';

/** All that the keyboard can do here and now. */
export function ShortcutSheet({ onClose }: { onClose: () => void }) {
  const groups = useShortcuts();
  return (
    <Dialog title={t('ui.shortcuts')} open onClose={onClose}>
      <div className="shortcuts">
        {groups.map(([group, shortcuts]) => (
          <section key={group} className="shortcuts__group">
            <h3 className="shortcuts__title">{group}</h3>
            <dl className="shortcuts__list">
              {shortcuts.map(({ keys, label }) => (
                <div key={keys} className="shortcuts__row">
                  <dt>{label}</dt>
                  <dd>
                    <Kbd keys={keys} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
