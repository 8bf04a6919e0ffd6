// The board behind the component: the log's ops as a scene, the view, the tools, one's own history,
// and the frames that are drawn when something changed. React shows its state and calls its
// methods.
import { keep } from '~/lib/storage';
import { sameMembers, Store } from '~/lib/store';
import type { Op } from '~/wire/types';
import { eraserTool } from './eraserTool';
import type { Box } from './geometry';
import { History, type Change, type Ground } from './history';
import {
  MAX_MESSAGE_OPS,
  toOp,
  type Note,
  type Pair,
  type Shape,
  type Stroke,
  type Text,
} from './ops';
import { drawOverlay, type Overlay } from './overlay';
import type { Background } from './paper';
import { penTool } from './penTool';
import { Pictures } from './pictures';
import { Presence, type BoardClient } from './presence';
import { Renderer, type Papers } from './render';
import { Scene, type Damage, type Item } from './scene';
import { selectTool } from './selectTool';
import { startState, type BoardState } from './state';
import { shapeTool } from './shapeTool';
import { imageTool, textTool } from './textTool';
import type { Desk, Style, Tool, ToolName } from './tools';
import { clampZoom, fitted, nextZoom, panned, zoomedAt, type View } from './view';

/** What the component answers. */
export interface Hooks {
  refused(op: Op): void;
  wantImage(at: Pair): void;
}

interface Theme {
  isDark: boolean;
  line: string;
  accent: string;
  paper: string;
}

