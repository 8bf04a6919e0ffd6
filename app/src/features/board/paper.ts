// The page behind the drawing: each for oneself.
import type { Ink } from './draw';
import type { Size, View } from './view';

export const BACKGROUNDS = ['plain', 'dots', 'grid', 'lines'] as const;
export type Background = (typeof BACKGROUNDS)[number];

const STEP = 24; // of the board; doubled or halved until it is neither dense nor wide on the screen
const [DENSE, WIDE] = [14, 40];

const stepOf = (zoom: number): number => {
  let step = STEP * zoom;
  while (step < DENSE) step *= 2;
  while (step > WIDE) step /= 2;
  return step;
};

/** The canvas is in pixels of the page, each of `ratio` of the screen: on these the lines lie. */
export const drawPaper = (
  ink: Ink,
  kind: Background,
  view: View,
  { width, height, ratio }: Size & { ratio: number },
  color: string,
): void => {
  if (kind === 'plain') return;
  const step = stepOf(view.zoom);
  const first = (at: number): number => -((((at * view.zoom) % step) + step) % step);
  const places = (at: number, end: number): number[] => {
    const count = Math.ceil(end / step) + 1;
    const start = first(at);
    return Array.from({ length: count }, (_, i) => Math.round((start + i * step) * ratio) / ratio);
  };
  const [columns, rows] = [places(view.x, width), places(view.y, height)];
  ink.beginPath();
  ink.fillStyle = color;
  if (kind === 'dots') for (const x of columns) for (const y of rows) ink.rect(x, y, 2, 2);
  else for (const y of rows) ink.rect(0, y, width, 1);
  if (kind === 'grid') for (const x of columns) ink.rect(x, 0, 1, height);
  ink.fill();
};
