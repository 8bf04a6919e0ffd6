// The interview as a candidate sees it: waiting, the gate, the work, the end.
import '~/text/interview';
import { keep, recall } from '~/lib/storage';
import { useRoom, useRoomClient } from '~/room';
import { CandidateEnd } from './CandidateEnd';
import { Gate, NotStarted } from './Gate';
import { useAutosave } from './useAutosave';
import { hasEnded, useProctor } from './useProctor';
import { Workbench } from './Workbench';

export function CandidateView() {
  const { roomId } = useRoomClient();
  const status = useRoom((view) => (hasEnded(view) ? 'ENDED' : view.room?.status));
  const { save, state } = useAutosave();
  const { hasPassed, pass, clip } = useProctor();
  const key = `interview.agreed.${roomId}`;
  const agree = (): void => {
    keep(key, true);
    pass();
  };
  if (status === 'ENDED') return <CandidateEnd state={state} />;
  if (status !== 'LIVE') return <NotStarted />;
  if (!hasPassed) return <Gate isBack={recall(key, false)} onPass={agree} />;
  return <Workbench save={save} state={state} clip={clip} />;
}
