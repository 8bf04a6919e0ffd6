// The code editor, loaded when it is first shown. Where that fails (the connection was lost just
// then) a plain text field takes its place: nobody should be unable to write.
import { Suspense, lazy } from 'react';
import { t } from '~/text';
import { Spinner, TextArea } from '~/ui';
import type { CodeEditorProps } from './CodeEditor';

function PlainEditor({ value, label, readOnly, onChange }: CodeEditorProps) {
  return (
    <div className="interview-plain">
      <TextArea
        label={label}
        hideLabel
        hint={t('interview.editor.plain')}
        value={value}
        readOnly={readOnly}
        spellCheck={false}
        onChange={(event) => onChange?.(event.target.value)}
      />
    </div>
  );
}

const CodeEditor = lazy(() =>
  import('./CodeEditor').then(
    (module) => ({ default: module.CodeEditor }),
    () => ({ default: PlainEditor }),
  ),
);

export function LazyEditor(props: CodeEditorProps) {
  return (
    <Suspense
      fallback={
        <div className="interview-loading">
          <Spinner label={t('interview.editor.loading')} />
        </div>
      }
    >
      <CodeEditor {...props} />
    </Suspense>
  );
}
