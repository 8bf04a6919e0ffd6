import { t } from '~/text';
import { errorText } from '~/ui';
import { codeOf } from '~/wire/errors';

/** What went wrong with an upload, and what to do about it. */
export function uploadErrorText(error: unknown): string {
  switch (codeOf(error)) {
    case 'TOO_BIG':
      return t('files.tooBig');
    case 'QUOTA':
      return t('files.quota');
    case 'UNREADABLE':
      return t('files.unreadable');
    case 'BAD_FIELD':
      return t('files.refused');
    case 'RATE_LIMITED':
      return t('files.tooMany');
    case 'OFFLINE':
    case 'TIMEOUT':
      return t('files.offline');
    case 'UPLOAD_FAILED':
      return t('files.failed');
    default:
      return errorText(error);
  }
}
