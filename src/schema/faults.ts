/** Faults that can be armed in a node started with fault injection. */
export const FAULTS = {
  "vote-no": "the participant votes no to the next prepare, as an invalid request",
  "vote-no-transient": "the participant votes no to the next prepare, as if it were busy",
  "crash-before-prepare": "the participant crashes when the next prepare arrives",
  "crash-after-prepare": "the participant crashes after doing the work, before `prepared` is on disk",
  "crash-before-vote": "the participant crashes after forcing `prepared`, before voting",
  "crash-after-vote": "the participant crashes after voting yes",
  "crash-before-decision": "the coordinator crashes when all votes are in, before logging the decision",
  "crash-after-decision": "the coordinator crashes after forcing the decision, before telling anybody",
  "crash-before-ack": "the participant crashes after forcing `committed`, before the ack",
  "perform-fails": "performing the next commit fails before `committed` is forced",
  "finish-fails": "finishing the next commit fails after `committed` is forced",
  "drop-message": "the next protocol message this node sends is lost",
  "delay-message": "the next protocol message this node sends is delayed by 2 s",
  "duplicate-message": "the next protocol message this node sends is sent twice",
} as const;
export type FaultName = keyof typeof FAULTS;
export const FAULT_NAMES = Object.keys(FAULTS) as FaultName[];
