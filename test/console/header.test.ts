import { describe, expect, test } from "vitest";
import { frameRows } from "../../src/console/frame.ts";
import { isAging } from "../../src/console/frame-store.ts";
import { isPulsing } from "../../src/console/header.ts";
import { KEYMAP } from "../../src/console/keymap.ts";
import { plainText } from "../../src/console/row.ts";
import { initialUi, type Ui } from "../../src/console/ui.ts";
import type { View } from "../../src/console/view.ts";
import { addPulse, lastSeconds, PULSES_MAX, sparkline } from "../../src/observe/pulse.ts";
import { hearStory } from "./heard-story.ts";
import { COORDINATOR, LEDGER, type Story, tellLedgerDown, tellOrder, WAREHOUSE } from "./story.ts";

// Goal: the first rows and the last say at every moment how the cluster is, since when, and why.

function viewOf(tell: (story: Story) => void, ui: Partial<Ui> = {}, laterMs = 0): View {
  const { model, nowMs } = hearStory(tell);
  return {
    model,
    ui: { ...initialUi(), ...ui },
    nowMs: nowMs + laterMs,
    clusterName: "demo",
    readOnly: false,
    hasControl: true,
  };
}

const lines = (view: View, width: number, height: number): readonly string[] =>
  frameRows(view, width, height).map((row) => plainText(row).trimEnd());

describe("throughput and latency", () => {
  const busy = (story: Story): void => {
    story.begin();
    for (let second = 1; second <= 10; second += 1) {
      for (let counter = 0; counter < second; counter += 1)
        tellOrder(story, second * 100 + counter, "committed");
      story.pass(1_000 - second * 36);
    }
  };

  test("stand at the end of the second row, where there is room", () => {
    expect(lines(viewOf(busy), 120, 40)[1]).toMatch(/\d+ tx\/s +[▁-█]+ 3\d ms [▁-█ ]+$/);
    expect(lines(viewOf(busy), 80, 24)[1]).toMatch(/\d+ tx\/s +[▁-█ ]+ 3\d ms [▁-█ ]+$/);
    expect(lines(viewOf(busy), 60, 15)[1]).not.toMatch(/tx\/s/);
  });

  test("are gone when nothing has been committed for a while, and nothing moves any more", () => {
    const view = viewOf(busy, {}, 22_000);
    expect(lines(view, 120, 40)[1]).not.toMatch(/tx\/s/);
    expect(isPulsing(view)).toBe(false);
    expect(isPulsing(viewOf(busy))).toBe(true);
  });

  test("seconds are kept in order, quiet ones are filled in, and the oldest go first", () => {
    let pulses = addPulse([], 2_500, { events: 1 });
    pulses = addPulse(pulses, 4_100, { events: 2 });
    pulses = addPulse(pulses, 2_900, { events: 1 });
    expect(lastSeconds(pulses, 5_000, 3).map(({ events }) => events)).toEqual([2, 0, 2]);
    for (let second = 5; second < 200; second += 1) pulses = addPulse(pulses, second * 1_000, { events: 1 });
    expect(pulses).toHaveLength(PULSES_MAX);
    expect(addPulse(pulses, 1_000, { events: 1 })).toBe(pulses);
  });

  test("a sparkline is as long as its figures, and blank where there is nothing", () => {
    expect(sparkline([0, 1, 4, 8])).toBe(" ▁▄█");
    expect(sparkline([])).toBe("");
  });
});

