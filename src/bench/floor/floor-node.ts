import { createMeter } from "../../drivers/meter.ts";
import type { NodeFigures } from "../../schema/views.ts";
import type { FloorJob } from "../job.ts";
import type { TransactionKind } from "../mixture.ts";
import type { FloorLog } from "./floor-log.ts";
import { type FloorMessage, type FloorWord, unpaddedBytes } from "./floor-message.ts";
import { type FloorRecordType, messageSizes, recordSizes } from "./floor-sizes.ts";
import type { TurnLine, TurnLines } from "./turn-lines.ts";

/** What a node of the floor does with a message that arrives on a line. */
export type FloorNode = (message: FloorMessage, line: TurnLine) => void;

export interface FloorParts {
  readonly job: FloorJob;
  readonly log: FloorLog;
  readonly lines: TurnLines;
}

interface InFlight {
  readonly client: TurnLine;
  readonly kind: TransactionKind;
  votes: number;
  acks: number;
}

/** Passes on what arrives and counts what comes back: the chain of a commit without its protocol. */
export function createFloorCoordinator(parts: FloorParts, peers: ReadonlyMap<string, TurnLine>): FloorNode {
  const { job, log, lines } = parts;
  const floor = createFloorTools(parts);
  const inFlight = new Map<number, InFlight>();
  const count = job.participants.length;

  const tellAll = (type: FloorWord["type"], { id, kind }: FloorWord, except: TurnLine | null) => {
    for (const peer of peers.values()) if (peer !== except) floor.say(peer, type, id, kind);
  };
  const answer = ({ client }: InFlight, { id, kind }: FloorWord) => floor.say(client, "outcome", id, kind);

  const takeVote = (message: FloorWord, from: TurnLine) => {
    const transaction = inFlight.get(message.id);
    if (transaction === undefined) return;
    transaction.votes += 1;
    if (message.kind === "abort") {
      answer(transaction, message);
      tellAll("abort", message, from);
    }
    if (transaction.votes < count) return;
    if (transaction.kind !== "update") inFlight.delete(message.id);
    if (transaction.kind === "read") answer(transaction, message);
    if (transaction.kind !== "update") return;
    floor.force("commit", message, () => {
      answer(transaction, message);
      tellAll("commit", message, null);
    });
  };

  return (message, line) => {
    switch (message.type) {
      case "begin":
        inFlight.set(message.id, { client: line, kind: message.kind, votes: 0, acks: 0 });
        return tellAll("prepare", message, null);
      case "vote":
        return takeVote(message, line);
      case "ack": {
        const transaction = inFlight.get(message.id);
        if (transaction === undefined) return;
        transaction.acks += 1;
        if (transaction.acks < count) return;
        inFlight.delete(message.id);
        floor.append("end", message);
        return lines.touch();
      }
      case "figures-wanted":
        return line.say({ type: "figures", figures: floor.figures(log), unfinished: inFlight.size });
    }
  };
}

/** Logs and answers. The first participant is the one that refuses what is to be aborted, for good: it logs that, too. */
export function createFloorParticipant(parts: FloorParts): FloorNode {
  const floor = createFloorTools(parts);
  const refuses = parts.job.participants[0] === parts.job.name;
  let unfinished = 0;
  return (message, line) => {
    switch (message.type) {
      case "prepare": {
        // Only the vote of the one that refuses says abort.
        const kind = message.kind === "abort" && !refuses ? "update" : message.kind;
        const vote = () => floor.say(line, "vote", message.id, kind);
        if (kind === "read") return vote();
        if (kind === "abort") return floor.force("refused", message, vote);
        unfinished += 1;
        return floor.force("prepared", message, vote);
      }
      case "commit":
        return floor.force("committed", message, () => {
          unfinished -= 1;
          floor.say(line, "ack", message.id, message.kind);
        });
      case "abort":
        unfinished -= 1;
        floor.append("aborted", message);
        return parts.lines.touch();
      case "figures-wanted":
        return line.say({ type: "figures", figures: floor.figures(parts.log), unfinished });
    }
  };
}

function createFloorTools({ job, log, lines }: FloorParts) {
  const meter = createMeter();
  const messageBytes = messageSizes(job.participants);
  const recordBytes = recordSizes(job.participants);
  const pads = new Map<string, string>();
  let messages = 0;

  const padOf = (what: string, type: string, kind: TransactionKind, bytes: number): string => {
    const known = pads.get(`${what} ${type} ${kind}`);
    if (known !== undefined) return known;
    const pad = "x".repeat(Math.max(0, bytes - unpaddedBytes(type, kind)));
    pads.set(`${what} ${type} ${kind}`, pad);
    return pad;
  };

  const textOf = (type: FloorRecordType, { id, kind }: FloorWord): string =>
    JSON.stringify({ type, id, kind, pad: padOf("record", type, kind, recordBytes[type]) });

  return {
    say(line: TurnLine, type: FloorWord["type"], id: number, kind: TransactionKind): void {
      if (type !== "outcome") messages += 1;
      line.say({ type, id, kind, pad: padOf("message", type, kind, messageBytes[type] ?? 0) });
    },
    append: (type: FloorRecordType, message: FloorWord) => log.append(textOf(type, message), null),
    force(type: FloorRecordType, message: FloorWord, onDisk: () => void): void {
      log.append(textOf(type, message), onDisk);
      lines.touch();
    },
    figures: (of: FloorLog): NodeFigures => ({
      ...meter.figures(false),
      ...of.spent,
      ...lines.sent,
      messages,
    }),
  };
}
