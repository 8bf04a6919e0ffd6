import { useRef, type ReactNode } from 'react';

/** The browser's own choice of files, which `children` is given to open. */
export function ChooseFiles(props: {
  one?: boolean;
  onFiles(files: File[]): void;
  children(open: () => void): ReactNode;
}) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple={!props.one}
        hidden
        onChange={({ currentTarget }) => {
          props.onFiles([...(currentTarget.files ?? [])]);
          currentTarget.value = '';
        }}
      />
      {props.children(() => input.current?.click())}
    </>
  );
}
