export const sessions = {
  'sessions.title': 'Sessions',
  'sessions.live': 'Open',
  'sessions.waiting': 'Not started',
  'sessions.since': 'Since {date}, {time}',
  'sessions.join': 'Join',
  'sessions.joinNamed': 'Join {name}',
  'sessions.none': 'No sessions are open',
} as const;
