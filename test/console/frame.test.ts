import { describe, expect, test } from "vitest";
import { cellWidth } from "../../src/console/cell-width.ts";
import type { CommandEntry } from "../../src/console/command-log.ts";
import { faultMenu } from "../../src/console/dialogs/menus.ts";
import { openOrderForm } from "../../src/console/dialogs/order-form.ts";
import { addPreview, openResolveForm, type ResolveForm } from "../../src/console/dialogs/resolve-form.ts";
import { openSettleMany } from "../../src/console/dialogs/settle-many-form.ts";
import { frameRows } from "../../src/console/frame.ts";
import { KEYMAP } from "../../src/console/keymap.ts";
import { marketOf } from "../../src/console/orders.ts";
import { listTransactions } from "../../src/console/panes/transaction-list.ts";
import { fitText, plainText } from "../../src/console/row.ts";
import { paintRow, paletteOf } from "../../src/console/theme.ts";
import { DETAIL_TABS, initialUi, SCREENS, type Ui } from "../../src/console/ui.ts";
import type { View } from "../../src/console/view.ts";
import { emptyModel, type Model } from "../../src/observe/model.ts";
import type { WatchUpdate } from "../../src/observe/ports.ts";
import { reduceAll } from "../../src/observe/reducer.ts";
import { tellCoordinatorDown, tellHeuristic, tellPeersAsking } from "./doubt-story.ts";
import {
  COORDINATOR,
  createStory,
  LEDGER,
  NO_STOCK,
  type Story,
  tellLedgerBack,
  tellLedgerDown,
  tellOrder,
  transactionId,
  WAREHOUSE,
} from "./story.ts";

const SIZES = [
  [200, 50],
  [120, 40],
  [110, 20],
  [100, 30],
  [80, 24],
  [60, 15],
  [47, 11],
  [40, 10],
] as const;

const SITUATIONS: Record<string, (story: Story) => void> = {
  nothing: () => {},
  idle: (story) => story.begin(),
  running: (story) => {
    story.begin();
    for (let counter = 1; counter < 60; counter += 1)
      tellOrder(story, counter, counter % 4 ? "committed" : "refused");
    tellOrder(story, 60, "preparing");
  },
  down: (story) => {
    story.begin();
    tellOrder(story, 1, "silent");
    tellOrder(story, 2, "committing");
    tellLedgerDown(story);
  },
  blocked: (story) => {
    story.begin();
    const id = tellOrder(story, 1, "prepared");
    tellCoordinatorDown(story);
    tellPeersAsking(story, id);
  },
  manyBlocked: (story) => {
    story.begin();
    const ids = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((counter) => tellOrder(story, counter, "prepared"));
    tellCoordinatorDown(story);
    for (const id of ids) tellPeersAsking(story, id);
  },
  heuristic: (story) => {
    story.begin();
    const id = tellOrder(story, 1, "prepared");
    tellCoordinatorDown(story);
    tellHeuristic(story, id, null);
  },
  mixed: (story) => {
    story.begin();
    const id = tellOrder(story, 1, "committing");
    tellHeuristic(story, id, "commit");
  },
  back: (story) => {
    story.begin();
    tellOrder(story, 1, "silent");
    tellLedgerDown(story);
    tellLedgerBack(story);
  },
  failed: (story) => {
    story.begin();
    story.process(LEDGER, {
      state: "failed",
      exit: { code: 71, signal: null },
      logPath: "/home/somebody/.local/state/2pc-console/logs/ledger.log",
      logTail: [
        "2026-08-14T21:04:11.202Z ledger recovers what its log has kept of the runs before",
        "TPC_PORT_TAKEN: the address is taken: 127.0.0.1:7422; choose another --listen address",
      ],
    });
  },
  hostile: (story) => {
    story.begin();
    const names = [
      "\u001b[2J\u001b[Hgone",
      "日本語の商品名とても長い",
      "a\u202eb\u200bc",
      "é".normalize("NFD"),
      "👩‍👩‍👧 family 🏳️‍🌈",
    ];
    story.tell(WAREHOUSE, null, {
      type: "rows-changed",
      rows: {
        kind: "warehouse",
        items: names.map((name, index) => ({
          sku: `${name}${index}`,
          name,
          onHand: "9007199254740991",
          reserved: "1",
          available: "9007199254740990",
          priceMinor: "123456789012345678901234567890",
        })),
      },
    });
    for (const name of names) story.tell(WAREHOUSE, null, { type: "alarm", text: name });
  },
};

