import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';

import { t } from '~/text';

import { announce } from './announce';
import { Button } from './Button';
import { Field } from './Field';

export interface CopyFieldProps {
  label: string;
  value: string;
}

/** Where the clipboard is out of reach (no https), it is selected for people to copy. */
async function copy(value: string, input: HTMLInputElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(value);
    return true;
  } catch {
    input.focus();
    input.select();
    return document.execCommand('copy');
  }
}

export function CopyField({ label, value }: CopyFieldProps) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const onCopy = async (input: HTMLElement | null) => {
    if (!(input instanceof HTMLInputElement) || !(await copy(value, input))) return;
    setCopied(true);
    announce(t('ui.copied'));
  };
  return (
    <Field label={label}>
      {(tied) => (
        <div className="copy">
          <input
            {...tied}
            className="input copy__text"
            readOnly
            value={value}
            onFocus={(event) => event.target.select()}
          />
          <Button
            icon={isCopied ? <Check /> : <Copy />}
            onClick={() => void onCopy(document.getElementById(tied.id))}
          >
            {isCopied ? t('ui.copied') : t('ui.copy')}
          </Button>
        </div>
      )}
    </Field>
  );
}
