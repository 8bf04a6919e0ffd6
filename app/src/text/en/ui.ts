export const ui = {
  'ui.cancel': 'Cancel',
  'ui.close': 'Close',
  'ui.copy': 'Copy',
  'ui.copied': 'Copied',
  'ui.less': '{name}: less',
  'ui.more': '{name}: more',
  'ui.unseen': '{n} new',
  'ui.notifications': 'Notifications',
  'ui.shortcuts': 'Keyboard shortcuts',
  'ui.shortcutsShow': 'Show keyboard shortcuts',
  'ui.shortcutsGroup': 'Everywhere',
} as const;
