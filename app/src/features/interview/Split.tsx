// Two things beside each other with a border that can be moved; one after the other by tabs where
// there is no room for both.
import { useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { usePersistent } from '~/lib/storage';
import { t } from '~/text';
import { Tabs } from '~/ui';

const NARROW_PX = 720;
const MIN = 20;
const MAX = 65;
const STEP = 4;

const isRtl = (): boolean => document.documentElement.dir === 'rtl';
const clamp = (percent: number): number => Math.round(Math.min(MAX, Math.max(MIN, percent)));

/** Whether the element is narrower than that. */
export function useIsNarrow(limitPx = NARROW_PX) {
  const ref = useRef<HTMLDivElement>(null);
  const [isNarrow, setNarrow] = useState(false);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const measure = (): void => setNarrow(element.clientWidth < limitPx);
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, [limitPx]);
  return { ref, isNarrow };
}

interface BorderProps {
  percent: number;
  onPercent: (percent: number) => void;
  box: () => DOMRect | undefined;
}

function Border({ percent, onPercent, box }: BorderProps) {
  const onKeyDown = (event: KeyboardEvent): void => {
    const forward = isRtl() ? 'ArrowLeft' : 'ArrowRight';
    const back = isRtl() ? 'ArrowRight' : 'ArrowLeft';
    const to = { [forward]: percent + STEP, [back]: percent - STEP, Home: MIN, End: MAX }[
      event.key
    ];
    if (to === undefined) return;
    event.preventDefault();
    onPercent(clamp(to));
  };
  const moveTo = (x: number): void => {
    const rect = box();
    if (!rect) return;
    const part = (x - rect.left) / rect.width;
    onPercent(clamp((isRtl() ? 1 - part : part) * 100));
  };
  return (
    <div
      className="interview-split__border"
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={t('interview.split')}
      aria-valuenow={percent}
      aria-valuemin={MIN}
      aria-valuemax={MAX}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) moveTo(event.clientX);
      }}
    />
  );
}

export function QuestionAndCode({ question, code }: { question: ReactNode; code: ReactNode }) {
  const { ref, isNarrow } = useIsNarrow();
  const [percent, setPercent] = usePersistent('interview.split', 36);
  const [tab, setTab] = useState<string>('question');
  const isShown = (which: string): boolean => !isNarrow || tab === which;
  // both stay where they are in the tree: an editor that moves loses its history
  const panes = (
    <div className="interview-split__panes" style={{ '--part': `${percent}%` }}>
      <div
        className="interview-split__pane interview-split__question"
        hidden={!isShown('question')}
      >
        {question}
      </div>
      {!isNarrow && (
        <Border
          percent={percent}
          onPercent={setPercent}
          box={() => ref.current?.getBoundingClientRect()}
        />
      )}
      <div className="interview-split__pane interview-split__code" hidden={!isShown('code')}>
        {code}
      </div>
    </div>
  );
  const tabs = [
    { id: 'question', label: t('interview.question') },
    { id: 'code', label: t('interview.code') },
  ];
  return (
    <div
      className={isNarrow ? 'interview-split interview-split--narrow' : 'interview-split'}
      ref={ref}
    >
      {isNarrow ? (
        <Tabs label={t('interview.views')} tabs={tabs} value={tab} onChange={setTab}>
          {panes}
        </Tabs>
      ) : (
        panes
      )}
    </div>
  );
}
