// The board in a page: drawing on it as people do, and what can be seen there.
import { eventually } from './stoa.mjs';

export const tool = async (visitor, name) => {
  await visitor.page.getByRole('button', { name, exact: true })
    .or(visitor.page.getByRole('radio', { name, exact: true })).first().click({ force: true });
};

export const openBoard = async (visitor) => {
  await visitor.page.getByRole('radio', { name: 'Board' }).check({ force: true });
  await visitor.page.locator('canvas[data-ops]').waitFor();
};

export const ops = (visitor) => visitor.page.locator('canvas[data-ops]').getAttribute('data-ops').then(Number);

/** Pulls the mouse along these points, given as parts of the canvas. */
export const drag = async (visitor, points) => {
  const { x, y, width, height } = await visitor.page.locator('canvas[data-ops]').boundingBox();
  const at = ([u, v]) => [x + u * width, y + v * height];
  await visitor.page.mouse.move(...at(points[0]));
  await visitor.page.mouse.down();
  for (const point of points.slice(1)) await visitor.page.mouse.move(...at(point), { steps: 8 });
  await visitor.page.mouse.up();
};

/** How many pixels differ from the paper in a picture of the board, and where their middle is. */
export const inkOf = (visitor) => visitor.page.locator('.board-scene').evaluate((canvas) => {
  const { width, height } = canvas;
  const copy = new OffscreenCanvas(width, height).getContext('2d');
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, width, height);
  const paper = [...data.slice(0, 4)];
  let n = 0, x = 0, y = 0;
  for (let i = 0; i < data.length; i += 4) {
    const far = Math.abs(data[i] - paper[0]) + Math.abs(data[i + 1] - paper[1]) + Math.abs(data[i + 2] - paper[2])
      + Math.abs(data[i + 3] - paper[3]);
    if (far < 150) continue;
    n++;
    x += (i / 4) % width;
    y += Math.floor(i / 4 / width);
  }
  return { n, x: n && x / n, y: n && y / n };
});

/** All that is drawn, as large as fits. */
const fit = (visitor) => visitor.button('Show everything').click();

export const sameInk = async (a, b, what) => {
  await fit(a);
  await fit(b);
  await eventually(async () => {
    const [one, other] = [await inkOf(a), await inkOf(b)];
    const near = (p, q, by) => Math.abs(p - q) <= by;
    return one.n > 200 && near(one.n, other.n, one.n / 20) && near(one.x, other.x, 4) && near(one.y, other.y, 4);
  }, what);
};
