import { SAMPLE_ITEMS } from "../../resources/sample.ts";
import type { Node } from "../../runtime/node.ts";
import type { ClientLink } from "../../runtime/ports.ts";
import type { ResourceRows } from "../../schema/views.ts";

/** What a participant keeps; null at a pure coordinator. */
export function rowsOf(node: Node): ResourceRows | null {
  let rows: ResourceRows | null = null;
  const link: ClientLink = {
    send(message) {
      if (message.type === "reply") rows = message.value as ResourceRows | null;
    },
    bufferedBytes: () => 0,
    close: () => {},
  };
  node.handlers.client(link, { type: "query", queryId: 0, what: "rows" });
  return rows;
}

/** One line of a node's state: what is unfinished, what is reserved or pending, what is wrong. */
export function showNode(node: Node): string {
  const view = node.view();
  const said = [`unfinished ${view.unfinished}`, `in doubt ${view.inDoubt}`];
  const rows = rowsOf(node);
  if (rows?.kind === "warehouse") {
    for (const { sku, onHand, reserved } of rows.items) {
      const first = SAMPLE_ITEMS.find((item) => item.sku === sku);
      if (reserved !== "0" || first?.onHand !== onHand)
        said.push(`${sku} ${onHand} on hand, ${reserved} reserved`);
    }
  }
  if (rows?.kind === "ledger") {
    for (const { id, balance, debitsPending, creditsPending } of rows.accounts) {
      const isPending = debitsPending !== "0" || creditsPending !== "0";
      const pending = isPending ? ` (pending ${debitsPending}/${creditsPending})` : "";
      if (isPending || id === "customer-ada" || id === "revenue") said.push(`${id} ${balance}${pending}`);
    }
  }
  return [...said, ...view.violations, ...view.alarms.map((alarm) => `ALARM ${alarm}`)].join("; ");
}
