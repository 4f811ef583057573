import { describeWithoutTime } from "../../src/observe/describe.ts";
import type { WatchUpdate } from "../../src/observe/ports.ts";
import type { NodeEvent, Snapshot } from "../../src/schema/events.ts";
import { updatesOf } from "./stories.ts";

export type Heard = { snapshot: Snapshot } | { event: NodeEvent };

/** A story that is changed by hand. Events are found by the first line that matches; `which` counts further ones. */
export interface Tampering {
  drop(line: RegExp, which?: number): void;
  edit(line: RegExp, change: (event: NodeEvent) => NodeEvent, which?: number): void;
  /** Puts a changed copy of an event of the same node behind another. */
  addAfter(line: RegExp, model: RegExp, change: (event: NodeEvent) => NodeEvent): void;
  addBefore(line: RegExp, model: RegExp, change: (event: NodeEvent) => NodeEvent): void;
  editSnapshot(node: string, epoch: number, change: (snapshot: Snapshot) => Snapshot): void;
  /** With numbers that rise by one again. */
  heard(): readonly Heard[];
}

export function tamperWith(story: string): Tampering {
  const heard = updatesOf(story).flatMap(flatten);
  const at = (line: RegExp, which = 0): number => {
    const found = heard.flatMap((each, index) =>
      "event" in each && line.test(describeWithoutTime(each.event, true)) ? [index] : [],
    );
    const index = found[which];
    if (index === undefined) throw new Error(`${story} has no ${line}`);
    return index;
  };
  const eventAt = (index: number): NodeEvent => {
    const each = heard[index];
    if (!each || !("event" in each)) throw new Error("no event");
    return structuredClone(each.event);
  };
  return {
    drop: (line, which) => void heard.splice(at(line, which), 1),
    edit(line, change, which) {
      const index = at(line, which);
      heard[index] = { event: change(eventAt(index)) };
    },
    addAfter: (line, model, change) =>
      void heard.splice(at(line) + 1, 0, { event: change(eventAt(at(model))) }),
    addBefore: (line, model, change) => void heard.splice(at(line), 0, { event: change(eventAt(at(model))) }),
    editSnapshot(node, epoch, change) {
      const index = heard.findIndex(
        (each) =>
          "snapshot" in each && each.snapshot.node.name === node && each.snapshot.node.epoch === epoch,
      );
      const each = heard[index];
      if (!each || !("snapshot" in each))
        throw new Error(`${story} has no snapshot of ${node}, run ${epoch}`);
      heard[index] = { snapshot: change(structuredClone(each.snapshot)) };
    },
    heard: () => renumber(heard),
  };
}

function flatten(update: WatchUpdate): Heard[] {
  if (update.type === "snapshot") return [{ snapshot: update.snapshot }];
  return update.type === "events" ? update.events.map((event) => ({ event })) : [];
}

function renumber(heard: readonly Heard[]): Heard[] {
  const numbers = new Map<string, number>();
  return heard.map((each) => {
    if ("snapshot" in each) {
      numbers.set(each.snapshot.node.name, each.snapshot.number);
      return each;
    }
    const number = (numbers.get(each.event.node) ?? 0) + 1;
    numbers.set(each.event.node, number);
    return { event: { ...each.event, number } };
  });
}
