export interface MeterProps {
  label: string;
  value: number; // 0 to 1
}

/** A level that changes all the time, such as a microphone's. */
export function Meter({ label, value }: MeterProps) {
  const part = Math.min(1, Math.max(0, value));
  return (
    <div
      className="meter"
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(part * 100)}
    >
      <div className="meter__fill" style={{ '--part': part }} />
    </div>
  );
}
