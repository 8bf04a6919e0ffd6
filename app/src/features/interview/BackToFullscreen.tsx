// Over everything when full screen was left: the browser's own modal dialog, so that nothing below
// can be reached meanwhile; it goes away by going back.
import { useId, useLayoutEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { Maximize } from 'lucide-react';
import { t } from '~/text';
import { Button, openModal } from '~/ui';
import { enterFullscreen } from './fullscreen';

export function BackToFullscreen({ onWithout }: { onWithout: () => void }) {
  const box = useRef<HTMLDialogElement>(null);
  const [hasFailed, setFailed] = useState(false);
  const id = useId();

  // before it is gone: else it cannot give the focus back
  useLayoutEffect(() => (box.current ? openModal(box.current) : undefined), []);

  const enter = async (): Promise<void> => setFailed(!(await enterFullscreen()));
  return createPortal(
    <dialog
      ref={box}
      className="interview-return"
      role="alertdialog"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-text`}
      onCancel={(event) => event.preventDefault()}
      onClose={() => box.current?.isConnected && box.current.showModal()}
    >
      <h2 id={`${id}-title`}>{t('interview.return.title')}</h2>
      <p id={`${id}-text`}>{t('interview.return.text')}</p>
      {hasFailed && <p role="alert">{t('interview.return.failed')}</p>}
      <div className="interview-gate__buttons">
        <Button variant="primary" icon={<Maximize />} onClick={() => void enter()} autoFocus>
          {t('interview.return.button')}
        </Button>
        {hasFailed && <Button onClick={onWithout}>{t('interview.return.without')}</Button>}
      </div>
    </dialog>,
    document.body,
  );
}
