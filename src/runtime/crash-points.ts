import { PROTOCOL_MESSAGES, type ProtocolMessage } from "../schema/protocol.ts";
import { LOG_RECORDS, type LogRecord } from "../schema/records.ts";

type MessageType = ProtocolMessage["type"];
type RecordType = Exclude<LogRecord["type"], "run-start">;

/** The named moments of the node loop at which a crash leaves something different behind. */
export type LoopPoint =
  | `receive-${MessageType}`
  | `send-${MessageType}`
  | `sent-${MessageType}`
  | `append-${RecordType}`
  | `appended-${RecordType}`
  | `forced-${RecordType}`
  | "answer-client"
  | "answered-client";

/** Gives what is called at the named points; null while no crash is to be tried at any of them, and then their names are not made. */
export type Reach = () => ((point: LoopPoint) => void) | null;

const messages = Object.keys(PROTOCOL_MESSAGES) as MessageType[];
const records = Object.keys(LOG_RECORDS).filter((type) => type !== "run-start") as RecordType[];

/** `end` is the one record that is never forced. */
const forced = records.filter((type) => type !== "end");

/**
 * All of them, made from the messages and the records there are, so that none is missing: a message received, about to be
 * sent, and sent; a record about to be appended, appended, and on disk with nothing done about it yet.
 */
export const LOOP_POINTS: readonly LoopPoint[] = [
  ...messages.flatMap((type) => [`receive-${type}`, `send-${type}`, `sent-${type}`] as const),
  ...records.flatMap((type) => [`append-${type}`, `appended-${type}`] as const),
  ...forced.map((type) => `forced-${type}` as const),
  "answer-client",
  "answered-client",
];

/** Where a node that was told to will crash: at the `count`th time it gets to the point. */
export interface CrashPoint {
  readonly point: string;
  readonly count: number;
}

/** Calls `crash` when the point is reached for the counted time. */
export function watchPoints(at: CrashPoint, crash: () => void): (point: string) => void {
  let left = at.count;
  return (point) => {
    if (point !== at.point) return;
    left -= 1;
    if (left === 0) crash();
  };
}
