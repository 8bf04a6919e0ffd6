import type { Room, Role } from '~/wire/types';

export interface DashboardFile {
  id: string;
  name: string;
  url: string;
  size: number;
  type: string | null;
  roomId: string | null;
  createdAt: string;
}

/** What GET /api/dashboard gives. */
export interface Dashboard {
  rooms: (Room & { lastSeenAt: string | null; role: Role; participantCount?: number })[];
  focus: {
    todayMinutes: number;
    weekMinutes: number;
    totalMinutes: number;
    streakDays: number;
    days: { date: string; minutes: number }[]; // oldest first
  };
  files: DashboardFile[];
}
