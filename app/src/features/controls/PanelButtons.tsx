import { t } from '~/text';
import { IconButton } from '~/ui';
import type { PanelButton } from './panels';

interface Props {
  panels: PanelButton[];
  panel: string | null;
  onPanel(id: string | null): void;
  badges: Record<string, number>;
  solid?: boolean;
}

/** What opens and closes the panels. */
export function PanelButtons({ panels, ...rest }: Props) {
  return panels.map((one) => <OnePanel key={one.id} one={one} {...rest} />);
}

function OnePanel({
  one,
  panel,
  onPanel,
  badges,
  solid = false,
}: Omit<Props, 'panels'> & { one: PanelButton }) {
  const open = panel === one.id;
  const toggle = () => onPanel(open ? null : one.id);
  const n = badges[one.id] ?? 0;
  return (
    <IconButton
      variant={solid ? 'solid' : 'quiet'}
      className={solid ? `controls-button${open ? ' controls-button--active' : ''}` : undefined}
      label={n > 0 ? t('controls.withNew', { label: one.label, n }) : one.label}
      pressed={open}
      badge={n}
      keys={one.keys}
      icon={one.icon}
      onClick={toggle}
    />
  );
}
