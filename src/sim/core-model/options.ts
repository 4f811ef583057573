import type { LogRecord } from "../../schema/records.ts";

/** What there is and what may happen. What is bounded stands here; everything else is every way there is. */
export interface CoreModelOptions {
  readonly participants: number;
  /** How many nodes are given the client's one request. */
  readonly coordinators: number;
  /** The first participants coordinate, in place of nodes that do nothing else. */
  readonly isJoint: boolean;
  /** How often the client sends its request to each of them. */
  readonly beginsMax: number;
  /** Attempts that each makes of it in one run. */
  readonly attemptsMax: number;
  /** Crashes of all processes together, each at any point and with any part of what is not forced kept. */
  readonly crashesMax: number;
  /** Who may crash. */
  readonly crashing: "everybody" | "coordinators";
  /** Links that are cut, all together; both ends notice, and connect again when they like. */
  readonly cutsMax: number;
  /** Words of an operator, all together: wherever one would be accepted. */
  readonly resolvesMax: number;
  /** Of each process. */
  readonly checkpointsMax: number;
  /** How many of the participants, the last ones, only read. */
  readonly readers: number;
  /** Votes other than `yes` and `read-only`: for good, or for now. */
  readonly refusals: readonly ("no" | "busy")[];
  /** Performing and finishing may fail. */
  readonly mayFail: boolean;
  /** Which timers may fire early: all, all but those that give up, those alone, or none. */
  readonly timers: "all" | "patient" | "impatient" | "none";
  /** What is not forced may reach the disk all the same, as it does when something else is forced. */
  readonly writesBack: boolean;
  /** Records that every disk says it has before it does: a fault that must be found. */
  readonly lies: readonly LogRecord["type"][];
  /** One state stands for all that differ in names, or in messages that can change nothing any more. */
  readonly isReduced: boolean;
  /** From every state the cluster is left in peace, and must settle. */
  readonly checksSettling: boolean;
  /** What every step must be a step of. */
  readonly refines: "two-phase" | "t-commit" | null;
}

/** A coordinator and two participants that vote `yes`, one request, one attempt, one crash, honest disks. */
export const SMALL_CLUSTER: CoreModelOptions = {
  participants: 2,
  coordinators: 1,
  isJoint: false,
  beginsMax: 1,
  attemptsMax: 1,
  crashesMax: 1,
  crashing: "everybody",
  cutsMax: 0,
  resolvesMax: 0,
  checkpointsMax: 0,
  readers: 0,
  refusals: [],
  mayFail: false,
  timers: "all",
  writesBack: false,
  lies: [],
  isReduced: true,
  checksSettling: false,
  refines: null,
};

/** True where nothing goes wrong: then all `yes` must give commit. */
export function isFaultless(options: CoreModelOptions): boolean {
  const { coordinators, crashesMax, cutsMax, resolvesMax, refusals, mayFail, timers, lies } = options;
  const faults = crashesMax + cutsMax + resolvesMax + refusals.length + lies.length;
  return coordinators === 1 && faults === 0 && !mayFail && (timers === "patient" || timers === "none");
}
