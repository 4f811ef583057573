import type { Ui } from "../../src/console/ui.ts";
import { armCrash, pidOf, submitOrder } from "./cluster-hands.ts";
import type { RealTerminal } from "./terminal.ts";

/** One picture: where the program is led, and what of the console it must show. */
export interface Situation {
  readonly name: string;
  readonly title: string;
  readonly columns: number;
  readonly rows: number;
  readonly theme: Ui["theme"];
  /** The screen, or the tab, that is open then. */
  readonly ui: Pick<Ui, "screen"> & Partial<Pick<Ui, "detailTab">>;
  /** From the situation before to this one. */
  lead(terminal: RealTerminal, dir: string): Promise<void>;
}

/** In this order one console is led through them. */
export const SITUATIONS: readonly Situation[] = [
  {
    name: "sequence",
    title: "A transaction that has committed: its sequence, votes, cost and effects",
    columns: 120,
    rows: 36,
    theme: "dark",
    ui: { screen: "dashboard", detailTab: "sequence" },
    async lead(terminal) {
      await terminal.untilText(/LIVE.*participants 2\/2/);
      await terminal.untilText("LAMP-01");
      await terminal.untilText("customer-ada");
      await placeOrder(terminal);
      await terminal.untilText(/committed in/);
      terminal.type("\r");
      await terminal.untilText("Esc closes");
      await terminal.untilText(/\+ end/);
    },
  },
  {
    name: "dashboard",
    title: "The dashboard while orders are placed",
    columns: 120,
    rows: 36,
    theme: "dark",
    ui: { screen: "dashboard" },
    async lead(terminal) {
      terminal.type("\u001b");
      await terminal.untilText(/Transactions 1/);
      // A few orders a second, for as long as a sparkline goes back.
      for (const count of [2, 4, 1, 5, 3, 2]) {
        terminal.type(`b${count}\r`);
        await terminal.untilText(/burst: \d+ of \d+/);
        await new Promise((resolve) => setTimeout(resolve, 900));
      }
      await terminal.untilText(/ tx\/s .*[▁-█]/);
    },
  },
  {
    name: "participant-down",
    title: "A participant is down: an order waits for it and is tried again",
    columns: 80,
    rows: 24,
    theme: "dark",
    ui: { screen: "dashboard" },
    async lead(terminal, dir) {
      process.kill(await pidOf(dir, "ledger"), "SIGKILL");
      await terminal.untilText(/x ledger .*DOWN/);
      terminal.resize(80, 24);
      await terminal.untilText("? help");
      await submitOrder(dir);
      await terminal.untilText(/~ retrying/);
    },
  },
  {
    name: "in-doubt",
    title: "The coordinator died after logging its decision: what everybody knows, holds, and can do",
    columns: 100,
    rows: 30,
    theme: "dark",
    ui: { screen: "in-doubt" },
    async lead(terminal, dir) {
      terminal.resize(100, 30);
      terminal.type("r");
      await terminal.untilText(/LIVE/);
      await terminal.untilText(/unfinished 0|unfin 0/);
      await armCrash(dir);
      await submitOrder(dir);
      await terminal.untilText(/BLOCKED|IN DOUBT/);
      terminal.type("4");
      await terminal.untilText(/coord log/);
      await terminal.untilText(/asked \d+ times/);
    },
  },
  {
    name: "light",
    title: "The light theme, and the same transaction after the coordinator's restart",
    columns: 100,
    rows: 36,
    theme: "light",
    ui: { screen: "dashboard", detailTab: "sequence" },
    async lead(terminal) {
      terminal.resize(100, 36);
      terminal.type("1r");
      await terminal.untilText(/LIVE/);
      await terminal.untilText(/unfinished 0|unfin 0/);
      terminal.type("\rT");
      await terminal.untilText(/restarted: epoch/);
      await terminal.untilText("theme light");
    },
  },
];

/** The proposed order, as it is: Enter goes to its end, and sends it. */
async function placeOrder(terminal: RealTerminal): Promise<void> {
  const isOpen = (): boolean => terminal.lines().some((line) => line.includes("New order"));
  terminal.type("a");
  await terminal.untilText("New order");
  while (isOpen()) {
    terminal.type("\r");
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
}
