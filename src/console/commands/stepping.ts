import type { StepSize } from "../../observe/replay/steps.ts";
import type { Session } from "../session.ts";
import { letGo } from "./injecting.ts";

/** Goes on or back in a replay; on in a cluster that is held. */
export function step(session: Session, direction: 1 | -1, size: StepSize): void {
  if (session.replay !== null) return session.replay.move(direction, size);
  if (direction > 0 && size !== "transaction") letGo(session, size);
}
