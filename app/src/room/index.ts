export { BoardLog, type BoardChange } from './board';
export { RoomClient } from './client';
export {
  RoomProvider,
  useIsHost,
  usePeople,
  useRoom,
  useRoomClient,
  useRunsRoom,
  useSelfSeat,
} from './context';
export { type Draft } from './talk';
export {
  isHostRole,
  peopleOf,
  serverNow,
  type CandidateView,
  type PendingMessage,
  type Person,
  type Phase,
  type RoomView,
  type Submission,
} from './view';
