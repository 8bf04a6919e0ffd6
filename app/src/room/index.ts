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
export { asKnock, KNOCK_LENGTH, recallKnock } from './knock';
export { useServerNow } from './serverNow';
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
