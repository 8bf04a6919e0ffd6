// Pictures for tests: made in a page, looked at in a page.

/** A plain red square as a PNG. */
export const redSquare = async (visitor, side = 48) => {
  const bytes = await visitor.page.evaluate(async (n) => {
    const canvas = new OffscreenCanvas(n, n);
    const ink = canvas.getContext('2d');
    ink.fillStyle = '#ff0000';
    ink.fillRect(0, 0, n, n);
    return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
  }, side);
  return Buffer.from(bytes);
};

/** Of a PNG: its size, and how many pixels are not white, and how many red. */
export const lookAt = (visitor, png) => visitor.page.evaluate(async (bytes) => {
  const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: 'image/png' }));
  const { width, height } = bitmap;
  const ink = new OffscreenCanvas(width, height).getContext('2d');
  ink.drawImage(bitmap, 0, 0);
  const { data } = ink.getImageData(0, 0, width, height);
  let dark = 0, red = 0;
  for (let i = 0; i < data.length; i += 4) {
    if (data[i] < 200 || data[i + 1] < 200 || data[i + 2] < 200) dark++;
    if (data[i] > 220 && data[i + 1] < 60 && data[i + 2] < 60) red++;
  }
  return { width, height, dark, red };
}, [...png]);
