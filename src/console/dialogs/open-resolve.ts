import type { Transaction } from "../../observe/model.ts";
import { hasManyCoordinators } from "../../observe/node-status.ts";
import { shortId } from "../../observe/short-id.ts";
import { isFinished, participantNames, transactionStatus } from "../../observe/transaction.ts";
import type { Session } from "../session.ts";
import { addPreview, CHOICE_REQUESTS, openResolveForm, RESOLVE_CHOICES } from "./resolve-form.ts";

/** Opens the dialog that settles a transaction by hand, and asks its nodes what they would do. */
export function openResolve(session: Session, transaction: Transaction | null): void {
  const say = (text: string): void => session.change({ flash: { text, tone: "warn" } });
  if (transaction === null) return say("R settles a transaction by hand: choose one in 1, 2 or 4");
  const model = session.model.get();
  const name = shortId(transaction.id, hasManyCoordinators(model));
  const status = transactionStatus(model, transaction);
  if (isFinished(status)) return say(`${name} is ${status}: there is nothing to settle by hand`);
  const { id: transactionId, coordinator } = transaction;
  const leader = coordinator === null ? [] : [coordinator];
  const nodes = [...new Set([...leader, ...participantNames(transaction)])];
  const opened = openResolveForm({ transactionId, name, coordinator, nodes, openedAtMs: session.nowMs() });
  session.change({ dialog: { type: "resolve", form: opened } });
  for (const choice of RESOLVE_CHOICES) {
    for (const node of nodes) {
      void session.preview(node, { transactionId, ...CHOICE_REQUESTS[choice] }).then((preview) => {
        const { dialog } = session.ui.get();
        // What comes after the dialog was closed, or for an earlier one, is nobody's.
        if (dialog?.type !== "resolve" || dialog.form.nodes !== nodes) return;
        const form = addPreview(dialog.form, choice, { ...preview, node });
        session.change({ dialog: { type: "resolve", form } });
      });
    }
  }
}
