import { SearchX } from 'lucide-react';
import { t } from '~/text';
import { Empty, LinkButton, Page } from '~/ui';

export function NotFoundPage() {
  return (
    <Page title={t('lobby.noPage')}>
      <Empty icon={<SearchX />} title={t('lobby.noPageText')}>
        <LinkButton href="/" variant="primary">
          {t('lobby.toRooms')}
        </LinkButton>
      </Empty>
    </Page>
  );
}
