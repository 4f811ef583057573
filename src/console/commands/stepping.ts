import type { StepSize } from "../../observe/replay/steps.ts";
import type { Session } from "../session.ts";

/** Goes on or back in a replay. */
export function step(session: Session, direction: 1 | -1, size: StepSize): void {
  session.replay?.move(direction, size);
}
