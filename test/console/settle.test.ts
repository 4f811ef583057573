import { afterEach, describe, expect, test } from "vitest";
import { tellCoordinatorDown, tellPeersAsking } from "./doubt-story.ts";
import { closeConsoles, start } from "./running.ts";
import { LEDGER, type Story, tellOrder, transactionId, WAREHOUSE } from "./story.ts";

afterEach(closeConsoles);

describe("settling by hand", () => {
  const blocked = (story: Story): void => {
    story.begin();
    const id = tellOrder(story, 1, "prepared");
    tellCoordinatorDown(story);
    tellPeersAsking(story, id);
  };

  test("R previews every node, asks for a reason, then twice, and tells those that can do it", async () => {
    const { screen, resolved, pass } = start(120, 40, {}, blocked);
    await screen.untilText("! BLOCKED");
    screen.type("4R");
    await screen.untilText("no: cannot be asked: it is down");
    await screen.untilText("[x] ledger      commit here");
    screen.type("\u001b[C");
    await screen.untilText("[x] ledger      abort here");
    screen.type("\r\r");
    await screen.untilText("a reason is needed");
    screen.type("goods are back\r");
    await screen.untilText("abort at warehouse and ledger?");
    pass(1_000);
    screen.type("y");
    await screen.untilText("type 4.1 to confirm");
    screen.type("4.2\r");
    await screen.untilText("that is not 4.1");
    screen.type("\u007f1\r");
    await screen.untilText("4.1 aborted by hand at warehouse and ledger");
    const word = { transactionId: transactionId(1), action: "abort", acceptHazard: false, preview: false };
    const why = { reason: "goods are back", by: "ann" };
    expect(resolved).toEqual([WAREHOUSE, LEDGER].map((node) => ({ node, ...word, ...why })));
    screen.type("6");
    await screen.untilText(`$ 2pc-console resolve ${transactionId(1)} abort --reason 'goods are back'`);
  });

  test("a single node can be chosen, and the equivalent command names it", async () => {
    const { screen, resolved, pass } = start(200, 50, {}, blocked);
    await screen.untilText("! BLOCKED");
    screen.type("R");
    await screen.untilText("[x] warehouse");
    screen.type("j ");
    await screen.untilText("[ ] warehouse");
    screen.type("\rwhy not\r");
    await screen.untilText("commit at ledger?");
    pass(1_000);
    screen.type("y4.1\r");
    await screen.untilText("4.1 committed by hand at ledger");
    expect(resolved.map(({ node, action }) => `${action} at ${node}`)).toEqual(["commit at ledger"]);
    screen.type("6");
    await screen.untilText("commit --reason 'why not' --to ws://127.0.0.1:7422 --node ledger");
  });

  test.each([
    ["Esc at any step", ["\u001b"]],
    ["anything but y", ["\rbecause\r", "x"]],
  ])("%s leaves everything as it is", async (_, keys) => {
    const { screen, resolved, pass } = start(80, 24, {}, blocked);
    await screen.untilText("! BLOCKED");
    screen.type("R");
    await screen.untilText("[x] ledger");
    for (const key of keys) {
      screen.type(key);
      await screen.until("the keys to be taken", () => screen.stdin.readableLength === 0);
      pass(1_000);
    }
    await screen.until("no dialog", (lines) => !lines.some((line) => line.includes("Settle 4.1")));
    expect(resolved).toEqual([]);
  });

  test("the question is not answered by keys typed just before it", async () => {
    const { screen, resolved } = start(80, 24, {}, blocked);
    await screen.untilText("! BLOCKED");
    screen.type("R");
    await screen.untilText("[x] ledger");
    screen.type("\rbecause\ryyyy");
    await screen.untilText("commit at warehouse and ledger?");
    expect(resolved).toEqual([]);
  });

  test("what every node refuses is not asked of any", async () => {
    const { screen, resolved } = start(120, 40, {}, blocked);
    await screen.untilText("! BLOCKED");
    screen.type("R");
    await screen.untilText("[x] ledger");
    screen.type("\u001b[C\u001b[C");
    await screen.untilText("‹ forget ›   forget, hazard    refused everywhere");
    screen.type("\r");
    await screen.untilText("no node is to forget it");
    expect(resolved).toEqual([]);
  });

  test("an attached console may settle; a read-only one says why it may not; what is finished needs nothing", async () => {
    const attached = start(80, 24, { cluster: null }, blocked);
    await attached.screen.untilText("! BLOCKED");
    attached.screen.type("R");
    await attached.screen.untilText("Settle 4.1 by hand");
    const watching = start(80, 24, { readOnly: true }, blocked);
    await watching.screen.untilText("! BLOCKED");
    watching.screen.type("R");
    await watching.screen.untilText("this console is read-only: L unlocks it");
    const finished = start(80, 24, {}, (story) => {
      story.begin();
      tellOrder(story, 1, "committed");
    });
    await finished.screen.untilText("+ committed");
    finished.screen.type("R");
    await finished.screen.untilText("4.1 is committed: there is nothing to settle by hand");
  });
});