export class Board {
  readonly state = new Store<BoardState>(startState());
  readonly scene = new Scene();
  readonly presence: Presence;
  readonly pictures = new Pictures(() => this.#damage({ kind: 'all' }));
  readonly desk: Desk;
  cross: Pair | null = null; // the keyboard's cursor
  #client: BoardClient;
  #hooks: Hooks;
  #papers: Papers;
  #renderer: Renderer;
  #history = new History();
  #tools: Record<ToolName, Tool>;
  #theme: Theme = { isDark: false, line: '#ddd', accent: '#8a3b1e', paper: '#fff' };
  #drafts: readonly Shape[] = [];
  #marquee: Box | null = null;
  #frame = 0;
  #wake: ReturnType<typeof setTimeout> | undefined;
  #isPlaced = false;
  #calm = globalThis.matchMedia('(prefers-reduced-motion: reduce)');
  #unwatch: () => void;

  constructor(client: BoardClient, papers: Papers, hooks: Hooks) {
    this.#client = client;
    this.#hooks = hooks;
    this.#papers = papers;
    this.#renderer = new Renderer(papers, this.scene, () => ({
      ...this.#theme,
      background: this.state.get().background,
      picture: this.pictures.get,
    }));
    this.presence = new Presence(client, this.scene, () => this.request());
    this.desk = this.#makeDesk();
    this.#tools = toolsOf(this.desk);
    this.scene.load(client.board.ops());
    this.#unwatch = client.board.watch((change) => {
      if (change.kind === 'reset') this.#damage(this.scene.load(client.board.ops()));
      else if (change.kind === 'drew') this.#damage(this.scene.put(change.ops));
      else if (change.kind === 'undrew') this.#damage(this.scene.remove(change.id));
      else this.#cleared();
      this.#changed();
    });
    this.#changed();
  }

  close(): void {
    this.tool.cancel();
    this.#unwatch();
    this.presence.close();
    this.pictures.close();
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#wake);
  }

  get tool(): Tool {
    return this.#tools[this.state.get().tool];
  }

  focus(): void {
    this.#papers.live.focus({ preventScroll: true });
  }

  get size(): { width: number; height: number } {
    return this.#renderer.size;
  }

  // ---- what it looks like

  setSize(width: number, height: number, ratio: number): void {
    const before = this.size;
    this.#renderer.setSize({ width, height }, ratio);
    if (!this.#isPlaced && width > 0) {
      this.#isPlaced = true;
      this.setView(fitted(this.scene.bounds(), this.size));
    } else if (before.width > 0 && width > 0) {
      const [dx, dy] = [(width - before.width) / 2, (height - before.height) / 2];
      this.setView(panned(this.state.get().view, dx, dy));
    }
    this.#damage({ kind: 'all' });
  }

  setTheme(theme: Theme): void {
    this.#theme = theme;
    this.#damage({ kind: 'all' });
  }

  setBackground(background: Background): void {
    this.state.patch({ background });
    keep('board.background', background);
    this.#damage({ kind: 'all' });
  }

  setView(view: View): void {
    this.state.patch({ view });
    this.#renderer.setView(view);
    this.request();
  }

  zoomBy(direction: 1 | -1): void {
    this.zoomTo(nextZoom(this.state.get().view.zoom, direction));
  }

  zoomTo(zoom: number): void {
    const { width, height } = this.size;
    this.setView(zoomedAt(this.state.get().view, clampZoom(zoom), width / 2, height / 2));
  }

  fit(): void {
    this.setView(fitted(this.scene.bounds(), this.size));
  }

  centre(): Pair {
    const { view } = this.state.get();
    const { width, height } = this.size;
    return [view.x + width / 2 / view.zoom, view.y + height / 2 / view.zoom];
  }

  // ---- what one does

  selectTool(tool: ToolName): void {
    if (tool === this.state.get().tool) return;
    this.tool.cancel();
    this.state.patch({ tool, selection: [] });
    this.request();
  }

  /** For what is drawn next, and for what is selected. */
  setStyle(part: Partial<Style>): void {
    const style = { ...this.state.get().style, ...part };
    this.state.patch({ style });
    keep('board.style', style);
  }

  undo(): void {
    this.#goTo((ground) => this.#history.undo(ground));
  }

  redo(): void {
    this.#goTo((ground) => this.#history.redo(ground));
  }

  /** In the board's order. */
  selected(): Shape[] {
    const chosen = new Set(this.state.get().selection);
    if (chosen.size === 0) return [];
    return this.scene.items.flatMap(({ op, shape }) => (shape && chosen.has(op.id) ? shape : []));
  }

  edit(shape: Text | Note, isNew: boolean): void {
    this.state.patch({ editing: { shape, isNew }, selection: [] });
    this.desk.fade(isNew ? [] : [shape.id], 0);
  }

  /** The end of editing; null: nothing has changed. */
  edited(shape: Text | Note | null): void {
    const { editing } = this.state.get();
    if (!editing) return;
    this.state.patch({ editing: null });
    this.desk.fade([], 1);
    if (!shape) return;
    const isVoid = shape.type === 'text' && shape.text.trim() === '';
    if (!isVoid) this.desk.record(this.desk.apply([shape]));
    else if (!editing.isNew) this.desk.record(this.desk.apply([], [shape.id]));
    if (!isVoid) this.desk.select([shape.id]);
  }

  // ---- frames

  request(): void {
    if (!this.#frame) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #damage(damage: Damage): void {
    this.#renderer.damage(damage);
    this.request();
  }

  #draw(): void {
    this.#frame = 0;
    const now = performance.now();
    const { presence } = this;
    const isGliding = presence.peers.step(now, this.#calm.matches);
    presence.live.prune(now);
    const { zoom } = this.state.get().view;
    const look = { isDark: this.#theme.isDark, picture: this.pictures.get };
    const more = this.#renderer.draw((ink) => drawOverlay(ink, this.#overlay(now), look, zoom));
    const drawn = this.scene.items.reduce((n, { shape }) => n + (shape ? 1 : 0), 0);
    this.#papers.live.dataset['ops'] = String(drawn);
    if (more || isGliding) this.request();
    else this.#wakeUp(now);
  }

  #overlay(now: number): Overlay {
    const { live, peers } = this.presence;
    const all = [...live.shapes, ...this.#drafts];
    const isGrowing = (shape: Shape): shape is Stroke =>
      shape.type === 'stroke' && !this.scene.find(shape.id);
    return {
      drafts: all.filter((shape) => !isGrowing(shape)),
      growing: all.filter(isGrowing),
      selected: this.#drafts.length > 0 ? [] : this.selected(),
      marquee: this.#marquee,
      cursors: peers.shown(now),
      cross: this.cross,
      accent: this.#theme.accent,
      paper: this.#theme.paper,
    };
  }

  /** When a cursor that rests is to fade, or a draft to be forgotten. */
  #wakeUp(now: number): void {
    clearTimeout(this.#wake);
    const rests = this.presence.peers.restsFor(now);
    if (rests !== null) this.#wake = setTimeout(() => this.request(), rests + 20);
  }

  // ---- inside

  #changed(): void {
    this.presence.settle();
    const { selection } = this.state.get();
    const left = selection.filter((id) => this.scene.find(id));
    this.state.patch({
      version: this.state.get().version + 1,
      isEmpty: this.scene.items.length === 0,
      selection: sameMembers(left, selection as string[]) ? selection : left,
    });
    this.#showHistory();
  }

  #cleared(): void {
    this.tool.cancel();
    this.#history.forget();
    this.#damage(this.scene.clear());
  }

  #showHistory(): void {
    this.state.patch({ canUndo: this.#history.canUndo, canRedo: this.#history.canRedo });
  }

  #goTo(step: (ground: Ground) => readonly Change[]): void {
    this.tool.cancel();
    const changes = step({
      find: (id) => this.scene.find(id)?.op ?? null,
      canEdit: (op) => this.#client.board.canEdit(op),
    });
    this.#send(
      changes.flatMap(({ after }) => after ?? []),
      changes.flatMap(({ id, after }) => (after ? [] : id)),
    );
    this.#showHistory();
  }

  #send(ops: readonly Op[], gone: readonly string[]): void {
    for (let i = 0; i < ops.length; i += MAX_MESSAGE_OPS)
      this.#client.board.draw(ops.slice(i, i + MAX_MESSAGE_OPS));
    for (const id of gone) this.#client.board.undraw(id);
  }

  #apply(put: readonly Shape[], remove: readonly string[] = []): Change[] {
    const opOf = (id: string): Op | null => this.scene.find(id)?.op ?? null;
    const changes = [
      ...put.map((shape) => ({ id: shape.id, before: opOf(shape.id), after: toOp(shape) })),
      ...remove.map((id) => ({ id, before: opOf(id), after: null })),
    ];
    this.#send(put.map(toOp), remove);
    return changes;
  }

  #makeDesk(): Desk {
    const fading = (ids: Iterable<string>, alpha: number): void => {
      this.#renderer.fade(new Map([...ids].map((id) => [id, alpha])));
      this.request();
    };
    return {
      scene: this.scene,
      zoom: () => this.state.get().view.zoom,
      style: () => this.state.get().style,
      mayEdit: ({ op }: Item) => this.#client.board.canEdit(op),
      refuse: ({ op }) => this.#hooks.refused(op),
      draft: (shapes) => this.#draft(shapes),
      fade: fading,
      marquee: (box) => {
        this.#marquee = box;
        this.request();
      },
      apply: (put, remove) => this.#apply(put, remove),
      record: (changes) => {
        this.#history.did(changes);
        this.#showHistory();
      },
      selection: () => this.state.get().selection,
      select: (selection) => {
        this.state.patch({ selection });
        this.request();
      },
      selectTool: (tool) => this.selectTool(tool),
      edit: (shape, isNew) => this.edit(shape, isNew),
      addImage: (at) => this.#hooks.wantImage(at),
    };
  }

  #draft(shapes: readonly Shape[]): void {
    this.#drafts = shapes;
    const [first] = shapes;
    const isNew = first && !this.scene.find(first.id);
    this.presence.draft(isNew ? first : null);
    this.request();
  }
}

const toolsOf = (desk: Desk): Record<ToolName, Tool> => ({
  select: selectTool(desk),
  hand: { down: () => {}, move: () => {}, up: () => {}, cancel: () => {}, hover: () => 'grab' },
  pen: penTool(desk, 'pen'),
  highlighter: penTool(desk, 'highlighter'),
  line: shapeTool(desk, 'line'),
  arrow: shapeTool(desk, 'arrow'),
  rect: shapeTool(desk, 'rect'),
  ellipse: shapeTool(desk, 'ellipse'),
  text: textTool(desk, 'text'),
  note: textTool(desk, 'note'),
  image: imageTool(desk),
  eraser: eraserTool(desk),
});
