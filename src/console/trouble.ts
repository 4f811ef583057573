import { timeOfDay } from "../observe/figures.ts";
import { lostLinks } from "../observe/lost-links.ts";
import type { NodeState } from "../observe/model.ts";
import { exitWords, nodeStatus, sortedNodes } from "../observe/node-status.ts";
import { keyHint } from "./keymap.ts";
import { type Row, span } from "./row.ts";
import type { View } from "./view.ts";

/** The worst that is wrong with the nodes and the links between them, in one row on every screen: since when, why, and what to press. Empty while all is well. */
export function troubleRow(view: View): Row {
  const nodes = sortedNodes(view.model);
  for (const status of ["failed", "down", "unheard"] as const) {
    const troubled = nodes.filter((node) => nodeStatus(node) === status);
    const [first] = troubled;
    if (first === undefined) continue;
    const names = troubled.map(({ name }) => name).join(" and ");
    const canRestart = view.hasControl && !view.readOnly;
    switch (status) {
      case "failed":
        return [
          span(
            `${names} did not start: ${exitWords(first) ?? "no exit status"}${keyHint(view.ui.bindings, "participants", "shows the log")}`,
            "bad",
          ),
        ];
      case "down":
        return [
          span(
            `${names} down${since(first)}: ${exitWords(first) ?? "gone"}${canRestart ? keyHint(view.ui.bindings, "restart", "restarts") : ""}`,
            "bad",
          ),
        ];
      case "unheard":
        return [
          span(`reconnecting to ${names}${since(first)}: ${first.linkWhy ?? "connection lost"}`, "warn"),
        ];
    }
  }
  const links = linksRow(view);
  if (links.length > 0) return links;
  const starting = nodes.filter((node) => nodeStatus(node) === "starting").map(({ name }) => name);
  return starting.length === 0 ? [] : [span(`waiting for ${starting.join(" and ")} to start`, "dim")];
}

/** Who does not reach whom, and where that was injected, the key that heals it. */
function linksRow(view: View): Row {
  const links = lostLinks(view.model);
  if (links.length === 0) return [];
  const pairs = links.map(({ ends }) => ends.join(" and ")).join(", nor between ");
  const isCut = links.some((link) => link.isCut);
  const heals = isCut && !view.readOnly ? keyHint(view.ui.bindings, "partition", "heals") : "";
  const how = isCut ? `: cut${heals}` : "";
  return [span(`no link between ${pairs}${how}`, "warn")];
}

function since({ process, linkSinceMs }: NodeState): string {
  const atMs = process?.state === "down" ? process.sinceMs : linkSinceMs;
  return atMs === null || atMs === 0 ? "" : ` since ${timeOfDay(atMs)}`;
}