describe("what is wrong is told on every screen", () => {
  test("a node that is down: since when, how, and the key", () => {
    const view = viewOf(
      (story) => {
        story.begin();
        tellLedgerDown(story);
      },
      { screen: "stock" },
    );
    expect(lines(view, 80, 24).at(-2)).toMatch(/^ledger down since 21:04:11: SIGKILL; r restarts$/);
  });

  test("nobody is heard: the header counts how long, and the last row says why", () => {
    const view = viewOf(
      (story) => {
        story.begin();
        for (const node of [COORDINATOR, WAREHOUSE, LEDGER])
          story.push({ type: "disconnected", node, why: "connect ECONNREFUSED" });
      },
      {},
      8_000,
    );
    const shown = lines(view, 80, 24);
    expect(shown[0]).toContain("DISCONNECTED 8s");
    expect(shown.at(-2)).toMatch(/^reconnecting to coordinator, warehouse and ledger since 21:04:11: conn/);
  });

  const cut = (story: Story, node: typeof WAREHOUSE, peer: typeof WAREHOUSE): void => {
    story.begin();
    story.tell(node, null, {
      type: "injected-changed",
      injected: { faults: [], points: [], cuts: [{ peer, direction: "both" }], isHolding: false },
    });
  };

  test.each([200, 80, 60, 40])(
    "a cut link while nothing moves: at %i columns it is not called LIVE",
    (width) => {
      const view = viewOf((story) => cut(story, COORDINATOR, WAREHOUSE));
      const shown = lines(view, width, 24);
      expect(shown[0]).toContain("DEGRADED");
      expect(shown[0]).not.toContain("LIVE");
      if (width >= 60) expect(shown[0]).toMatch(/part(icipants)? 1\/2/);
      expect(shown.at(-2)).toMatch(/^no link between coordinator and warehou/);
    },
  );

  test("a cut between participants leaves both in the coordinator's reach; the key is the user's own", () => {
    const bindings = KEYMAP.map((each) => (each.command === "partition" ? { ...each, keys: ["P"] } : each));
    const shown = lines(
      viewOf((story) => cut(story, WAREHOUSE, LEDGER), { bindings }),
      80,
      24,
    );
    expect(shown[0]).toMatch(/DEGRADED {2}part 2\/2/);
    expect(shown.at(-2)).toBe("no link between warehouse and ledger: cut; P heals");
  });

  test("how long a node is away goes on counting while nothing is unfinished", () => {
    const away = (story: Story): void => {
      story.begin();
      story.push({ type: "disconnected", node: LEDGER, why: "the node is stopping" });
    };
    expect(isAging(viewOf(away, {}, 60_000))).toBe(true);
    expect(isAging(viewOf((story) => story.begin(), {}, 60_000))).toBe(false);
  });

  test.each([
    ["dashboard", 1],
    ["participants", 1],
    ["in-doubt", 0],
    ["log", 0],
  ] as const)("that is all that moves while nothing happens: on %s in %i rows", (screen, count) => {
    const away = (story: Story): void => {
      story.begin();
      tellLedgerDown(story);
    };
    const [before, after] = [5_000, 6_000].map((laterMs) =>
      lines(viewOf(away, { screen }, laterMs), 120, 40),
    );
    expect(after?.filter((line, row) => line !== before?.[row])).toHaveLength(count);
  });

  test("all links that are missing are named", () => {
    const view = viewOf((story) => {
      cut(story, COORDINATOR, WAREHOUSE);
      story.tell(LEDGER, null, {
        type: "injected-changed",
        injected: {
          faults: [],
          points: [],
          cuts: [{ peer: COORDINATOR, direction: "in" }],
          isHolding: false,
        },
      });
    });
    expect(lines(view, 120, 40)[0]).toMatch(/participants 0\/2/);
    expect(lines(view, 120, 40).at(-2)).toBe(
      "no link between coordinator and warehouse, nor between coordinator and ledger: cut; p heals",
    );
  });

  test("a link that is lost without a cut is missed, one that was never there is on its way", () => {
    const lost = (epoch: number | null) =>
      viewOf((story) => {
        story.begin();
        const peer = {
          name: WAREHOUSE,
          kind: "warehouse",
          nodeId: null,
          url: "ws://127.0.0.1:7421",
          connected: false,
          epoch,
          roundTripMs: null,
          awaiting: 0,
        } as const;
        story.tell(COORDINATOR, null, { type: "peer-changed", peer });
      });
    expect(lines(lost(4), 80, 24)[0]).toMatch(/DEGRADED {2}part 1\/2/);
    expect(lines(lost(4), 80, 24).at(-2)).toBe("no link between coordinator and warehouse");
    expect(lines(lost(null), 80, 24)[0]).toMatch(/LIVE {2}part 2\/2/);
  });

  test("before a participant is up, the empty list does not ask for an order", () => {
    const view = viewOf((story) => {
      for (const [name, kind] of [
        [COORDINATOR, "coordinator"],
        [WAREHOUSE, "warehouse"],
      ] as const)
        story.process(name, { kind, state: "starting" });
    });
    const shown = lines(view, 80, 24).join("\n");
    expect(shown).toContain("waiting for warehouse");
    expect(shown).not.toContain("places an order");
  });

  test("a node that ends by itself shows the end of its log, and where the rest is", () => {
    const view = viewOf((story) => {
      story.begin();
      story.process(LEDGER, {
        state: "down",
        pid: null,
        exit: { code: 74, signal: null },
        logPath: "/data/logs/ledger.log",
        logTail: ["TPC_LOG_WRITE: no room"],
      });
    });
    const shown = lines(view, 80, 24).join("\n");
    expect(shown).toContain("ledger ended by itself exit 74");
    expect(shown).toContain("TPC_LOG_WRITE: no room");
    expect(shown).toContain("log: /data/logs/ledger.log");
  });
});

