const field = [
  'input:not([type=checkbox],[type=radio],[type=range],[type=button],[type=submit])',
  'textarea,select,[contenteditable]:not([contenteditable=false]),[role=textbox]',
].join();

type Matching = { closest?: (selector: string) => unknown } | null | undefined;

export interface Pasted {
  readonly defaultPrevented: boolean;
  readonly clipboardData: { readonly files: Iterable<File> } | null;
  composedPath(): readonly unknown[];
}

/** The files to share; none where somebody took them already, or where text is written. */
export function pastedFiles(event: Pasted): File[] {
  if (event.defaultPrevented) return [];
  const target = event.composedPath()[0] as Matching; // also within the editor's shadow root
  if (target?.closest?.(field)) return [];
  return [...(event.clipboardData?.files ?? [])];
}
