import { LOG_POINTS } from "../../src/log/points.ts";
import { LOOP_POINTS } from "../../src/runtime/crash-points.ts";
import type { Name } from "./cluster.ts";

/** What is done so that the victim gets to the point. */
export type Script =
  | "order"
  | "refused"
  | "alone"
  | "alone-refused"
  | "alone-silent"
  | "orphaned"
  | "perform-fails"
  | "by-hand"
  | "by-hand-mixed"
  | "many"
  | "restart"
  | "shutdown";

export interface Case {
  readonly point: string;
  readonly victim: Name;
  readonly script: Script;
  /** A second crash, inside the recovery from the first. */
  readonly then?: string;
}

/** Where each point is reached. What is missing here fails a test: the lists of points are made from the code. */
const WHERE: Readonly<Record<string, readonly [Name, Script]>> = {
  "receive-prepare": ["warehouse", "order"],
  "send-prepare": ["coordinator", "order"],
  "sent-prepare": ["coordinator", "order"],
  "receive-vote": ["coordinator", "order"],
  "send-vote": ["warehouse", "order"],
  "sent-vote": ["warehouse", "order"],
  "receive-commit": ["warehouse", "order"],
  "send-commit": ["coordinator", "order"],
  "sent-commit": ["coordinator", "order"],
  "receive-abort": ["warehouse", "refused"],
  "send-abort": ["coordinator", "refused"],
  "sent-abort": ["coordinator", "refused"],
  "receive-ack": ["coordinator", "order"],
  "send-ack": ["ledger", "order"],
  "sent-ack": ["ledger", "order"],
  "receive-commit-refused": ["coordinator", "perform-fails"],
  "send-commit-refused": ["ledger", "perform-fails"],
  "sent-commit-refused": ["ledger", "perform-fails"],
  "receive-inquiry": ["ledger", "orphaned"],
  "send-inquiry": ["warehouse", "orphaned"],
  "sent-inquiry": ["warehouse", "orphaned"],
  "receive-inquiry-answer": ["warehouse", "orphaned"],
  "send-inquiry-answer": ["ledger", "orphaned"],
  "sent-inquiry-answer": ["ledger", "orphaned"],
  "receive-decided": ["coordinator", "alone"],
  "send-decided": ["warehouse", "alone"],
  "sent-decided": ["warehouse", "alone"],
  "receive-decided-inquiry": ["warehouse", "alone-silent"],
  "send-decided-inquiry": ["coordinator", "alone-silent"],
  "sent-decided-inquiry": ["coordinator", "alone-silent"],
  "append-commit": ["coordinator", "order"],
  "appended-commit": ["coordinator", "order"],
  "append-end": ["coordinator", "order"],
  "appended-end": ["coordinator", "order"],
  "append-prepared": ["ledger", "order"],
  "appended-prepared": ["ledger", "order"],
  "append-committed": ["warehouse", "order"],
  "appended-committed": ["warehouse", "order"],
  "append-aborted": ["warehouse", "refused"],
  "appended-aborted": ["warehouse", "refused"],
  "append-heuristic": ["warehouse", "by-hand"],
  "appended-heuristic": ["warehouse", "by-hand"],
  "append-heuristic-end": ["warehouse", "by-hand"],
  "appended-heuristic-end": ["warehouse", "by-hand"],
  "append-released": ["coordinator", "by-hand-mixed"],
  "appended-released": ["coordinator", "by-hand-mixed"],
  "forced-commit": ["coordinator", "order"],
  "forced-prepared": ["warehouse", "order"],
  "forced-committed": ["ledger", "order"],
  "forced-aborted": ["warehouse", "alone-refused"],
  "forced-heuristic": ["warehouse", "by-hand"],
  "forced-heuristic-end": ["warehouse", "by-hand"],
  "forced-released": ["coordinator", "by-hand-mixed"],
  "answer-client": ["coordinator", "order"],
  "answered-client": ["coordinator", "order"],
  "log-written": ["ledger", "many"],
  "log-forced": ["ledger", "many"],
  "recovery-read": ["warehouse", "restart"],
  "recovery-swept": ["warehouse", "restart"],
  "recovery-written": ["warehouse", "restart"],
  "recovery-forced": ["warehouse", "restart"],
  "recovery-renamed": ["warehouse", "restart"],
  "recovery-synced": ["warehouse", "restart"],
  "recovery-claimed": ["warehouse", "restart"],
  "recovery-done": ["warehouse", "restart"],
  "shutdown-forced": ["warehouse", "shutdown"],
  "shutdown-marked": ["warehouse", "shutdown"],
};

const whereOf = (point: string): readonly [Name, Script] =>
  WHERE[point] ??
  (/^(rotate|checkpoint|pages?)-/.test(point) ? ["warehouse", "many"] : [point as Name, "order"]);

export const SINGLES: readonly Case[] = [...LOOP_POINTS, ...LOG_POINTS].map((point) => {
  const [victim, script] = whereOf(point);
  return { point, victim, script };
});

/** The log of a coordinator rotates and takes checkpoints as well. */
export const COORDINATOR_LOG: readonly Case[] = LOG_POINTS.filter((point) =>
  /^(rotate|checkpoint)-/.test(point),
).map((point) => ({ point, victim: "coordinator", script: "many" }));

/** A second crash inside the recovery from the first, at every step of recovery. */
export const PAIRS: readonly Case[] = [
  ["forced-prepared", "warehouse"],
  ["receive-commit", "warehouse"],
  ["forced-committed", "ledger"],
  ["forced-commit", "coordinator"],
  ["appended-commit", "coordinator"],
].flatMap(([point, victim]) =>
  LOG_POINTS.filter((then) => then.startsWith("recovery-")).map((then) => ({
    point: point as string,
    victim: victim as Name,
    script: "order" as const,
    then,
  })),
);

/** Those that run with every `npm test`: one of each kind. */
export const FAST: readonly string[] = [
  "forced-commit",
  "sent-prepare",
  "forced-prepared",
  "append-committed",
  "receive-abort",
  "checkpoint-renamed",
  "recovery-renamed",
  "forced-heuristic",
];
