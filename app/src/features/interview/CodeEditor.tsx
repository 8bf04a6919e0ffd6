// The code editor: CodeMirror in a shadow root. Loaded when it is needed; only this file and
// editor/ know of CodeMirror. LazyEditor is what other components use.
import '~/text/interview';
import { useEffect, useEffectEvent, useLayoutEffect, useRef } from 'react';
import { t } from '~/text';
import { SelectField, announce } from '~/ui';
import { Editor } from './editor/setup';
import { languageLabel, languageOf, languages, type Language } from './languages';

export interface CodeEditorProps {
  value: string;
  language: string;
  onChange?: (value: string) => void;
  readOnly?: boolean;
  label: string;
  /** With it, the language can be chosen. */
  onLanguage?: (language: Language) => void;
  /** Changes from outside are scrolled to. */
  follow?: boolean;
}

const isMac = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? '');
const leaveKeys = isMac ? '⇧⌥M' : 'Ctrl+M';

function Bar({ language, onLanguage, readOnly }: CodeEditorProps) {
  return (
    <div className="interview-editor__bar">
      {onLanguage ? (
        <SelectField
          label={t('interview.editor.language')}
          hideLabel
          value={languageOf(language)}
          onChange={onLanguage}
          options={languages.map(({ value, label }) => ({ value, label }))}
        />
      ) : (
        <span className="interview-editor__language">{languageLabel(language)}</span>
      )}
      {!readOnly && (
        <span className="interview-editor__hint">
          {t('interview.editor.hint', { keys: leaveKeys })}
        </span>
      )}
    </div>
  );
}

export function CodeEditor(props: CodeEditorProps) {
  const { value, language, label, readOnly = false, follow = false } = props;
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<Editor | null>(null);
  const onChange = useEffectEvent((text: string) => props.onChange?.(text));
  const make = useEffectEvent((root: ShadowRoot, parent: HTMLElement) => {
    return new Editor(root, parent, {
      value,
      language: languageOf(language),
      label,
      description: readOnly ? '' : t('interview.editor.hint', { keys: leaveKeys }),
      readOnly,
      onChange,
      onEscape: () => !readOnly && announce(t('interview.editor.tabLeaves')),
    });
  });

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' });
    const parent = document.createElement('div');
    parent.style.height = '100%';
    root.replaceChildren(parent);
    const made = make(root, parent);
    editor.current = made;
    return () => {
      editor.current = null;
      made.destroy();
    };
  }, [readOnly, label]);

  useEffect(() => editor.current?.setLanguage(languageOf(language)), [language]);
  useLayoutEffect(() => editor.current?.setValue(value, follow), [value, follow]);

  return (
    <div className="interview-editor">
      <Bar {...props} />
      <div className="interview-editor__host" ref={host} />
    </div>
  );
}
