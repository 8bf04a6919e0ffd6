// The board by the keyboard alone: a cross that the arrows move, and Space for pressing.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';

import { openSite } from './app.mjs';
import { steps, typist, walkIn } from './app-typist.mjs';
import { eventually } from './stoa.mjs';

const ann = 'Ann Lee';
const bob = 'Bob Okafor';

const canvas = ({ page }) => page.getByRole('application', { name: 'Drawing area' });
const list = ({ page }) => page.getByRole('list', { name: 'On the board' });

/** On the board, as the list of it says. */
const thing = (who, what) => list(who).getByRole('listitem').filter({ hasText: `${ann}: ${what}` });

const bothSee = async (host, guest, what, n = 1) => {
  for (const who of [host, guest])
    await eventually(async () => (await thing(who, what).count()) === n, `${n} of ${what}`, 30_000);
};

/** What is on the board, as its file says. */
const exported = async (who) => {
  const [download] = await Promise.all([
    who.page.waitForEvent('download'),
    who.choose(who.button('Board menu'), 'Export as JSON'),
  ]);
  await who.has(who.button('Board menu'));
  assert.match(download.suggestedFilename(), /\.json$/);
  return JSON.parse(await readFile(await download.path(), 'utf8'));
};

const open = async (host, guest) => {
  await host.activate(host.button('Open whiteboard'));
  await guest.press('Alt+w');
  await guest.seesFocusOn(canvas(guest));
  await host.seesFocusOn(canvas(host), 'Shift+Tab');
};

/** Each with its letter; the cross begins in the middle and goes on from where it is. */
const drawLines = async (host, guest) => {
  const drag = ['Space', 'Shift+ArrowRight', 'ArrowDown', 'Space'];
  await host.press('Enter');
  for (const [key, tool, what] of [
    ['l', 'Line', 'line'], ['a', 'Arrow', 'arrow'], ['o', 'Ellipse', 'ellipse'],
    ['p', 'Pen', 'drawing'], ['m', 'Highlighter', 'drawing'],
  ]) {
    await host.press(key);
    await host.sees(host.page.getByRole('button', { name: tool, pressed: true, exact: true }));
    await host.press(...drag);
    await bothSee(host, guest, what, tool === 'Highlighter' ? 2 : 1);
  }
};

const write = async (host, guest) => {
  await host.press('t', 'Space');
  await host.has(host.field('Text on the board'));
  await host.type('A text');
  await host.press('Escape');
  await bothSee(host, guest, 'text “A text”');
  await host.has(canvas(host));
  await host.press('n', 'Enter', 'Space');
  await host.has(host.field('Text of the note'));
  await host.type('A note');
  await host.press('Control+Enter');
  await bothSee(host, guest, 'note “A note”');
  await host.has(canvas(host));
};

const chooseTool = async (host) => {
  await host.seesFocusOn(host.button('Rectangle'));
  await host.press('Enter');
  await host.sees(host.page.getByRole('button', { name: 'Rectangle', pressed: true }));
  await host.has(host.button('Rectangle'));
  await host.seesFocusOn(canvas(host), 'Shift+Tab');
};

/** By one of the board at each press of an arrow, by ten with Shift. */
const moveAll = async (host) => {
  const before = await exported(host);
  await host.to(canvas(host), 'Shift+Tab');
  await host.press('v', 'Control+a', 'Shift+ArrowRight', 'ArrowDown');
  const after = await exported(host);
  assert.equal(after.ops.length, before.ops.length);
  for (const [n, { id, ...now }] of after.ops.entries()) {
    const was = before.ops.find((op) => op.id === id);
    const [x, y] = now.from ?? now.points?.[0] ?? [now.x, now.y];
    const [left, top] = was.from ?? was.points?.[0] ?? [was.x, was.y];
    assert.deepEqual([x - left, y - top], [10, 1], `number ${n}, a ${now.type}, is moved`);
  }
  await host.to(canvas(host), 'Shift+Tab');
  await host.press('Escape');
};

