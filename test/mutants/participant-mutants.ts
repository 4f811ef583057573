import type { Mutant } from "./mutant.ts";

/** Rules of a participant. */
export const PARTICIPANT_MUTANTS: readonly Mutant[] = [
  {
    name: "votes yes before its record is on disk",
    rule: "vote: forces prepared, then sends yes",
    endangers: ["yes is durable"],
    file: "src/core/participant-desk.ts",
    find: "    hasVoted ||=",
    replace: `    if (order.type === "append-prepared") {
      const place = { storeId: node.storeId, epoch: node.epoch, seq: 2 };
      effects.push(translate(node, transactionId, { ...state, phase: "prepared", preparedAt: place }, { type: "vote-yes" }));
    }
    hasVoted ||=`,
    caughtBy: "conformance",
  },
  {
    name: "expects no commit while it performs one",
    rule: "delivery is at least once: each phase names what it ignores",
    endangers: ["idempotence"],
    file: "src/core/participant.ts",
    find: '    case "commit-received": // Sent again: the ack follows.\n',
    replace: "",
    caughtBy: "explorer: nothing goes wrong",
  },
  {
    name: "does not force the prepared record",
    rule: "vote: forces prepared",
    endangers: ["yes is durable", "all ends"],
    file: "src/core/participant-effects.ts",
    find: "        floor,\n      },\n      force: true,\n",
    replace: "        floor,\n      },\n      force: false,\n",
    caughtBy: "golden traces",
  },
  {
    name: "does not force committed",
    rule: "on commit: forces committed, then acks",
    endangers: ["all ends"],
    file: "src/core/participant-effects.ts",
    find: 'record: { type: "committed", transactionId, onePhase }, force: true };',
    replace: 'record: { type: "committed", transactionId, onePhase }, force: false };',
    caughtBy: "golden traces",
  },
  {
    name: "acks before committed is on disk",
    rule: "R3: an ack follows its durable record",
    endangers: ["exact recovery", "outcomes stand"],
    file: "src/core/participant.ts",
    find: `    case "prepare-received":
    case "commit-received": // Sent again: the ack follows.`,
    replace: `    case "commit-received":
      effects.push(tellCommitted(job, work));
      return state;
    case "prepare-received":`,
    caughtBy: "explorer: one only reads",
  },
  {
    name: "takes up a prepare below the floor",
    rule: "R4: prepares below the floor are refused",
    endangers: ["idempotence"],
    file: "src/core/participant-desk.ts",
    find: `  if (isBelow({ epoch, counter }, floor)) {
    return refuse(`,
    replace: `  if (floor.epoch < 0) {
    return refuse(`,
    caughtBy: "conformance",
  },
  {
    name: "takes up a prepare for an earlier run of its own",
    rule: "R4: of something lost in a restart it votes no",
    endangers: ["idempotence", "conformance"],
    file: "src/core/participant-desk.ts",
    find: "  if (prepare.toEpoch !== node.epoch) {",
    replace: "  if (prepare.toEpoch < 0) {",
    caughtBy: "tests: test/core/guards.test.ts",
  },
  {
    name: "takes up a prepare for another store of its name",
    rule: "R4: of something lost with its disk it votes no",
    endangers: ["outcomes stand", "conformance"],
    file: "src/core/participant-desk.ts",
    find: "  if (prepare.toStore !== node.storeId) {",
    replace: '  if (prepare.toStore === "") {',
    caughtBy: "golden traces",
  },
  {
    name: "prepares one request for two transactions",
    rule: "R8: one request, one transaction",
    endangers: ["outcomes stand", "conservation"],
    file: "src/core/participant-desk.ts",
    find: "  const held = findRequest(node, prepare.requestId);\n  if (held) {",
    replace: '  const held = findRequest(node, prepare.requestId);\n  if (held && held.digest === "") {',
    caughtBy: "conformance",
  },
  {
    name: "takes another request for the same",
    rule: "R8: a digest of the operations goes with the request",
    endangers: ["bad input"],
    file: "src/core/participant-desk.ts",
    find: "    if (held.digest !== prepare.digest) {",
    replace: '    if (held.digest === "") {',
    caughtBy: "golden traces",
  },
  {
    name: "repeats a request that it may have forgotten",
    rule: "R8: older requests are refused",
    endangers: ["outcomes stand"],
    file: "src/core/participant-desk.ts",
    find: "  if (prepare.issuedAtMs <= node.participant.requestFloorMs) {",
    replace: "  if (prepare.issuedAtMs < 0) {",
    caughtBy: "tests: test/core/guards.test.ts",
  },
  {
    name: "acks a commit that another store prepared",
    rule: "R5: a participant with another store refuses and raises an alarm",
    endangers: ["conservation", "agreement"],
    file: "src/core/participant-desk.ts",
    find: "  if (preparedAt.storeId !== node.storeId) {",
    replace: '  if (preparedAt.storeId === "") {',
    caughtBy: "conformance",
  },
  {
    name: "acks a commit whose record its log has lost",
    rule: "R5: a participant whose log ends before that refuses",
    endangers: ["conservation", "agreement"],
    file: "src/core/participant-desk.ts",
    find: "  if (isLost(node, preparedAt)) {",
    replace: "  if (preparedAt.epoch < 0) {",
    caughtBy: "golden traces",
  },
  {
    name: "leaves no tombstone for an abort that comes first",
    rule: "R4: an abort before its prepare leaves a tombstone",
    endangers: ["idempotence", "all ends"],
    file: "src/core/participant-desk.ts",
    find: "    if (!passed || !isBelow({ epoch, counter }, passed)) {\n      const state",
    replace: "    if (passed && epoch < 0) {\n      const state",
    caughtBy: "conformance",
  },
  {
    name: "tells aborted of one phase before it is on disk",
    rule: "R12: an abort tombstone is forced before aborted is answered",
    endangers: ["outcomes stand"],
    file: "src/core/participant-desk.ts",
    find: `reason, tells: "decided", askers: [] } as const;
  applyStep(node, transactionId, undefined, state, [{ type: "append-aborted", force: true }], effects);`,
    replace: `reason, tells: "nothing", askers: [] } as const;
  const tell = { type: "tell-decided", outcome: "aborted", reason, results: [] } as const;
  applyStep(node, transactionId, undefined, state, [{ type: "append-aborted", force: true }, tell], effects);`,
    caughtBy: "conformance",
  },
  {
    name: "aborts what it committed in one phase and forgot",
    rule: "R12: what the floor has passed was answered before",
    endangers: ["outcomes stand"],
    file: "src/core/participant-desk.ts",
    find: "  if (isBelow({ epoch, counter }, passed)) return tellAgain(node, transactionId, effects);\n",
    replace: "",
    caughtBy: "conformance",
  },
  {
    name: "obeys an abort of what it has committed",
    rule: "R1: a participant with committed on disk ignores a stale abort",
    endangers: ["outcomes stand", "agreement"],
    file: "src/core/participant.ts",
    find: '    case "abort-received": // A stale presumption: what is committed stays committed.\n',
    replace: `    case "abort-received":
      effects.push({ type: "append-aborted", force: false }, { type: "undo-work", undo: state.work.undo });
      return { phase: "aborted", job: state.job, reason: null, isForced: false, isDecided: true };
`,
    caughtBy: "golden traces",
  },
  {
    name: "obeys an abort while it commits",
    rule: "R13: after committed the only way is forward",
    endangers: ["outcomes stand", "agreement"],
    file: "src/core/participant.ts",
    find: `      if (state.step === "finishing") effects.push(FINISH_WORK);
      return state;
    case "abort-received":
      effects.push(contradiction(job, "abort", "is performing its commit"));
      return state;`,
    replace: `      if (state.step === "finishing") effects.push(FINISH_WORK);
      return state;
    case "abort-received":
      effects.push({ type: "append-aborted", force: false }, { type: "undo-work", undo: work.undo });
      return { phase: "aborted", job, reason: null, isForced: false, isDecided: true };`,
    caughtBy: "tests: test/core/guards.test.ts",
  },
  {
    name: "keeps what an abort should release",
    rule: "decides abort: undo",
    endangers: ["conservation", "all ends"],
    file: "src/core/participant.ts",
    find: `      effects.push({ type: "append-aborted", force: false });
      effects.push({ type: "undo-work", undo: work.undo });
      return {`,
    replace: `      effects.push({ type: "append-aborted", force: false });
      return {`,
    caughtBy: "golden traces",
  },
  {
    name: "refuses for good before it is on disk",
    rule: "R8: a refusal for good is forced before it is said",
    endangers: ["outcomes stand"],
    file: "src/core/participant.ts",
    find: "      if (!plan.reason.retryable) {\n",
    replace: "      if (false) {\n",
    caughtBy: "conformance",
  },
  {
    name: "tells its own no in one phase before it is on disk",
    rule: "R12: the only participant's abort is forced",
    endangers: ["outcomes stand"],
    file: "src/core/participant.ts",
    find: `      if (job.onePhase) {
        effects.push({ type: "append-aborted", force: true });
        return { phase: "aborting", job, reason: plan.reason, tells: "decided", askers: [] };
      }`,
    replace: `      if (job.onePhase) {
        effects.push({ type: "append-aborted", force: true });
        effects.push({ type: "tell-decided", outcome: "aborted", reason: plan.reason, results: [] });
        return { phase: "aborted", job, reason: plan.reason, isForced: true, isDecided: false };
      }`,
    caughtBy: "conformance",
  },
  {
    name: "turns its vote read-only when it is asked again",
    rule: "R9: the vote read-only is the same again",
    endangers: ["idempotence"],
    file: "src/core/participant.ts",
    find: "    effects.push(VOTE_READ_ONLY);\n  }\n",
    replace: `    const reason = alreadyAborted("asked twice");
    effects.push({ type: "append-aborted", force: false }, { type: "vote-no", reason });
    return { phase: "aborted", job: state.job, reason, isForced: false, isDecided: false };
  }
`,
    caughtBy: "conformance",
  },
  {
    name: "forgets what the floor has not passed",
    rule: "R4: finished transactions are kept until the floor passes them",
    endangers: ["idempotence"],
    file: "src/core/participant-tables.ts",
    find: "oldest && isIdBelow(oldest, floor);",
    replace: "oldest;",
    caughtBy: "conformance",
  },
  {
    name: "keeps what the floor has passed",
    rule: "R4: what the floor has passed is forgotten",
    endangers: ["forgetting"],
    file: "src/core/participant-tables.ts",
    find: "  transactions.delete(transactionId);\n",
    replace: "  if (state) transactions.set(transactionId, state);\n",
    caughtBy: "golden traces",
  },
  {
    name: "lets the floor fall",
    rule: "R4: the floor only rises",
    endangers: ["idempotence"],
    file: "src/core/participant-tables.ts",
    find: "  if (before && !isBelow(before, floor)) return before;\n",
    replace: "",
    caughtBy: "conformance",
  },
  {
    name: "forgets which requests it has committed",
    rule: "R8: committed requests are guarded for the window",
    endangers: ["outcomes stand", "conservation"],
    file: "src/core/participant-requests.ts",
    find: '  return state.phase === "performing" || state.phase === "committed";\n',
    replace: "  return false;\n",
    caughtBy: "conformance",
  },
  {
    name: "remembers an abort that is not certain",
    rule: "cooperative termination: only what is certain is passed on",
    endangers: ["agreement"],
    file: "src/core/participant-tables.ts",
    find: '(state.phase === "aborted" && (state.isForced || state.isDecided));',
    replace: '(state.phase === "aborted");',
    caughtBy: "golden traces",
  },
  {
    name: "drops a request while its transaction is remembered",
    rule: "R8: a request is kept with its transaction",
    endangers: ["outcomes stand"],
    file: "src/core/held-requests.ts",
    find: " || isKept(held.transactionId)) continue;",
    replace: ") continue;",
    caughtBy: "tests: test/core/participant-tables.test.ts",
  },
  {
    name: "lets an earlier run of a coordinator go on preparing",
    rule: "R2: prepares of older epochs are refused",
    endangers: ["idempotence"],
    file: "src/core/node.ts",
    find: "  raiseFloor(node, nodeId, { epoch, counter: 0 });\n",
    replace: "",
    caughtBy: "golden traces",
  },
  {
    name: "keeps what another store of a coordinator left behind",
    rule: "R4: what a store that never returns left behind is forgotten",
    endangers: ["forgetting"],
    file: "src/core/node.ts",
    find: "  supersedeStores(node, name, nodeId);\n",
    replace: "",
    caughtBy: "tests: test/core/participant-stores.test.ts",
  },
  {
    name: "does not answer a yes that comes too late",
    rule: "R7: a yes after the vote time-out is answered abort",
    endangers: ["all ends"],
    file: "src/core/node.ts",
    find: '  if (vote.vote === "yes" && !node.coordinator.transactions.has(transactionId)) {',
    replace: "  if (false) {",
    caughtBy: "golden traces",
  },
  {
    name: "forgets at a restart what it can tell its peers",
    rule: "termination: who knows the decision tells it",
    endangers: ["all ends"],
    file: "src/core/image.ts",
    find: "    noteOutcome(node.participant.outcomes, transactionId, outcome);\n",
    replace: "    void transactionId, outcome;\n",
    caughtBy: "golden traces",
  },
  {
    name: "tells nothing of what a checkpoint kept without its participants",
    rule: "termination: who knows the decision tells it",
    endangers: ["all ends"],
    file: "src/core/participant-inquiry.ts",
    find: "participants.length > 0 && ",
    replace: "",
    caughtBy: "golden traces",
  },
];
