import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Upload } from 'lucide-react';
import { useRoomClient } from '~/room';
import { t } from '~/text';
import { pastedFiles } from './pasting';

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;

/** Whether files are dragged over the page. Entering a child comes before leaving its parent. */
function useFileDrag(onDrop: (files: File[]) => void): boolean {
  const [isOver, setOver] = useState(false);
  const latest = useRef(onDrop);
  latest.current = onDrop;
  useEffect(() => {
    let depth = 0;
    const change = (by: number) => {
      depth = Math.max(0, depth + by);
      setOver(depth > 0);
    };
    const enter = (event: DragEvent) => hasFiles(event) && change(1);
    const leave = (event: DragEvent) => hasFiles(event) && change(-1);
    const over = (event: DragEvent) => hasFiles(event) && event.preventDefault();
    const drop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      change(-depth);
      if (event.defaultPrevented) return; // the chat or the board took them
      event.preventDefault();
      latest.current([...(event.dataTransfer?.files ?? [])]);
    };
    const listeners = { dragenter: enter, dragleave: leave, dragover: over, drop } as const;
    for (const [name, listener] of Object.entries(listeners))
      window.addEventListener(name as 'drop', listener);
    return () => {
      for (const [name, listener] of Object.entries(listeners))
        window.removeEventListener(name as 'drop', listener);
    };
  }, []);
  return isOver;
}

function useFilePaste(onPaste: (files: File[]) => void): void {
  const latest = useRef(onPaste);
  latest.current = onPaste;
  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const files = pastedFiles(event);
      if (files.length === 0) return;
      event.preventDefault();
      latest.current(files);
    };
    window.addEventListener('paste', paste);
    return () => window.removeEventListener('paste', paste);
  }, []);
}

/** Files that are dropped or pasted anywhere in the room are shared with it. */
export function DropZone({ children }: { children: ReactNode }) {
  const client = useRoomClient();
  const share = (files: File[]) => {
    void import('./useUploads').then(({ uploadsOf }) => uploadsOf(client).add(files, 'files'));
  };
  const isOver = useFileDrag(share);
  useFilePaste(share);
  return (
    <>
      {children}
      {isOver && (
        <div className="files-drop" aria-hidden>
          <div className="files-drop-card">
            <Upload size={28} />
            {t('room.drop')}
          </div>
        </div>
      )}
    </>
  );
}
