import type { Model } from "../observe/model.ts";
import type { Ui } from "./ui.ts";

/** Everything a row builder may look at. */
export interface View {
  readonly model: Model;
  readonly ui: Ui;
  /** Wall clock, for ages. */
  readonly nowMs: number;
  readonly clusterName: string;
  readonly readOnly: boolean;
  /** Whether processes can be killed and restarted from here. */
  readonly hasControl: boolean;
  /** Events that have come since the view was frozen. */
  readonly arrived?: number;
}
