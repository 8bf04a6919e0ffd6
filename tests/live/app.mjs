// The app in a real browser, as people use it: a server, Chromium with made-up devices, and visitors,
// each with storage of their own. A page that logs an error, breaks its content policy, or asks
// another origin for anything fails its test.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';

import { eventually, restartable, serve } from './stoa.mjs';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const args = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--use-fake-device-for-media-stream=fps=10', '--use-fake-ui-for-media-stream',
  '--auto-select-desktop-capture-source=Entire screen', '--autoplay-policy=no-user-gesture-required',
  '--disable-features=WebRtcHideLocalIpsWithMdns', // no names to be asked for in a test's network
];

export const PATIENCE = 45_000;

/** Before anything else runs in a page. */
const watchPolicy = () => {
  window.broken = [];
  document.addEventListener('securitypolicyviolation', (e) => {
    window.broken.push(`${e.violatedDirective}: ${e.blockedURI} ${e.sourceFile}`);
  });
};

// What a page may say in its console although nothing is wrong with it: the browser's own words
// about a server that is away, which some tests mean.
const expected = /ERR_CONNECTION_REFUSED|ERR_INTERNET_DISCONNECTED|ERR_NETWORK|WebSocket connection to|status of 4\d\d/;

export class Visitor {
  constructor(site, name, page) {
    Object.assign(this, { site, name, page, wrong: [] });
    page.on('console', (m) => {
      if (m.type() === 'error' && !expected.test(m.text())) this.wrong.push(`console: ${m.text()}`);
    });
    page.on('pageerror', (error) => this.wrong.push(`thrown: ${error.stack}`));
    page.on('request', (request) => {
      const url = new URL(request.url());
      const isOurs = url.origin === site.url || ['data:', 'blob:'].includes(url.protocol);
      if (!isOurs) this.wrong.push(`another origin: ${url}`);
    });
    page.setDefaultTimeout(PATIENCE);
  }

  button(name) {
    return this.page.getByRole('button', { name }).first();
  }

  field(name) {
    return this.page.getByRole('textbox', { name }).first();
  }

  /** Waits until it is there to be seen. */
  async sees(what) {
    const target = typeof what === 'string' || what instanceof RegExp ? this.page.getByText(what) : what;
    await target.first().waitFor({ state: 'visible' });
  }

  async goTo(where) {
    await this.page.goto(this.site.url + where);
  }

  /** Through the door of a room, as a guest if need be. */
  async enter(roomId, { microphone = true, camera = true, waits = false } = {}) {
    await this.goTo(`/room/${roomId}`);
    const join = this.page.locator('button[type=submit]').first();
    await join.waitFor();
    const name = this.page.getByLabel('Your name');
    if (await name.count()) await name.fill(this.name);
    await this.setDevice('microphone', microphone);
    await this.setDevice('camera', camera);
    await join.click();
    if (!waits) await this.isIn();
  }

  async isIn() {
    await this.page.locator('.room').waitFor();
  }

  /** On the page before a room, and in it. */
  async setDevice(kind, on) {
    const says = (state) => this.page.getByRole('button', { name: `Turn ${kind} ${state}` }).first();
    const isSo = says(on ? 'off' : 'on');
    await isSo.or(says(on ? 'on' : 'off')).waitFor();
    for (let n = 0; n < 5; n++) { // a page turns devices on by itself at its beginning
      if (await isSo.waitFor({ timeout: on ? 4000 : 500 }).then(() => true, () => false)) return;
      await says(on ? 'on' : 'off').click({ timeout: 2000 }).catch(() => {});
    }
    await isSo.waitFor();
  }

  /** Somebody's tile on the stage. */
  tile(name) {
    return this.page.getByRole('group', { name: new RegExp(`^${name}\\b`) }).first();
  }

  video(name) {
    return this.tile(name).locator('video').first();
  }

  screen(name) {
    return this.page.getByRole('group', { name: `Screen of ${name}` }).locator('video').first();
  }

  async panel(name) {
    const tab = this.page.getByRole('tab', { name });
    if (!(await tab.count())) await this.button(/^(Chat|People|Files|Timer)/).click();
    await tab.click();
  }

  async say(text) {
    const field = this.page.getByRole('textbox', { name: /message/i }).first();
    await field.fill(text);
    await field.press('Enter');
  }

  /** Nothing went wrong that a person would not have noticed. */
  async check() {
    const broken = this.page.isClosed() ? [] : await this.page.evaluate(() => window.broken ?? []);
    assert.deepEqual([...this.wrong, ...broken], [], `what ${this.name}'s page said`);
  }
}

export class Site {
  constructor(server, browser) {
    this.server = server;
    this.browser = browser;
    this.url = `http://localhost:${server.port}`;
    this.visitors = [];
  }

  async visitor(name, options = {}) {
    const context = await this.browser.newContext({
      permissions: ['camera', 'microphone', 'clipboard-read', 'clipboard-write', 'notifications'],
      viewport: { width: 1280, height: 800 },
      ...options,
    });
    const page = await context.newPage();
    await page.addInitScript(watchPolicy);
    const visitor = new Visitor(this, name, page);
    this.visitors.push(visitor);
    return visitor;
  }

  /** By REST, as a guest or with a token. */
  async ask(method, where, body, token) {
    const headers = { 'content-type': 'application/json' };
    if (token) headers.authorization = `Bearer ${token}`;
    const answer = await fetch(this.url + where, {
      method, headers, body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, body: text ? JSON.parse(text) : null };
  }

  async makeRoom(title, settings = {}) {
    const { status, body } = await this.ask('POST', '/api/rooms', { title, settings });
    assert.equal(status, 201);
    return body.roomId;
  }

  async check() {
    for (const visitor of this.visitors) await visitor.check();
  }
}

export const openBrowser = async (t, more = []) => {
  const browser = await chromium.launch({ executablePath, args: [...args, ...more], headless: true });
  t.after(() => browser.close());
  return browser;
};

/** A server and a browser, which `t` ends. */
export const openSite = async (t, { flags = [], env, browserArgs } = {}) => {
  const server = await serve(t, flags, { env });
  return new Site(server, await openBrowser(t, browserArgs));
};

/** A site whose server is killed in the middle of things, and goes on with what it has kept. */
export class MortalSite extends Site {
  static async open(t, options = {}) {
    const folder = await mkdtemp(path.join(tmpdir(), 'stoa-app-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const site = new MortalSite(await restartable(folder), await openBrowser(t, options.browserArgs));
    t.after(() => site.server.child.kill('SIGKILL'));
    return site;
  }

  async kill() {
    this.server.child.kill('SIGKILL');
    await this.server.ended();
  }

  async restart() {
    const { folder, port } = this.server;
    this.server = await restartable(folder, ['--port', `${port}`]);
  }
}

/** Frames of a video that were decoded, as the browser counts them. */
export const framesOf = (video) => video.evaluate((element) =>
  element.getVideoPlaybackQuality().totalVideoFrames);

/** The video really moves: more and more of its frames are decoded. */
export const moves = async (video, what) => {
  await video.waitFor();
  const before = await framesOf(video);
  await eventually(async () => (await framesOf(video)) > before + 5, `${what} to move`, PATIENCE);
};

export const fixture = (name) => path.join(import.meta.dirname, name);
