import { Files, MessageSquare, Users } from 'lucide-react';
import type { ReactNode } from 'react';
import { t } from '~/text';

/** A panel beside the stage, as the bar offers it. */
export interface PanelButton {
  id: string;
  label: string;
  icon: ReactNode;
  keys?: string; // that open it: the room listens for them
}

/** Those of every room. */
export const usualPanels = (): PanelButton[] => [
  { id: 'chat', label: t('controls.chat'), icon: <MessageSquare aria-hidden />, keys: 'Alt+C' },
  { id: 'people', label: t('controls.people'), icon: <Users aria-hidden />, keys: 'Alt+P' },
  { id: 'files', label: t('controls.files'), icon: <Files aria-hidden />, keys: 'Alt+F' },
];
