import { expect, test } from "vitest";
import { plainText } from "../../src/console/row.ts";
import { nodeDetail } from "../../src/console/screens/node-detail.ts";
import { initialUi } from "../../src/console/ui.ts";
import { hearCluster } from "./heard-story.ts";
import { LEDGER, type Story, tellLedgerDown } from "./story.ts";

function detailAfter(tell: (story: Story) => void): string {
  const { model, nowMs } = hearCluster(tell);
  const view = { model, ui: initialUi(), nowMs, clusterName: "demo", readOnly: false, hasControl: true };
  const ledger = model.nodes.get(LEDGER);
  if (ledger === undefined) throw new TypeError("the story has a ledger");
  return nodeDetail(view, ledger, 80).map(plainText).join("\n");
}

test("of a node that is down it is not said whom it reaches, or what could be armed in it", () => {
  const up = detailAfter(() => {});
  expect(up).toMatch(/peers +coordinator \+ +warehouse \+/);
  expect(up).toContain("can be armed");
  const down = detailAfter(tellLedgerDown);
  expect(down).toContain("ledger DOWN");
  expect(down).not.toMatch(/peers|can be armed/);
});
