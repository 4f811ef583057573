import { assertNever } from "../../core/errors.ts";
import type { Session } from "../session.ts";
import type { MenuPick } from "./dialog.ts";
import { confirmKill, crashPointsMenu } from "./menus.ts";

/** Does what a line of a menu is for, or opens what it leads to; what is armed fires `count` times, or the `count`th time. */
export function choose(session: Session, pick: MenuPick, count: number): void {
  switch (pick.type) {
    case "fault":
      session.change({ dialog: null });
      return session.act({ type: "fault", node: pick.node, fault: pick.fault, count });
    case "crash-point":
      session.change({ dialog: null });
      return session.act({ type: "crash-point", node: pick.node, point: pick.point, count });
    case "act":
      session.change({ dialog: null });
      return session.act(pick.action);
    case "open":
      return session.change({ dialog: pick.menu });
    case "points":
      return openPoints(session);
    case "kill": {
      const process = session.cluster?.processes().find((each) => each.name === pick.node);
      if (process === undefined) return session.change({ dialog: null });
      return session.change({ dialog: confirmKill(session.model.get(), process, session.nowMs()) });
    }
    case "restart":
      session.change({ dialog: null });
      return session.act({ type: "restart", node: pick.node });
    default:
      return assertNever(pick, "choice");
  }
}

function openPoints(session: Session): void {
  session.crashPoints().then(
    (points) => session.change({ dialog: crashPointsMenu(session.model.get(), points) }),
    (error: unknown) => session.change({ flash: { text: String(error), tone: "bad" } }),
  );
}
