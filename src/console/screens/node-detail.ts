import { timeOfDay } from "../../observe/figures.ts";
import type { NodeState } from "../../observe/model.ts";
import { exitWords, nodeStatus, peerViewOf } from "../../observe/node-status.ts";
import { keyNote } from "../keymap.ts";
import { STATUS_WORDS } from "../panes/nodes-pane.ts";
import { type Row, span, titleRow } from "../row.ts";
import type { View } from "../view.ts";

/** All that is known of one node. */
export function nodeDetail(view: View, node: NodeState, width: number): readonly Row[] {
  const status = nodeStatus(node);
  const { word } = STATUS_WORDS[status];
  const isUp = status === "up";
  const self = node.view;
  const peer = peerViewOf(view.model, node.name);
  const facts: [string, string][] = [
    ["identity", self === null ? "" : self.nodeId],
    ["address", self?.url ?? node.process?.url ?? ""],
    ["started", self === null ? "" : `${timeOfDay(self.startedAtMs)}, epoch ${self.epoch}`],
    ["last end", exitWords(node) ?? ""],
    ["recovery", self?.recovery ?? ""],
    // Of who is not there nothing is known but what was.
    ["peers", isUp ? peersText(node) : ""],
    ["to ack", peer === null || peer.awaiting === 0 ? "" : `${peer.awaiting} commits wait for its ack`],
    ["log", node.process?.logPath ?? ""],
    [
      "faults",
      self === null || !isUp
        ? ""
        : self.faultInjection
          ? `can be armed${view.readOnly ? "" : keyNote(view.ui.bindings, "fault")}`
          : "off",
    ],
    ["lost", status === "unheard" ? (node.linkWhy ?? "") : ""],
  ];
  const rows = facts
    .filter(([, text]) => text !== "")
    .map(([name, text]): Row => [span(`  ${name.padEnd(9)} `, "dim"), span(text)]);
  const broken = (self?.violations ?? []).map(
    (text): Row => [span("  broken    ", "dim"), span(text, "bad")],
  );
  const alarms = (self?.alarms ?? [])
    .slice(-3)
    .map((text): Row => [span("  alarm     ", "dim"), span(text, "bad")]);
  return [titleRow(node.name, width, { note: word }), ...rows, ...broken, ...alarms];
}

function peersText(node: NodeState): string {
  return (node.view?.peers ?? []).map((peer) => `${peer.name} ${peer.connected ? "+" : "x"}`).join("  ");
}
