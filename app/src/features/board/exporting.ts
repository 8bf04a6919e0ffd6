// Pictures and files of the board, for keeping.
import type { Board } from './engine';
import { drawShape, measure } from './draw';
import { fetchPicture } from './fetchPicture';
import { toFile } from './files';
import type { Image, Shape } from './ops';
import { pictureBox, toSvg } from './svg';

const MAX_SIDE = 4096;
const MAX_SNAPSHOT = 3_000_000; // characters of a data: address

const shapesOf = (board: Board): Shape[] => board.scene.items.flatMap(({ shape }) => shape ?? []);

const isImage = (shape: Shape): shape is Image => shape.type === 'image';

const urlsOf = (shapes: readonly Shape[]): string[] => [
  ...new Set(shapes.filter(isImage).map(({ fileUrl }) => fileUrl)),
];

/** On white paper, whatever the theme: it will be printed or sent. */
const paint = async (board: Board, scale: number): Promise<HTMLCanvasElement> => {
  const shapes = shapesOf(board);
  await board.pictures.settled(urlsOf(shapes));
  const { x, y, w, h } = pictureBox(shapes);
  const fit = Math.min(scale, MAX_SIDE / w, MAX_SIDE / h);
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(w * fit));
  canvas.height = Math.max(1, Math.round(h * fit));
  const ink = canvas.getContext('2d');
  if (!ink) throw new Error('this browser has no canvas');
  ink.fillStyle = '#ffffff';
  ink.fillRect(0, 0, canvas.width, canvas.height);
  ink.setTransform(fit, 0, 0, fit, -x * fit, -y * fit);
  ink.lineCap = ink.lineJoin = 'round';
  const look = { isDark: false, picture: board.pictures.get };
  for (const shape of shapes) drawShape(ink, shape, look);
  return canvas;
};

const pngOf = async (board: Board): Promise<Blob> => {
  const canvas = await paint(board, 2);
  return new Promise((give, fail) =>
    canvas.toBlob((blob) => (blob ? give(blob) : fail(new Error('no picture'))), 'image/png'),
  );
};

/** A picture that fits into a message, as data:. */
export const snapshotOf = async (board: Board): Promise<string> => {
  for (let scale = 1; ; scale /= 2) {
    const url = (await paint(board, scale)).toDataURL('image/png');
    if (url.length <= MAX_SNAPSHOT || scale < 0.1) return url;
  }
};

const dataUrl = (blob: Blob): Promise<string> =>
  new Promise((give, fail) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => give(String(reader.result)));
    reader.addEventListener('error', () => fail(new Error('a picture cannot be read')));
    reader.readAsDataURL(blob);
  });

const svgOf = async (board: Board): Promise<Blob> => {
  const shapes = shapesOf(board);
  const pictures = new Map<string, string>();
  for (const url of urlsOf(shapes)) {
    const picture = await fetchPicture(url);
    if (picture) pictures.set(url, await dataUrl(picture));
  }
  return new Blob([toSvg(shapes, { measure, pictures })], { type: 'image/svg+xml' });
};

const jsonOf = async (board: Board): Promise<Blob> =>
  new Blob([toFile(board.scene.items.map(({ op }) => op))], { type: 'application/json' });

export const fileOf = { png: pngOf, svg: svgOf, json: jsonOf };

export { download } from '~/lib/download';
