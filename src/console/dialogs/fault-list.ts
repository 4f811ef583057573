import { timeOfDay } from "../../observe/figures.ts";
import { isHolding } from "../../observe/held.ts";
import type { Model, NodeState } from "../../observe/model.ts";
import { nodeStatus, sortedNodes } from "../../observe/node-status.ts";
import { FAULT_NAMES } from "../../schema/faults.ts";
import type { NodeName } from "../../schema/ids.ts";
import type { Action } from "../actions.ts";
import { injectableNodes } from "../injectable.ts";
import type { MenuPick } from "./dialog.ts";
import { cutMenu, faultNodeMenu, pauseMenu } from "./menus.ts";

/** A line of the panel that can be chosen. */
export interface PanelItem {
  readonly section: "now" | "do";
  readonly label: string;
  readonly note: string;
  /** What choosing it does, in a word. */
  readonly verb: string;
  readonly pick: MenuPick;
}

/** What is injected now, each with what takes it back, and what can be injected. */
export function panelItems(model: Model, preferred: NodeName | null): readonly PanelItem[] {
  const nodes = sortedNodes(model);
  return [...nodes.flatMap(presentItems), ...holdItems(model), ...possibleItems(model, nodes, preferred)];
}

function presentItems({ name, view, process }: NodeState): readonly PanelItem[] {
  const now = (label: string, verb: string, action: Action): PanelItem => {
    return { section: "now", label: name, note: label, verb, pick: { type: "act", action } };
  };
  const injected = view?.injected;
  const times = (count: number): string => (count === 1 ? "" : ` ×${count}`);
  const since = process?.state === "paused" ? [timeOfDay(process.sinceMs)] : [];
  return [
    ...(injected?.faults ?? []).flatMap(({ fault, count }) => {
      const known = FAULT_NAMES.find((each) => each === fault);
      if (known === undefined) return [];
      return [
        now(`${fault}${times(count)}`, "disarms", { type: "fault", node: name, fault: known, count: 0 }),
      ];
    }),
    ...(injected?.points ?? []).map(({ point, count }) =>
      now(`crash at ${point}${times(count)}`, "disarms", {
        type: "crash-point",
        node: name,
        point,
        count: 0,
      }),
    ),
    ...(injected?.cuts ?? []).map(({ peer, direction }) => {
      const way = { both: "link to", out: "what it sends to", in: "what it hears from" }[direction];
      return now(`${way} ${peer} is cut`, "heals", { type: "cut", node: name, peer, direction: null });
    }),
    ...since.map((time) => now(`paused since ${time}`, "resumes", { type: "resume", node: name })),
  ];
}

function holdItems(model: Model): readonly PanelItem[] {
  if (!isHolding(model)) return [];
  const nodes = injectableNodes(model).map(({ name }) => name);
  const waiting = sortedNodes(model).reduce((sum, { held }) => sum + held.length, 0);
  return [
    {
      section: "now",
      label: "all nodes",
      note: `hold their messages, ${waiting} wait`,
      verb: "lets them go on",
      pick: { type: "act", action: { type: "hold", nodes, hold: false } },
    },
  ];
}

function possibleItems(
  model: Model,
  nodes: readonly NodeState[],
  preferred: NodeName | null,
): readonly PanelItem[] {
  const names = injectableNodes(model).map(({ name }) => name);
  const item = (label: string, note: string, pick: PanelItem["pick"]): PanelItem => {
    return { section: "do", label, note, verb: "chooses", pick };
  };
  const injected = nodes.flatMap(({ name, view }) => {
    const it = view?.injected;
    const isClean = it === undefined || it.faults.length + it.points.length + it.cuts.length === 0;
    return isClean ? [] : [{ node: name, injected: it }];
  });
  const paused = nodes.filter((node) => nodeStatus(node) === "paused").map(({ name }) => name);
  const isAnything = injected.length + paused.length > 0;
  return [
    item("arm a fault", "vote no, crash, lose, delay or double a message", {
      type: "open",
      menu: faultNodeMenu(model, preferred),
    }),
    item("crash at a point", "at any named point of a node's loop", { type: "points" }),
    item("cut a link", "both ways or one, between any two nodes", { type: "open", menu: cutMenu(model) }),
    ...(nodes.some(({ process }) => process !== null)
      ? [item("pause a process", "SIGSTOP: it stands still", { type: "open", menu: pauseMenu(model) })]
      : []),
    ...(isHolding(model)
      ? []
      : [
          item("hold messages", "step mode: nothing goes on until you let it", {
            type: "act",
            action: { type: "hold", nodes: names, hold: true },
          }),
        ]),
    ...(isAnything
      ? [
          item("heal all", "disarm, heal and resume everything", {
            type: "act",
            action: { type: "heal-all", injected, paused },
          }),
        ]
      : []),
  ];
}