function modelOf(situation: string): { model: Model; nowMs: number } {
  const story = createStory();
  SITUATIONS[situation]?.(story);
  const updates: WatchUpdate[] = [];
  story.watcher.subscribe((update) => updates.push(update));
  return { model: reduceAll(emptyModel(), updates, story.nowMs()), nowMs: story.nowMs() + 4_000 };
}

function viewOf(situation: string, ui: Partial<Ui>): View {
  const { model, nowMs } = modelOf(situation);
  return {
    model,
    ui: { ...initialUi(), ...ui },
    nowMs,
    clusterName: "demo",
    readOnly: false,
    hasControl: true,
  };
}

const COMMAND_LOG: readonly CommandEntry[] = [
  { atMs: 0, text: "kill ledger", commands: ["kill -9 4121"], ended: null },
  {
    atMs: 1_000,
    text: "burst: 10 orders",
    commands: ["printf '%s\\n' ".padEnd(4_000, "'{}' ")],
    ended: { text: "burst: 10 of 10 orders committed", tone: "good" },
  },
];

function uiStates(model: Model): readonly Partial<Ui>[] {
  const states: Partial<Ui>[] = SCREENS.map((screen) => ({ screen }));
  states.push(
    { dialog: { type: "help", query: "", index: 3 } },
    { dialog: { type: "help", query: "fil", index: 0 } },
    { dialog: { type: "palette", query: "", index: 3, points: [] } },
    { dialog: { type: "palette", query: "4.", index: 0, points: [] } },
    { dialog: { type: "command-log", index: null } },
    { dialog: { type: "command-log", index: 0 }, commandLog: COMMAND_LOG },
    { screen: "log", filter: "prepare" },
    { typingFilter: true },
  );
  states.push(
    { dialog: { type: "burst", count: "10", isTyped: false, problem: null } },
    { dialog: faultMenu(model, WAREHOUSE) },
  );
  for (const detailTab of DETAIL_TABS) {
    states.push({ detail: transactionId(1), detailTab });
  }
  for (const step of ["choose", "reason", "confirm", "phrase"] as const) {
    states.push({ dialog: { type: "resolve", form: { ...resolveForm(), step, reason: "goods are back" } } });
  }
  for (const step of ["choose", "reason", "confirm", "phrase"] as const) {
    const many = openSettleMany([resolveForm(), resolveForm()], 3, 2, 0);
    states.push({ dialog: { type: "settle-many", form: { ...many, step }, opened: [] } });
  }
  const found = marketOf(model);
  if ("market" in found) states.push({ dialog: { type: "order", form: openOrderForm(found.market) } });
  return states;
}

/** Three nodes have said what they would do, at some length. */
function resolveForm(): ResolveForm {
  const nodes = [COORDINATOR, WAREHOUSE, LEDGER];
  const id = transactionId(1);
  const base = { transactionId: id, name: "4.1", coordinator: COORDINATOR, nodes, openedAtMs: 0 };
  return nodes.reduce(
    (form, node) =>
      addPreview(form, "abort", {
        transactionId: id,
        node,
        accepted: node !== COORDINATOR,
        text: `abort here: alice debitsPending -4980; \u001b[2J revenue. ${"coordinator is away; ".repeat(9)}`,
        mayBreakAtomicity: true,
      }),
    openResolveForm(base),
  );
}

