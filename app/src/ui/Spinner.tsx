import { VisuallyHidden } from './VisuallyHidden';

/** Something is under way; with a label, it is told to those who do not see it. */
export const Spinner = ({ label }: { label?: string | undefined }) => (
  <span className="spinner" role={label ? 'status' : undefined}>
    <span className="spinner__ring" aria-hidden />
    {label ? <VisuallyHidden>{label}</VisuallyHidden> : null}
  </span>
);

/** The place of lines of text that are still to come. */
export const Skeleton = ({ lines = 3 }: { lines?: number | undefined }) => (
  <span className="skeleton" aria-hidden>
    {Array.from({ length: lines }, (_, i) => (
      <span key={i} className="skeleton__line" />
    ))}
  </span>
);
