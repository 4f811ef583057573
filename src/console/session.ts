import type { ClusterControl, ResolveRequest } from "../observe/ports.ts";
import type { NodeName } from "../schema/ids.ts";
import type { Resolution } from "../schema/session.ts";
import type { Action } from "./actions.ts";
import type { ModelStore } from "./model-store.ts";
import type { ReplayDesk } from "./replay/desk.ts";
import type { Store } from "./store.ts";
import type { Colors } from "./theme.ts";
import type { Ui } from "./ui.ts";
import type { View } from "./view.ts";

/** How what was copied is told: `copied the id 4.17; again copies the line`. */
export interface Copied {
  readonly what: string;
  readonly excerpt?: string;
  readonly more?: string;
}

/** What the keys work on: the two stores, and the ways out. */
export interface Session {
  readonly model: ModelStore;
  /** The recorded run that is shown; null where it is a running cluster. */
  readonly replay: ReplayDesk | null;
  readonly ui: Store<Ui>;
  readonly cluster: ClusterControl | null;
  readonly colors: Colors;
  random(): number;
  nowMs(): number;
  size(): { readonly columns: number; readonly rows: number };
  /** What is on the screen now. */
  view(): View;
  change(change: Partial<Ui>): void;
  /** Does it, and remembers it for the repetition. */
  act(action: Action): void;
  /** What a node would do at the user's word. Never rejects: a node that cannot be asked would do nothing. */
  preview(node: NodeName, request: Omit<ResolveRequest, "by" | "reason" | "preview">): Promise<Resolution>;
  /** The words by which a command finds a node, a coordinator where null, and is let in. */
  access(node: NodeName | null): string;
  /** Hands a text to the terminal's clipboard, and says what was copied. */
  copy(told: Copied, text: string): void;
  /** The named points at which a node can be made to crash. */
  crashPoints(): Promise<readonly string[]>;
  leave(reason: "quit" | "signal"): void;
  /** To the shell and back. */
  suspend(): void;
  redraw(): void;
}
