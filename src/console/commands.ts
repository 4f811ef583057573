import {
  openKill,
  openOrder,
  openReset,
  openRestart,
  repeat,
  settle,
  settleAll,
  toggleReadOnly,
  undo,
} from "./commands/acting.ts";
import { copyNext } from "./commands/copying.ts";
import {
  goToMatch,
  openPalette,
  reverseSort,
  toggleTimes,
  toggleWrap,
  turnContext,
  turnSort,
} from "./commands/finding.ts";
import { openCut, openFaults, openHeld, toggleHold } from "./commands/injecting.ts";
import { goBack, interrupt, quit } from "./commands/leaving.ts";
import {
  freeze,
  openDetail,
  showLastView,
  showScreen,
  toggleMouse,
  turnPane,
  turnTab,
  zoom,
} from "./commands/looking.ts";
import { step } from "./commands/stepping.ts";
import { type Command, keyFor } from "./keymap.ts";
import { move, panLanes } from "./movement.ts";
import type { Session } from "./session.ts";
import { switchTheme } from "./switch-theme.ts";

/** Does what a key asks for, outside dialogs. A read-only console says why not instead of acting. */
export function runCommand(session: Session, command: Command): void {
  const { bindings, readOnly } = session.ui.get();
  const binding = bindings.find((each) => each.command === command);
  if (readOnly && binding?.acts) {
    const text = `this console is read-only: ${keyFor(bindings, "read-only")} unlocks it`;
    return session.change({ flash: { text, tone: "warn" } });
  }
  if (command !== "copy") session.change({ copies: 0 });
  COMMANDS[command](session);
}

const COMMANDS: Readonly<Record<Command, (session: Session) => void>> = {
  dashboard: (session) => showScreen(session, "dashboard"),
  transactions: (session) => showScreen(session, "transactions"),
  participants: (session) => showScreen(session, "participants"),
  "in-doubt": (session) => showScreen(session, "in-doubt"),
  stock: (session) => showScreen(session, "stock"),
  log: (session) => showScreen(session, "log"),
  help: (session) => session.change({ dialog: { type: "help", query: "", index: 0 } }),
  palette: openPalette,
  filter: (session) => session.change({ typingFilter: true }),
  "next-match": (session) => goToMatch(session, 1),
  "previous-match": (session) => goToMatch(session, -1),
  context: turnContext,
  sort: turnSort,
  "reverse-sort": reverseSort,
  wrap: toggleWrap,
  times: toggleTimes,
  freeze,
  zoom,
  copy: copyNext,
  mouse: toggleMouse,
  "next-pane": (session) => turnPane(session, 1),
  "previous-pane": (session) => turnPane(session, -1),
  "command-log": (session) => session.change({ dialog: { type: "command-log", index: null } }),
  "last-view": showLastView,
  "read-only": toggleReadOnly,
  back: goBack,
  quit,
  interrupt,
  suspend: (session) => session.suspend(),
  redraw: (session) => session.redraw(),
  theme: (session) => switchTheme(session),
  down: (session) => move(session, "down"),
  up: (session) => move(session, "up"),
  "page-down": (session) => move(session, "page-down"),
  "page-up": (session) => move(session, "page-up"),
  first: (session) => move(session, "first"),
  last: (session) => move(session, "last"),
  open: openDetail,
  "next-tab": (session) => turnTab(session, 1),
  "previous-tab": (session) => turnTab(session, -1),
  "pan-left": (session) => panLanes(session, -1),
  "pan-right": (session) => panLanes(session, 1),
  order: openOrder,
  burst: (session) =>
    session.change({ dialog: { type: "burst", count: "10", isTyped: false, problem: null } }),
  fault: openFaults,
  partition: openCut,
  hold: toggleHold,
  held: openHeld,
  // Nothing is lost that is not in sight.
  drop: openHeld,
  kill: openKill,
  restart: openRestart,
  reset: openReset,
  resolve: settle,
  "resolve-all": settleAll,
  undo,
  repeat,
  step: (session) => step(session, 1, "event"),
  "step-back": (session) => step(session, -1, "event"),
  "step-phase": (session) => step(session, 1, "phase"),
  "step-phase-back": (session) => step(session, -1, "phase"),
  "step-transaction": (session) => step(session, 1, "transaction"),
  "step-transaction-back": (session) => step(session, -1, "transaction"),
  play: (session) => session.replay?.toggle(),
  faster: (session) => session.replay?.faster(),
  slower: (session) => session.replay?.slower(),
  "to-start": (session) => session.replay?.toStart(),
  "to-end": (session) => session.replay?.toEnd(),
};
