import { createMonitor, hearUpdate } from "../../conform/monitor.ts";
import type { Node } from "../../runtime/node.ts";
import type { SessionMessage } from "../../schema/session.ts";
import type { Report } from "./violations.ts";
import type { Checker } from "./witness.ts";

/** What a node tells to those who watch it. */
export type Told = Extract<SessionMessage, { type: "snapshot" | "events" }>;

/** Every step that a node tells of is one that the protocol's rules allow (I16). */
export function createStepChecker(report: Report): Checker {
  const monitor = createMonitor();
  let isBroken = false;
  return {
    serves: (_run, node) =>
      watchNode(node, (told) => {
        const hole = hearUpdate(monitor, told);
        if (hole) report("I16", hole.problem);
        const { violation } = monitor.result();
        if (violation === null || isBroken) return;
        isBroken = true;
        report("I16", `${violation.rule}: ${violation.line}: ${violation.found}`);
      }),
  };
}

/** Subscribes to a node; whoever looks on changes nothing of what happens. */
export function watchNode(node: Node, hear: (told: Told) => void): void {
  const link = {
    send(message: SessionMessage) {
      if (message.type === "snapshot" || message.type === "events") hear(message);
    },
    bufferedBytes: () => 0,
    close() {},
  };
  node.handlers.client(link, { type: "subscribe" });
}