test.each([
  [80, 24],
  [60, 15],
])("why a node did not start is in sight where its log is shown, also at %i×%i", (width, height) => {
  const logTail = [
    ...Array.from(
      { length: 9 },
      (_, run) => `2026-08-14T21:04:1${run}.000Z ledger run ${run} at ws://127.0.0.1:3408${run}; log: clean`,
    ),
    "TPC_LOG_CORRUPT: segment-1.log at byte 0: acknowledged records are damaged; restore it from a copy",
  ];
  const view = viewOf(
    (story) => {
      story.begin();
      const exit = { code: 65, signal: null };
      story.process(LEDGER, { state: "failed", pid: null, exit, logPath: "/data/logs/ledger.log", logTail });
    },
    { screen: "participants" },
  );
  const shown = lines(view, width, height).join("\n");
  expect(shown).toContain("TPC_LOG_CORRUPT");
  expect(shown).toContain("restore it from a copy");
  expect(shown).toContain("log: /data/logs/ledger.log");
});

describe("the clock", () => {
  test("stands at the end of the first row where there is room, in hours and minutes", () => {
    expect(
      lines(
        viewOf((story) => story.begin()),
        120,
        40,
      )[0],
    ).toMatch(/ 21:04$/);
    expect(
      lines(
        viewOf((story) => story.begin()),
        40,
        10,
      )[0],
    ).not.toMatch(/21:04/);
  });

  test("is not shown over a moment that is kept", () => {
    const { model } = hearStory((story) => story.begin());
    expect(
      lines(
        viewOf((story) => story.begin(), { frozen: model }),
        120,
        40,
      )[0],
    ).not.toMatch(/21:04/);
  });
});

describe("an order that waits for a coordinator that is not there", () => {
  const begin = (story: Story): void => story.begin();

  test("counts as unfinished, and is named where what is unfinished is listed", () => {
    expect(lines(viewOf(begin, { waiting: [{ requestId: "console-1", untilMs: 0 }] }), 120, 40)[0]).toContain(
      "unfinished 1",
    );
    const doubt = lines(
      viewOf(begin, { waiting: [{ requestId: "console-1", untilMs: 0 }], screen: "in-doubt" }),
      80,
      24,
    ).join("\n");
    expect(doubt).toContain("1 order from here waits for the coordinator to answer");
    expect(doubt).not.toContain("nothing is in doubt");
  });

  test("is not counted twice once a transaction tells of it", () => {
    const told = (story: Story): void => {
      story.begin();
      tellOrder(story, 1, "silent");
    };
    const before = lines(viewOf(told), 120, 40)[0] ?? "";
    const count = Number(/unfinished (\d)/.exec(before)?.[1]);
    expect(lines(viewOf(told, { waiting: [{ requestId: "order-1", untilMs: 0 }] }), 120, 40)[0]).toContain(
      `unfinished ${count}`,
    );
  });
});