/** A rectangle far from the rest, which the cross then presses on. */
const chooseOne = async (host, guest) => {
  const toEdge = ['Space', 'Shift+ArrowRight', 'Shift+ArrowDown', 'Space'];
  await host.press('r', 'Enter', 'Shift+ArrowLeft', 'Shift+ArrowLeft', 'Shift+ArrowLeft', ...toEdge);
  await bothSee(host, guest, 'rectangle');
  await host.press('v', 'Space', 'Space');
  await host.sees(host.button('Duplicate'));
  await host.press('Escape');
  await host.seesFocusOn(host.page.getByRole('radio', { name: 'Ink', exact: true }));
  await host.press('ArrowRight', 'ArrowRight');
  await host.has(host.page.getByRole('radio', { name: 'Red' }));
  const { ops } = await exported(host);
  assert.notEqual(ops.find((op) => op.type === 'rect').color, ops.find((op) => op.type === 'line').color);
  await host.seesFocusOn(host.button('Duplicate'), 'Shift+Tab');
  await host.press('Enter');
  await bothSee(host, guest, 'rectangle', 2);
};

const deleteAndUndo = async (host, guest) => {
  await host.activate(host.page.getByRole('group', { name: 'How it looks' }).getByRole('button', { name: 'Delete' }));
  await bothSee(host, guest, 'rectangle', 1);
  await host.keepsPlace('deleting from the board');
  await host.to(canvas(host), 'Shift+Tab');
  await host.press('Control+z');
  await bothSee(host, guest, 'rectangle', 2);
  await host.press('Control+Shift+z');
  await bothSee(host, guest, 'rectangle', 1);
  await host.activate(host.button('Undo'));
  await bothSee(host, guest, 'rectangle', 2);
  await host.to(canvas(host), 'Shift+Tab');
  await host.press('Control+a', 'Delete');
  await bothSee(host, guest, 'rectangle', 0);
  await host.press('Control+z');
  await bothSee(host, guest, 'rectangle', 2);
};

const zoom = async (host) => {
  const says = (percent) => host.page.getByRole('group', { name: 'Zoom' }).getByText(`${percent} %`, { exact: true });
  await host.press('0');
  await host.sees(says(100));
  await host.press('+');
  await host.loses(says(100));
  await host.press('-');
  await host.sees(says(100));
  await host.press('1');
  await host.activate(host.button('Zoom in'));
  await host.press('0');
  await host.sees(says(100));
};

const exportPictures = async (host) => {
  for (const [item, ending] of [['Export as PNG', '.png'], ['Export as SVG', '.svg']]) {
    const [download] = await Promise.all([
      host.page.waitForEvent('download'),
      host.choose(host.button('Board menu'), item),
    ]);
    assert.ok(download.suggestedFilename().endsWith(ending));
  }
  await host.choose(host.button('Board menu'), 'Grid');
  await host.has(host.button('Board menu'));
};

const clearAndClose = async (host, guest) => {
  await host.choose(host.button('Board menu'), 'Clear the board');
  await host.answer('Clear the board');
  for (const who of [host, guest]) await who.loses(list(who).getByRole('listitem'));
  await host.has(host.button('Board menu'));
  await host.activate(host.button('Close the whiteboard'));
  await canvas(host).first().waitFor({ state: 'detached' });
  await host.keepsPlace('closing the board');
};

test('the board', async (t) => {
  const site = await openSite(t);
  const roomId = await site.makeRoom('By keys', { mode: 'study' });
  const [host, guest] = [await typist(site, ann), await typist(site, bob)];
  await walkIn(host, roomId, ann);
  await walkIn(guest, roomId, bob);
  await steps(t, {
    'opening it': () => open(host, guest),
    'lines and shapes': () => drawLines(host, guest),
    'texts and notes': () => write(host, guest),
    'a tool of the bar': () => chooseTool(host),
    'moving all': () => moveAll(host),
    'choosing one, its colour, a copy': () => chooseOne(host, guest),
    'deleting and undoing': () => deleteAndUndo(host, guest),
    'zooming': () => zoom(host),
    'pictures and paper': () => exportPictures(host),
    'clearing and closing': () => clearAndClose(host, guest),
    'nothing went wrong': () => site.check(),
  });
});