describe("every frame fits its terminal exactly", () => {
  test.each(Object.keys(SITUATIONS))("%s", (situation) => {
    const { model } = modelOf(situation);
    for (const [width, height] of SIZES) {
      for (const ui of uiStates(model)) {
        const rows = frameRows(viewOf(situation, ui), width, height);
        expect(rows).toHaveLength(height);
        for (const row of rows) expect([cellWidth(plainText(row)), width]).toEqual([width, width]);
      }
    }
  });

  test("the key to the help is on every screen, even the narrowest", () => {
    for (const [width, height] of SIZES) {
      for (const screen of SCREENS) {
        const last = frameRows(viewOf("running", { screen }), width, height).at(-1) ?? [];
        expect(plainText(last).startsWith("? help")).toBe(true);
      }
    }
  });

  test("no control character of a name reaches the terminal", () => {
    for (const screen of SCREENS) {
      for (const row of frameRows(viewOf("hostile", { screen }), 120, 40)) {
        expect(plainText(row)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }
    }
  });

  test("below 40×10 it says so and shows nothing else", () => {
    const rows = frameRows(viewOf("running", {}), 39, 9).map(plainText);
    expect(rows[1]).toContain("needs 40x10, has 39x9");
    expect(rows.join("")).not.toContain("Transactions");
  });
});

describe("what must be readable on the smallest screens", () => {
  test("60×15 shows which participant blocks", () => {
    const text = frameRows(viewOf("down", {}), 60, 15).map(plainText);
    expect(text[2]).toContain("x ledger DOWN");
    expect(text.some((line) => line.includes("needs ledger (down): vote"))).toBe(true);
  });

  test.each(SIZES)("the end of a failed process's log is shown whole at %i×%i", (width, height) => {
    const rows = frameRows(viewOf("failed", {}), width, height).map(plainText);
    const left = rows.map((row) => row.split("│")[0]?.trim()).join(" ");
    expect(left).toMatch(/ledger failed to start.*address is taken.* choose another --listen address/);
  });

  test("without colour no colour code is written, and the selected row is still marked", () => {
    const rows = frameRows(viewOf("running", {}), 80, 24).map((row) =>
      paintRow(row, 80, paletteOf("dark", "none")),
    );
    const codes = rows.join("").match(/\u001b\[[0-9;]*m/g) ?? [];
    expect(new Set(codes)).toEqual(
      new Set(["\u001b[0m", "\u001b[1m", "\u001b[2m", "\u001b[7m", "\u001b[1;4m"]),
    );
    expect(rows.some((row) => row.startsWith("\u001b[7m>"))).toBe(true);
  });
});

test("transactions that a restart brought back stand newest first too", () => {
  const view = viewOf("running", {});
  const newestFirst = listTransactions(view).map(({ id }) => id);
  expect(newestFirst[0]).toBe(transactionId(60));
  const atOnce = [...view.model.transactions.values()].map((each) => ({ ...each, startedAtMs: 0 }));
  for (const told of [atOnce, atOnce.toReversed()]) {
    const transactions = new Map(told.map((each) => [each.id, each]));
    const list = listTransactions({ ...view, nowMs: 0, model: { ...view.model, transactions } });
    expect(list.map(({ id }) => id)).toEqual(newestFirst);
  }
});

test("an abort that is tried again says which attempt it was", () => {
  const view = viewOf("running", {});
  const transactions = new Map(view.model.transactions);
  const refused = transactions.get(transactionId(56));
  if (!refused?.coordinatorView) throw new Error("order 56 is refused in this story");
  const reason = { ...NO_STOCK, code: "stock-reserved", retryable: true } as const;
  const coordinatorView = { ...refused.coordinatorView, attempt: 1, reason };
  transactions.set(refused.id, { ...refused, coordinatorView });
  const text = (model: Model) =>
    frameRows({ ...view, model }, 120, 80)
      .map(plainText)
      .join("\n");
  expect(text(view.model)).not.toContain("attempt 1: ");
  expect(text({ ...view.model, transactions })).toContain("attempt 1: ");
});

describe("what is in doubt or decided by hand is told without colour", () => {
  const screen = (situation: string, ui: Partial<Ui>, width = 120, height = 40): string =>
    frameRows(viewOf(situation, ui), width, height).map(plainText).join("\n");

  test("the list says blocked, heuristic and mixed in words and letters", () => {
    expect(screen("blocked", {})).toMatch(/4\.1 +! BLOCKED +P +P/);
    expect(screen("heuristic", {})).toMatch(/4\.1 +! IN DOUBT +P +H/);
    expect(screen("mixed", {})).toMatch(/4\.1 +M MIXED +A +M/);
  });

  test("the header counts what was decided by hand, only while there is any", () => {
    expect(screen("blocked", {})).not.toContain("heuristic");
    expect(screen("mixed", {})).toContain("heuristic 1");
    expect(screen("mixed", {}, 80, 24)).toContain("HEUR 1");
    expect(screen("mixed", {}, 60, 15)).toContain("HEUR 1");
  });

  test("a block says what everybody knows, what is held, and the safe way before the unsafe one", () => {
    const text = screen("blocked", { screen: "in-doubt" }, 80, 24);
    for (const words of [
      "coord log   nothing when last heard; may have decided since",
      "warehouse   in doubt; was told: ledger in doubt as well",
      "LAMP-01 2 reserved (warehouse); alice 49.80 debit pending",
      "behind it   nobody",
      "safe        r: restart coordinator: it answers by its log",
    ])
      expect(text).toContain(words);
    expect(text.indexOf("unsafe")).toBeGreaterThan(text.indexOf("safe  "));
  });

  test("where not all blocks fit, the chosen one is whole and the others say why", () => {
    const text = screen("manyBlocked", { screen: "in-doubt", selectedTransaction: transactionId(6) }, 80, 24);
    expect(text).toMatch(/> 4\.6 [\s\S]*locks [\s\S]*safe [\s\S]*unsafe /);
    expect(text).toMatch(/ {2}4\.5 .*\n +blocked: coordinator down; warehouse in doubt/);
  });

  test("the lowest screens tell who blocks, what is held and the ways out before they tell everything else", () => {
    for (const [width, height] of [
      [80, 15],
      [60, 15],
    ] as const)
      expect(screen("blocked", { screen: "in-doubt" }, width, height)).toMatch(
        / waits for [\s\S]* locks {2}[\s\S]* safe {2}[\s\S]* unsafe {2}/,
      );
    const dialog = { type: "resolve", form: { ...resolveForm(), cursor: 2 } } as const;
    expect(screen("blocked", { dialog }, 60, 15)).toContain("> [x] ledger");
  });

  test("on 60x15 nothing that is needed to settle is cut: logs, answers, locks, and both ways out", () => {
    const text = screen("blocked", { screen: "in-doubt" }, 60, 15);
    expect(text).not.toContain("…");
    const words = text.replace(/\n +/g, " ");
    for (const each of [
      "coord log nothing when last heard; may have decided since",
      "ledger in doubt; was told: warehouse in doubt as well",
      "locks LAMP-01 2 reserved (warehouse); alice 49.80 debit pending (ledger)",
      "safe r: restart coordinator: it answers by its log",
      "unsafe R: commit or abort by hand: right only by luck, since others may end otherwise",
    ])
      expect(words.replace(/ +/g, " ")).toContain(each);
    const sixth = { screen: "in-doubt", selectedTransaction: transactionId(6) } as const;
    expect(screen("manyBlocked", sixth, 60, 15)).toContain("In doubt 6 of 9, 9 in doubt");
  });

  test("figures of a row can be told apart, also beside a sequence", () => {
    const text = screen("blocked", { detail: transactionId(1), detailTab: "effects" }, 120, 40);
    expect(text).toMatch(/FIGURE +NOW +REDO +UNDO/);
    expect(text).toMatch(/alice +debits posted .*\n.* debits pending .*/);
  });

  test("the tail of events tells a question once, however many transactions ask it", () => {
    const lines = screen("manyBlocked", {}, 100, 40).split("\n");
    expect(lines.filter((line) => line.includes("warehouse > ledger INQUIRY 4."))).toHaveLength(1);
  });

  test("the sequence tells questions and answers between participants", () => {
    const text = screen("blocked", { detail: transactionId(1), detailTab: "sequence" }, 80, 40);
    expect(text).toMatch(/inquiry ─*>/);
    expect(text).toMatch(/in-doubt ─*>/);
  });

  test("what is asked stays in sight on the smallest screen", () => {
    const dialog = { type: "resolve", form: { ...resolveForm(), step: "phrase" } } as const;
    expect(screen("blocked", { dialog }, 40, 10)).toContain("type 4.1 to confirm");
  });
});

describe("the table of keys", () => {
  test("no key stands for two things", () => {
    const keys = KEYMAP.flatMap((binding) => binding.keys);
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });
});

test("text is cut and filled by columns, not by characters", () => {
  expect(fitText("日本語", 5)).toBe("日本…");
  expect(cellWidth(fitText("日本語", 4))).toBe(4);
  expect(fitText("12", 4, "right")).toBe("  12");
});