describe("what was done and what is wrong", () => {
  const ledgerDown = (story: Story): void => {
    story.begin();
    tellLedgerDown(story);
  };
  const flash = {
    text: "armed in warehouse: crash-after-prepare, 3 times; an order sets it off; u disarms it",
    tone: "warn",
  } as const;

  test("are both said whole: in one row, or in two where one has no room", () => {
    const wide = lines(viewOf(ledgerDown, { flash }), 200, 50).at(-2);
    expect(wide).toMatch(/u disarms it {2}│ {2}ledger down since .*; r restarts$/);
    const [above, below] = lines(viewOf(ledgerDown, { flash }), 80, 24).slice(-3);
    expect(above).toBe(flash.text.slice(0, 79).concat("…"));
    expect(below).toMatch(/^ledger down since .*; r restarts$/);
  });

  test("are both said on a low screen, what is wrong in fewer words", () => {
    expect(lines(viewOf(ledgerDown, { flash }), 60, 15).at(-2)).toMatch(/^armed in .*… {2}│ {2}ledger down$/);
  });

  test("on a low screen what was done is not squeezed out by the names of many", () => {
    const many = (state: "down" | "starting") =>
      lines(
        viewOf(
          (story) => {
            story.begin();
            for (const name of [COORDINATOR, WAREHOUSE, LEDGER]) story.process(name, { state });
          },
          { flash },
        ),
        60,
        15,
      );
    expect(many("down").at(-2)).toMatch(/^armed in warehouse: crash.*… {2}│ {2}3 nodes down$/);
    expect(many("starting").at(-2)).toMatch(/^armed in warehouse: crash-after-prepare, 3 times/);
    expect(many("starting")[2]).toBe("~ coordinator  ~ warehouse  ~ ledger");
  });

  test.each([{ filter: "prep" }, { filter: "prep", typingFilter: true }])(
    "neither does a filter hide it: %j",
    (ui) => {
      const rows = lines(viewOf(ledgerDown, ui), 80, 24);
      expect(rows.slice(-3).join(" ")).toContain("ledger down since");
      expect(lines(viewOf(ledgerDown, ui), 60, 15).at(-2)).toContain("│  ledger down");
    },
  );

  test("a process that stands still is missing, and the last row says since when and what lets it go on", () => {
    const view = viewOf(
      (story) => {
        story.begin();
        story.process(WAREHOUSE, { state: "paused", sinceMs: story.nowMs() });
      },
      {},
      12_000,
    );
    const rows = lines(view, 80, 24);
    expect(rows.at(-2)).toMatch(/^warehouse paused since \d\d:\d\d:\d\d; f lets it go on$/);
    expect(rows.join("\n")).toMatch(/= warehouse +PAUSED 12s +/);
  });
});

test("on narrow screens what is wrong goes before what the program is called", () => {
  const blocked = (story: Story): void => {
    story.begin();
    tellOrder(story, 1, "prepared");
    tellLedgerDown(story);
  };
  const first = lines(viewOf(blocked), 40, 10)[0] ?? "";
  expect(first).toContain("DEGRADED");
  expect(first).toContain("DOUBT 0");
});

test("the narrowest screen names every node and the screen that is shown, whole", () => {
  const rows = lines(
    viewOf((story) => story.begin(), { screen: "in-doubt" }),
    40,
    10,
  );
  expect(rows[1]).toBe(" 1  2  3  4 Doubt  5  6");
  expect(rows.slice(2, 7).join(" ")).not.toContain("…");
  const dashboard = lines(
    viewOf((story) => story.begin()),
    40,
    10,
  );
  expect(dashboard[2]).toBe("+ coordinator  + warehouse  + ledger");
});
