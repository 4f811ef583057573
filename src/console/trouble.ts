import { counted, timeOfDay } from "../observe/figures.ts";
import { lostLinks } from "../observe/lost-links.ts";
import type { NodeState } from "../observe/model.ts";
import { exitWords, nodeStatus, sortedNodes } from "../observe/node-status.ts";
import { keyFor } from "./keymap.ts";
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
          span(`${names} did not start: ${exitWords(first) ?? "no exit status"}; 3 shows the log`, "bad"),
        ];
      case "down":
        return [
          span(
            `${names} down${since(first)}: ${exitWords(first) ?? "gone"}${canRestart ? keyHint(view, "restart", "restarts") : ""}`,
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
  const [first, ...others] = lostLinks(view.model);
  if (first === undefined) return [];
  const more = others.length === 0 ? "" : `, nor ${counted(others.length, "other link")}`;
  const heals = first.isCut && !view.readOnly ? keyHint(view, "partition", "heals") : "";
  const how = first.isCut ? `: cut${heals}` : "";
  return [span(`no link between ${first.ends.join(" and ")}${more}${how}`, "warn")];
}

/** Nothing where the user's own file of keys left the command without one. */
function keyHint({ ui }: View, command: "restart" | "partition", word: string): string {
  const key = keyFor(ui.bindings, command);
  return key === "" ? "" : `; ${key} ${word}`;
}

function since({ process, linkSinceMs }: NodeState): string {
  const atMs = process?.state === "down" ? process.sinceMs : linkSinceMs;
  return atMs === null || atMs === 0 ? "" : ` since ${timeOfDay(atMs)}`;
}
