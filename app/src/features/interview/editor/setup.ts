// The editor itself: what it can do, and how it lives in a shadow root, where its styles are
// adopted style sheets. A page that allows no inline styles would refuse <style>.
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import {
  bracketMatching,
  indentOnInput,
  indentUnit,
  syntaxHighlighting,
} from '@codemirror/language';
import {
  Annotation,
  Compartment,
  EditorState,
  type Extension,
  type Transaction,
} from '@codemirror/state';
import {
  EditorView,
  drawSelection,
  dropCursor,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  rectangularSelection,
} from '@codemirror/view';
import { t } from '~/text';
import type { Language } from '~/features/interview/languages';
import { differences } from './difference';
import { highlightStyle, theme } from './theme';

const ECHOES = 8;

/** Marks changes that come from outside: they are not the user's, and cannot be undone here. */
const fromOutside = Annotation.define<boolean>();

const phrases = (): Record<string, string> => ({
  Find: t('interview.editor.find'),
  Replace: t('interview.editor.replace'),
  next: t('interview.editor.next'),
  previous: t('interview.editor.previous'),
  all: t('interview.editor.all'),
  'match case': t('interview.editor.matchCase'),
  'by word': t('interview.editor.byWord'),
  regexp: t('interview.editor.regexp'),
  replace: t('interview.editor.replaceOne'),
  'replace all': t('interview.editor.replaceAll'),
  close: t('interview.editor.close'),
  'current match': t('interview.editor.currentMatch'),
  'replaced $ matches': t('interview.editor.replacedMany'),
  'replaced match on line $': t('interview.editor.replacedOne'),
  'on line': t('interview.editor.onLine'),
  'Go to line': t('interview.editor.goToLine'),
  go: t('interview.editor.go'),
  Completions: t('interview.editor.completions'),
});

/** Browsers keep the look of what is typed over by an inline style, which the page forbids. */
function typeOver(event: InputEvent, view: EditorView): boolean {
  const { main } = view.state.selection;
  const { data: text } = event;
  if (event.inputType !== 'insertText' || !text || main.empty || view.composing) return false;
  event.preventDefault();
  if (view.state.readOnly) return true;
  const insert = (): Transaction =>
    view.state.update(view.state.replaceSelection(text), { userEvent: 'input.type' });
  const handlers = view.state.facet(EditorView.inputHandler);
  const isHandled = handlers.some((handle) => handle(view, main.from, main.to, text, insert));
  if (!isHandled) view.dispatch(insert());
  return true;
}

const viewing = (): Extension[] => [
  lineNumbers(),
  highlightSpecialChars(),
  drawSelection(),
  bracketMatching(),
  syntaxHighlighting(highlightStyle),
  theme,
  EditorView.lineWrapping,
  EditorState.phrases.of(phrases()),
  EditorState.tabSize.of(4),
];

const writing = (): Extension[] => [
  EditorView.domEventHandlers({ beforeinput: typeOver }),
  highlightActiveLine(),
  highlightActiveLineGutter(),
  history(),
  dropCursor(),
  rectangularSelection(),
  indentOnInput(),
  keymap.of([...historyKeymap, ...defaultKeymap, indentWithTab]),
];

const reading = (): Extension[] => [EditorState.readOnly.of(true), keymap.of(defaultKeymap)];

export interface EditorWishes {
  value: string;
  language: Language;
  label: string;
  description: string;
  readOnly: boolean;
  onChange(value: string): void;
  onEscape(): void;
}

export class Editor {
  readonly view: EditorView;
  #language = new Compartment();
  #extras = new Compartment();
  #isOver = false;
  #wanted: Language | null = null;
  #said: string[] = []; // to onChange, and not come back as the value yet

  constructor(root: ShadowRoot, parent: HTMLElement, wishes: EditorWishes) {
    const { value, readOnly, label, description, onChange, onEscape } = wishes;
    const state = EditorState.create({
      doc: value,
      extensions: [
        ...(readOnly ? reading() : writing()),
        ...viewing(),
        this.#language.of([]),
        this.#extras.of([]),
        EditorView.contentAttributes.of({ 'aria-label': label, 'aria-description': description }),
        EditorView.updateListener.of((update) => {
          const isOwn = !update.transactions.some((tr) => tr.annotation(fromOutside));
          if (update.docChanged && isOwn) this.#say(update.state.doc.toString(), onChange);
        }),
        EditorView.domEventObservers({
          keydown: (event) => {
            if (event.key === 'Escape') onEscape();
          },
        }),
      ],
    });
    this.view = new EditorView({ state, parent, root });
    this.setLanguage(wishes.language);
    void this.#addExtras(readOnly);
  }

  setLanguage(language: Language): void {
    if (language === this.#wanted) return;
    this.#wanted = language;
    void loadLanguage(language).then((extension) => {
      if (language !== this.#wanted || this.#isOver) return; // another one was chosen meanwhile
      const unit = indentUnit.of(indents[language] ?? '    ');
      this.view.dispatch({ effects: this.#language.reconfigure([extension, unit]) });
    });
  }

  /** Changes only what differs, so that selection and scroll position stay where they are. */
  setValue(value: string, follow: boolean): void {
    const echo = this.#said.indexOf(value);
    this.#said = this.#said.slice(echo < 0 ? this.#said.length : echo + 1);
    if (echo >= 0) return; // our own words; meanwhile there may be more
    const changes = differences(this.view.state.doc.toString(), withNewlines(value));
    const last = changes.at(-1);
    if (!last) return;
    const added = changes.reduce((sum, c) => sum + c.insert.length - (c.to - c.from), 0);
    this.view.dispatch({
      changes,
      annotations: fromOutside.of(true),
      effects: follow
        ? EditorView.scrollIntoView(last.to + added, { y: 'nearest', yMargin: 48 })
        : [],
    });
  }

  #say(text: string, onChange: (text: string) => void): void {
    this.#said = [...this.#said, text].slice(-ECHOES);
    onChange(text);
  }

  async #addExtras(readOnly: boolean): Promise<void> {
    const module = await import('./extras').catch(() => null); // it works without
    if (!module || this.#isOver) return;
    this.view.dispatch({ effects: this.#extras.reconfigure(module.extras(readOnly)) });
  }

  destroy(): void {
    this.#isOver = true;
    this.view.destroy();
  }
}

/** The editor's own line break; else others would differ forever. */
const withNewlines = (text: string): string => text.replace(/\r\n?/g, '\n');

/** Without its package (no connection, say) a language is plain text. */
const loadLanguage = (language: Language): Promise<Extension> =>
  import('./languages').then((module) => module.loadLanguage(language)).catch(() => []);

const indents: Partial<Record<Language, string>> = {
  javascript: '  ',
  typescript: '  ',
  go: '\t',
  sql: '  ',
};
