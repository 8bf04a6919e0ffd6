// In plain words: what candidates' pages report, and what a browser cannot see.
import { CodeXml, Copy, EyeOff, Maximize, PanelsTopLeft, Unplug } from 'lucide-react';
import { useRoom } from '~/room';
import { t } from '~/text';

const reported = [
  { icon: Maximize, key: 'interview.gate.reported.fullscreen' },
  { icon: PanelsTopLeft, key: 'interview.gate.reported.tab' },
  { icon: Copy, key: 'interview.gate.reported.clip' },
  { icon: Unplug, key: 'interview.gate.reported.lost' },
  { icon: CodeXml, key: 'interview.gate.reported.code' },
] as const;

const unseen = [
  'interview.gate.unseen.screens',
  'interview.gate.unseen.phones',
  'interview.gate.unseen.people',
] as const;

export function Consent() {
  const proctor = useRoom((view) => view.room?.settings.proctor);
  const { warnAt = 0, autoSubmitAt = 0 } = proctor ?? {};
  return (
    <div className="interview-consent">
      <section>
        <h3>{t('interview.gate.reported')}</h3>
        <ul className="interview-consent__list">
          {reported.map(({ icon: Icon, key }) => (
            <li key={key}>
              <Icon aria-hidden size={18} />
              {t(key)}
            </li>
          ))}
        </ul>
        {warnAt > 0 && <p>{t('interview.gate.warnAt', { n: warnAt })}</p>}
        {autoSubmitAt > 0 && <p>{t('interview.gate.submitAt', { n: autoSubmitAt })}</p>}
      </section>
      <section>
        <h3>{t('interview.gate.unseen')}</h3>
        <ul className="interview-consent__list">
          {unseen.map((key) => (
            <li key={key}>
              <EyeOff aria-hidden size={18} />
              {t(key)}
            </li>
          ))}
        </ul>
        <p>{t('interview.gate.unseen.text')}</p>
      </section>
    </div>
  );
}
