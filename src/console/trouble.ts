import { timeOfDay } from "../observe/figures.ts";
import { lostLinks } from "../observe/lost-links.ts";
import type { NodeState } from "../observe/model.ts";
import { exitWords, nodeStatus, sortedNodes } from "../observe/node-status.ts";
import { keyHint } from "./keymap.ts";
import { type Row, span, type Tone } from "./row.ts";
import type { View } from "./view.ts";

/**
 * The worst that is wrong with the nodes and the links between them, in one row on every screen: since when, why, and what to
 * press; `brief`: who and what alone. Empty while all is well.
 */
export function troubleRow(view: View, length: "whole" | "brief" = "whole"): Row {
  const nodes = sortedNodes(view.model);
  for (const status of WORST_FIRST) {
    const troubled = nodes.filter((node) => nodeStatus(node) === status);
    const [first] = troubled;
    if (first === undefined) continue;
    const many = length === "brief" && troubled.length > 1;
    const names = many ? `${troubled.length} nodes` : listed(troubled.map(({ name }) => name));
    const { what, tone } = TROUBLES[status];
    const head = what.replace("NODES", names);
    return [span(length === "brief" ? head : `${head}${detailsOf(view, status, first)}`, tone)];
  }
  const links = linksRow(view, length);
  if (links.length > 0) return links;
  const starting = nodes.filter((node) => nodeStatus(node) === "starting");
  // To be on its way is no trouble, and gives way to what was done.
  if (starting.length === 0 || length === "brief") return [];
  if (starting.some(({ process }) => process?.isReset))
    return [span("what the cluster keeps is deleted, and it starts anew", "warn")];
  const names = listed(starting.map(({ name }) => name));
  const begun = starting.flatMap(({ process }) => (process?.state === "starting" ? [process.sinceMs] : []));
  const since = begun.length === 0 ? "" : `, since ${timeOfDay(Math.min(...begun))}`;
  return [span(`waiting for ${names} to start${since}`, "dim")];
}

/** What can be wrong with a node, the worst first. */
const WORST_FIRST = ["failed", "down", "unheard", "paused"] as const;
type Trouble = (typeof WORST_FIRST)[number];

const TROUBLES: Readonly<Record<Trouble, { readonly what: string; readonly tone: Tone }>> = {
  failed: { what: "NODES did not start", tone: "bad" },
  down: { what: "NODES down", tone: "bad" },
  unheard: { what: "reconnecting to NODES", tone: "warn" },
  paused: { what: "NODES paused", tone: "warn" },
};

function detailsOf(view: View, status: Trouble, node: NodeState): string {
  const { bindings } = view.ui;
  const canAct = view.hasControl && !view.readOnly;
  switch (status) {
    case "failed":
      return `: ${exitWords(node) ?? "no exit status"}${keyHint(bindings, "participants", "shows the log")}`;
    case "down":
      return `${since(node)}: ${exitWords(node) ?? "gone"}${canAct ? keyHint(bindings, "restart", "restarts") : ""}`;
    case "unheard":
      return `${since(node)}: ${node.linkWhy ?? "connection lost"}`;
    case "paused":
      return `${since(node)}${canAct ? keyHint(bindings, "fault", "lets it go on") : ""}`;
  }
}

/** Who does not reach whom, and where that was injected, the key that heals it. */
function linksRow(view: View, length: "whole" | "brief"): Row {
  const links = lostLinks(view.model);
  if (links.length === 0) return [];
  if (length === "brief" && links.length > 1) return [span(`${links.length} links missing`, "warn")];
  const pairs = links.map(({ ends }) => ends.join(" and ")).join(", nor between ");
  const isCut = links.some((link) => link.isCut);
  const heals = isCut && !view.readOnly ? keyHint(view.ui.bindings, "partition", "heals") : "";
  const how = isCut && length === "whole" ? `: cut${heals}` : "";
  return [span(`no link between ${pairs}${how}`, "warn")];
}

/** `coordinator, warehouse and ledger`. */
function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

function since({ process, linkSinceMs }: NodeState): string {
  const isOwn = process?.state === "down" || process?.state === "paused";
  const atMs = isOwn ? process.sinceMs : linkSinceMs;
  return atMs === null || atMs === 0 ? "" : ` since ${timeOfDay(atMs)}`;
}
