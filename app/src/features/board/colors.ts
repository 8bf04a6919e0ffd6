// Colours that read well on both papers. Ops hold them as hex; only the two ends, ink and paper,
// change places in the dark theme.

export interface Swatch {
  name:
    'ink' | 'stone' | 'red' | 'orange' | 'yellow' | 'green' | 'teal' | 'blue' | 'violet' | 'pink';
  hex: string;
}

export const PALETTE: readonly [Swatch, ...Swatch[]] = [
  { name: 'ink', hex: '#23272b' },
  { name: 'stone', hex: '#8a857c' },
  { name: 'red', hex: '#cf4436' },
  { name: 'orange', hex: '#dd7a1c' },
  { name: 'yellow', hex: '#dba815' },
  { name: 'green', hex: '#3d934f' },
  { name: 'teal', hex: '#178f8f' },
  { name: 'blue', hex: '#3575cb' },
  { name: 'violet', hex: '#7d5bc9' },
  { name: 'pink', hex: '#c84a88' },
];

const LIGHT_INK = '#ebe7df';
const DARK_PAPER = '#1d2023';
export const NOTE_INK = '#23272b'; // notes are of pale paper in both themes

const NAMED: Record<string, string> = {
  black: '#000000',
  white: '#ffffff',
  red: '#ff0000',
  green: '#008000',
  blue: '#0000ff',
  yellow: '#ffff00',
  orange: '#ffa500',
  purple: '#800080',
  gray: '#808080',
  grey: '#808080',
};

const HEX = /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i;
const RGB = /^rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)$/i;

/** Those that a browser may be given: nothing else ever comes into a style or a drawing. */
export const isColor = (value: unknown): value is string =>
  typeof value === 'string' &&
  (HEX.test(value) || RGB.test(value) || Object.hasOwn(NAMED, value.toLowerCase()));

type Rgb = readonly [number, number, number];

const parts = (color: string): Rgb => {
  const rgb = RGB.exec(color);
  if (rgb) return [Number(rgb[1]), Number(rgb[2]), Number(rgb[3])];
  const hex = (NAMED[color.toLowerCase()] ?? color).slice(1);
  const full = hex.length === 3 ? [...hex].map((c) => c + c).join('') : hex;
  const number = Number.parseInt(full, 16);
  return [(number >> 16) & 255, (number >> 8) & 255, number & 255];
};

const toHex = (rgb: Rgb): string =>
  '#' + rgb.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('');

const mix = (a: Rgb, b: Rgb, share: number): Rgb => [
  a[0] + (b[0] - a[0]) * share,
  a[1] + (b[1] - a[1]) * share,
  a[2] + (b[2] - a[2]) * share,
];

/** As the eye sees it, roughly: 0 is black, 255 white. */
const brightness = ([r, g, b]: Rgb): number => 0.299 * r + 0.587 * g + 0.114 * b;

/** How a colour is shown on the paper of a theme. */
export const shown = (color: string, isDark: boolean): string => {
  if (!isDark) return color;
  const light = brightness(parts(color));
  if (light < 56) return LIGHT_INK;
  return light > 228 ? DARK_PAPER : color;
};

/** The paper of a sticky note. */
export const noteColor = (color: string, isDark: boolean): string => {
  const pale = mix(parts(color), [255, 252, 240], brightness(parts(color)) < 56 ? 0.85 : 0.68);
  return toHex(isDark ? mix(pale, [30, 30, 30], 0.16) : pale);
};

const FRIENDS = PALETTE.slice(2);

/** The same person always has the same colour. */
export const colorOf = (userId: string): string => {
  let sum = 7;
  for (const char of userId) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return FRIENDS[sum % FRIENDS.length]?.hex ?? PALETTE[0].hex;
};
