// How the editor looks: by the app's tokens, which reach into the shadow root, so that one theme
// does for light and dark.
import { HighlightStyle } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags as t } from '@lezer/highlight';

const mix = (color: string, percent: number): string =>
  `color-mix(in oklab, var(${color}) ${percent}%, transparent)`;

const field = {
  minHeight: '2rem',
  margin: '0',
  padding: '0 0.5rem',
  border: '1px solid var(--line)',
  borderRadius: 'var(--radius-1)',
  background: 'var(--surface)',
  color: 'var(--ink)',
  font: 'inherit',
  fontSize: 'var(--text-1)',
};
const ring = { outline: '2px solid var(--accent)', outlineOffset: '1px' };

export const theme = EditorView.theme({
  '&': {
    height: '100%',
    backgroundColor: 'var(--surface)',
    color: 'var(--ink)',
    fontSize: 'var(--code-size, 0.875rem)',
  },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.6', overscrollBehavior: 'contain' },
  '.cm-content': { padding: '0.75rem 0', caretColor: 'var(--ink)' },
  '.cm-line': { padding: '0 1rem 0 0.5rem' },
  '.cm-cursor, .cm-dropCursor': { borderInlineStartColor: 'var(--ink)' },
  '.cm-gutters': {
    backgroundColor: 'var(--surface)',
    color: 'var(--soft)',
    borderInlineEnd: '1px solid var(--line)',
  },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 0.5rem 0 0.75rem', minWidth: '2.25rem' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: mix('--ink', 5) },
  '.cm-activeLineGutter': { color: 'var(--ink)' },
  // the second one is as specific as the library's own
  '.cm-selectionBackground': { backgroundColor: mix('--accent', 18) },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': {
    backgroundColor: mix('--accent', 26),
  },
  '.cm-selectionMatch': { backgroundColor: mix('--warn', 20) },
  '.cm-searchMatch': { backgroundColor: mix('--warn', 28), outline: '1px solid var(--warn)' },
  '.cm-searchMatch-selected': { backgroundColor: mix('--accent', 34) },
  '&.cm-focused .cm-matchingBracket': {
    backgroundColor: mix('--good', 22),
    outline: '1px solid var(--good)',
  },
  '&.cm-focused .cm-nonmatchingBracket': {
    backgroundColor: mix('--bad', 22),
    outline: '1px solid var(--bad)',
  },
  '.cm-panels': { backgroundColor: 'var(--sunken)', color: 'var(--ink)' },
  '.cm-panels.cm-panels-bottom': { borderBlockStart: '1px solid var(--line)' },
  '.cm-panel.cm-search': {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: '0.375rem',
    padding: '0.5rem 2.5rem 0.5rem 0.5rem',
    fontFamily: 'var(--font)',
    fontSize: 'var(--text-1)',
  },
  '.cm-panel.cm-search br': { display: 'none' },
  '.cm-panel.cm-search label': { display: 'inline-flex', alignItems: 'center', gap: '0.25rem' },
  '.cm-panel.cm-search input, .cm-panel.cm-search button, .cm-panel.cm-search label': {
    margin: '0',
    fontSize: 'var(--text-1)',
  },
  '.cm-textfield, .cm-panel.cm-search .cm-textfield': field,
  '.cm-button, .cm-panel.cm-search .cm-button': {
    ...field,
    backgroundImage: 'none',
    cursor: 'pointer',
  },
  '.cm-textfield:focus-visible, .cm-button:focus-visible': ring,
  '.cm-panel.cm-search [name=close]': {
    insetBlockStart: '0.5rem',
    insetInlineEnd: '0.5rem',
    width: '2rem',
    height: '2rem',
    borderRadius: 'var(--radius-1)',
    color: 'var(--ink)',
    fontSize: '1.25rem',
    cursor: 'pointer',
  },
  '.cm-panel.cm-search [name=close]:focus-visible': ring,
  '.cm-tooltip': {
    border: '1px solid var(--line)',
    borderRadius: 'var(--radius-1)',
    backgroundColor: 'var(--raised)',
    color: 'var(--ink)',
    boxShadow: 'var(--shadow-2)',
    overflow: 'hidden',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '0.25rem 0.625rem' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    backgroundColor: 'var(--accent)',
    color: 'var(--accent-ink)',
  },
  '.cm-completionDetail': { opacity: '0.85' },
  '.cm-placeholder': { color: 'var(--soft)' },
});

// The six colours of the tokens that hold on --surface in both themes.
export const highlightStyle = HighlightStyle.define([
  {
    tag: [t.keyword, t.moduleKeyword, t.controlKeyword],
    color: 'var(--accent)',
    fontWeight: '600',
  },
  { tag: [t.comment, t.meta], color: 'var(--soft)', fontStyle: 'italic' },
  { tag: [t.string, t.special(t.string), t.character, t.regexp], color: 'var(--good)' },
  { tag: [t.number, t.bool, t.null, t.atom, t.escape], color: 'var(--warn)' },
  { tag: [t.typeName, t.className, t.namespace], color: 'var(--ink)', fontStyle: 'italic' },
  {
    tag: [t.function(t.variableName), t.function(t.propertyName), t.definition(t.variableName)],
    color: 'var(--ink)',
    fontWeight: '600',
  },
  { tag: [t.operator, t.punctuation, t.bracket], color: 'var(--ink)' },
  { tag: t.invalid, color: 'var(--bad)', textDecoration: 'underline' },
]);
