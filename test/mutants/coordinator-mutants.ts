import type { Mutant } from "./mutant.ts";

/** Rules of a coordinator and of the requests that it is sent. */
export const COORDINATOR_MUTANTS: readonly Mutant[] = [
  {
    name: "decides before all have voted",
    rule: "the commit record follows the votes of all",
    endangers: ["commit point", "agreement", "conservation", "conformance"],
    file: "src/core/coordinator.ts",
    find: '  if (votes.length < info.participants.length) return { phase: "preparing", info, votes };\n',
    replace: "",
    caughtBy: "conformance",
  },
  {
    name: "commits although one voted no",
    rule: "one no aborts",
    endangers: ["agreement"],
    file: "src/core/coordinator.ts",
    find: '  if (vote.vote === "no") return abort({ phase: "preparing", info, votes }, vote.reason, effects);\n',
    replace: "",
    caughtBy: "conformance",
  },
  {
    name: "counts a yes that does not say where its record stands",
    rule: "R5: a vote carries the place of its record",
    endangers: ["yes is durable", "commit point"],
    file: "src/core/coordinator.ts",
    find: '  if (vote.vote === "yes" && !vote.preparedAt) return state; // It says nothing of what is durable.\n',
    replace: "",
    caughtBy: "tests: test/core/coordinator.test.ts",
  },
  {
    name: "counts a stranger's vote",
    rule: "who does not take part has no vote",
    endangers: ["bad input"],
    file: "src/core/coordinator.ts",
    find: "  if (!known || heardFrom(state.votes, vote.from)) return state; // A stranger's, or sent twice.\n",
    replace: "",
    caughtBy: "tests: test/core/coordinator.test.ts",
  },
  {
    name: "forgets with the first ack",
    rule: "R3: forgotten only after acks from all yes voters",
    endangers: ["agreement", "all ends"],
    file: "src/core/coordinator.ts",
    find: "      if (state.awaitingAck.length > 1) {\n",
    replace: "      if (false) {\n",
    caughtBy: "conformance",
  },
  {
    name: "tells the client before the commit is on disk",
    rule: "R10: the client is answered after the durable commit record",
    endangers: ["told commits survive", "commit point"],
    file: "src/core/coordinator.ts",
    find: "  effects.push(APPEND_COMMIT);\n",
    replace: "  effects.push(APPEND_COMMIT, COMMITTED);\n",
    caughtBy: "conformance",
  },
  {
    name: "says commit before it is on disk",
    rule: "a commit is said when its record is on disk",
    endangers: ["commit point"],
    file: "src/core/coordinator-desk.ts",
    find: '      effects.push({ type: "append-record", record: state.record, force: true });\n',
    replace: `      effects.push({ type: "append-record", record: state.record, force: true });
      for (const voter of state.record.voters) sendCommit(node, voter, transactionId, effects);
`,
    caughtBy: "conformance",
  },
  {
    name: "does not force the commit record",
    rule: "decides commit: forces the record",
    endangers: ["progress", "all ends"],
    file: "src/core/coordinator-desk.ts",
    find: "record: state.record, force: true }",
    replace: "record: state.record, force: false }",
    caughtBy: "golden traces",
  },
  {
    name: "tells those of an abort that voted no",
    rule: "phase two is never sent to who voted no",
    endangers: ["conformance"],
    file: "src/core/coordinator.ts",
    find: 'return vote === undefined || vote === "yes";',
    replace: "return true;",
    caughtBy: "conformance",
  },
  {
    name: "takes a one-phase time-out for an abort",
    rule: "R12: a time-out is never an abort",
    endangers: ["outcomes stand"],
    file: "src/core/coordinator.ts",
    find: `      effects.push({ type: "send-decided-inquiry", to: namesOf(state.info.participants) });
      return { ...state, timedOut: true };`,
    replace: '      return forget(state.info, state.votes, "aborted", event.reason, effects);',
    caughtBy: "conformance",
  },
  {
    name: "answers abort while it collects votes",
    rule: "R1: while it collects votes the answer is pending",
    endangers: ["presumption", "agreement"],
    file: "src/core/coordinator.ts",
    find: `      return abort(state, event.reason, effects);
    case "inquiry-received":
      effects.push({ type: "answer-pending", to: event.from });`,
    replace: `      return abort(state, event.reason, effects);
    case "inquiry-received":
      effects.push({ type: "send-abort", to: [event.from] });`,
    caughtBy: "golden traces",
  },
  {
    name: "answers abort while its commit is on the way to the disk",
    rule: "R11: what may be on disk is never answered abort",
    endangers: ["presumption", "agreement"],
    file: "src/core/coordinator.ts",
    find: `    }
    case "inquiry-received":
      effects.push({ type: "answer-pending", to: event.from });`,
    replace: `    }
    case "inquiry-received":
      effects.push({ type: "send-abort", to: [event.from] });`,
    caughtBy: "conformance",
  },
  {
    name: "gives up what is being decided",
    rule: "R10: nothing turns the decision",
    endangers: ["outcomes stand"],
    file: "src/core/coordinator.ts",
    find: `    case "vote-received":
    case "decided-received":
    case "gave-up":
    case "ack-received":
    case "refusal-received":
    case "release-forced":
    case "resend-due":
      return state;`,
    replace: `    case "gave-up":
      return abort({ phase: "preparing", info: state.info, votes: state.votes }, event.reason, effects);
    case "vote-received":
    case "decided-received":
    case "ack-received":
    case "refusal-received":
    case "release-forced":
    case "resend-due":
      return state;`,
    caughtBy: "explorer: one only reads",
  },
  {
    name: "answers abort for another store's transaction",
    rule: "R2: a wiped coordinator answers not mine, never abort",
    endangers: ["presumption", "agreement"],
    file: "src/core/coordinator-desk.ts",
    find: '  if (coordinatorId !== node.nodeId) return answer("not-mine");\n',
    replace: "",
    caughtBy: "golden traces",
  },
  {
    name: "presumes abort of what it remembers",
    rule: "R1: only where there is no entry in memory",
    endangers: ["presumption", "agreement"],
    file: "src/core/coordinator-desk.ts",
    find: "  if (node.coordinator.transactions.has(transactionId)) {",
    replace: '  if (transactionId === "") {',
    caughtBy: "conformance",
  },
  {
    name: "presumes abort of what its log has lost",
    rule: "R1: only when the log is whole",
    endangers: ["presumption"],
    file: "src/core/coordinator-desk.ts",
    find: "  if (epoch > node.epoch || (epoch === node.epoch && counter >= node.coordinator.nextCounter)) {",
    replace: "  if (epoch < 0) {",
    caughtBy: "tests: test/core/guards.test.ts",
  },
  {
    name: "lets the floor pass what still collects votes",
    rule: "R4: the floor is the lowest counter still preparing",
    endangers: ["progress", "idempotence"],
    file: "src/core/coordinator-desk.ts",
    find: "const counter = preparing[0] ?? nextCounter;",
    replace: "const counter = nextCounter;",
    caughtBy: "conformance",
  },
  {
    name: "begins a request again while it runs",
    rule: "R8: a retry begins when the old attempt can no longer commit",
    endangers: ["outcomes stand"],
    file: "src/core/request-desk.ts",
    find: '  if (known && known.phase !== "settled") {',
    replace: "  if (false) {",
    caughtBy: "conformance",
  },
  {
    name: "answers one request with another's outcome",
    rule: "R8: a digest of the operations goes with the request",
    endangers: ["bad input"],
    file: "src/core/request-desk.ts",
    find: "  if (known && known.digest !== digest) {",
    replace: "  if (false) {",
    caughtBy: "golden traces",
  },
  {
    name: "says aborted of what another may commit",
    rule: "R1: clients are never answered by presumption",
    endangers: ["presumption"],
    file: "src/core/request-desk.ts",
    find: 'outcome: isCertain ? "aborted" : "unknown"',
    replace: 'outcome: "aborted"',
    caughtBy: "golden traces",
  },
  {
    name: "takes the refusal of who only reads for everybody's",
    rule: "R8, R9: who only reads holds nothing, and refuses for itself alone",
    endangers: ["outcomes stand"],
    file: "src/core/request-desk.ts",
    find: "(wouldHold && isRefusal(reason, votes))",
    replace: "isRefusal(reason, votes)",
    caughtBy: "golden traces",
  },
  {
    name: "lets anybody speak for anybody",
    rule: "a peer speaks for itself alone",
    endangers: ["bad input"],
    file: "src/core/node.ts",
    find: "  if (!isSpeakers(node, from, message)) {",
    replace: "  if (false) {",
    caughtBy: "tests: test/core/speakers.test.ts",
  },
];
