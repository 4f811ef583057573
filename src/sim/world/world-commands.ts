import type { WatchUpdate } from "../../observe/ports.ts";
import type { Fault, OutcomeMessage } from "../../schema/session.ts";
import type { NodeKind, NodeView, ResourceRows } from "../../schema/views.ts";
import type { BeginCommand } from "./begin-command.ts";
import type { Written } from "./scripted-disk.ts";

/**
 * A whole cluster of production nodes on scripted disks, a scripted network and a scripted clock.
 * Nothing happens but on command, so a trace of it is the same every time.
 */
export interface World {
  addNode(name: string, kind: NodeKind): void;
  begin(node: string, request: BeginCommand): void;
  /** Delivers up to `count` messages, oldest first, with the work and forcing they cause. */
  deliver(count: number): void;
  /** How many messages are on their way. */
  onTheWay(): number;
  /** Delivers, drops or doubles the message at an index, oldest first. */
  touch(index: number, what: "deliver" | "drop" | "double"): void;
  /** Delivers the message numbered `place`, from 1, of those of a type ever sent from one to another: also once more, or one that was lost. */
  pass(type: string, from: string, to: string, place: number): void;
  hold(types: readonly string[]): void;
  drop(type: string, to: string): void;
  duplicate(type: string, to: string): void;
  holdForce(node: string, held: boolean): void;
  /** Everything appended reaches the disk, and the node hears of it. */
  sync(node: string): void;
  /** From here on the disk says of records of these types at once that they are forced. */
  lie(node: string, records: readonly string[]): void;
  /** A timer fires now, `KIND ID`. */
  fire(node: string, timer: string): void;
  /** The disk of a node has so many MiB free; a reserve of 64 is kept. */
  space(node: string, mebibytes: number): void;
  advance(milliseconds: number): void;
  /** Moves one node's wall clock, and nothing else. */
  jump(node: string, milliseconds: number): void;
  crash(node: string, kept: number): void;
  restart(node: string): void;
  lose(node: string, records: number): void;
  wipe(node: string): void;
  partition(one: string, other: string): void;
  heal(one: string, other: string): void;
  arm(node: string, fault: Fault): void;
  checkpoint(node: string): void;
  /** An operator's word about the transaction `NAME:EPOCH.COUNTER`; without a name of the first node. */
  resolve(node: string, place: string, action: "commit" | "abort" | "forget", acceptHazard: boolean): void;
  show(): void;
  /** What a node says about itself; null while it is down. */
  view(node: string): NodeView | null;
  rows(node: string): ResourceRows | null;
  logOf(node: string): readonly Written[];
  /** Every outcome a client was told, in order. */
  outcomes(): readonly OutcomeMessage[];
  /** What a watcher of all nodes has heard. */
  updates(): readonly WatchUpdate[];
  /** What happened since the last call, a line each. */
  takeLines(): string[];
}
