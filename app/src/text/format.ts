// Dates, numbers and sizes as people read them. Words are English like the catalogue, in the
// variant that the browser prefers; the clock has 12 or 24 hours as the system has.
const locale = globalThis.navigator?.languages?.find((l) => /^en\b/i.test(l)) ?? 'en';
const { hourCycle } = new Intl.DateTimeFormat(undefined, { hour: 'numeric' }).resolvedOptions();

export type Moment = number | string | Date; // milliseconds, or ISO 8601

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const times = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle });
const dates = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' });
const days = new Intl.DateTimeFormat(locale, { weekday: 'short', day: 'numeric', month: 'short' });
const spans = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' });

const unit = (name: string, unitDisplay: 'long' | 'short', maximumFractionDigits = 0) =>
  new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay, maximumFractionDigits });
const counts = new Intl.NumberFormat(locale, { notation: 'compact' });
const hours = unit('hour', 'short');
const minutes = unit('minute', 'short');
const bytes = unit('byte', 'long');

const when = (at: Moment) => new Date(at);
const isValid = (at: Date) => !Number.isNaN(at.getTime());

/** "14:05" */
export const formatTime = (at: Moment): string => (isValid(when(at)) ? times.format(when(at)) : '');

/** "Tue 3 Mar", with the year instead of the weekday when it is another one. */
export function formatDate(at: Moment): string {
  const date = when(at);
  if (!isValid(date)) return '';
  return (date.getFullYear() === new Date().getFullYear() ? days : dates).format(date);
}

/** "now", "5 min. ago", "yesterday"; a date where that is further off than a week. */
export function formatRelative(at: Moment, now = Date.now()): string {
  const off = when(at).getTime() - now;
  const far = Math.abs(off);
  if (far < 45 * second) return spans.format(0, 'second');
  if (far < 45 * minute) return spans.format(Math.round(off / minute) || 1, 'minute');
  if (far < 22 * hour) return spans.format(Math.round(off / hour) || 1, 'hour');
  if (far < 7 * day) return spans.format(Math.round(off / day), 'day');
  return formatDate(at);
}

const sizes = [
  unit('kilobyte', 'short', 1),
  unit('megabyte', 'short', 1),
  unit('gigabyte', 'short', 1),
];

/**
 * "830 bytes", "1.2 MB". A kB has 1024 bytes, as in most programs that people know files from, and
 * as the server's limits are set: these read as round numbers.
 */
export function formatBytes(n: number): string {
  if (n < 1024) return bytes.format(n);
  const nearly = 1023.95; // what would be rounded to 1024 is 1 of the next unit
  const power = n < nearly * 1024 ? 1 : n < nearly * 1024 ** 2 ? 2 : 3;
  return (sizes[power - 1] ?? bytes).format(n / 1024 ** power);
}

const two = (n: number) => String(n).padStart(2, '0');

/** What is left, for a clock: "25:00", "1:05:00". A begun second counts as one. */
export function formatDuration(ms: number): string {
  const all = Math.max(0, Math.ceil(ms / second));
  const clock = `${two(Math.floor(all / 60) % 60)}:${two(all % 60)}`;
  return all < 3600 ? clock : `${Math.floor(all / 3600)}:${clock}`;
}

/** "25 min", "2 hr 5 min" */
export function formatMinutes(n: number): string {
  const all = Math.round(n);
  if (all < 60) return minutes.format(all);
  const rest = all % 60;
  return hours.format(Math.floor(all / 60)) + (rest ? ` ${minutes.format(rest)}` : '');
}

/** "7", "1.2K" */
export const formatCount = (n: number): string => counts.format(n);
