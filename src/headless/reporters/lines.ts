import { assertNever } from "../../core/errors.ts";
import type { RunEvent } from "../report.ts";
import { answerText } from "../stage.ts";

/** Tells a run in plain lines as it goes on, and its sum at the end. */
export function lineReporter(write: (line: string) => void): (event: RunEvent) => void {
  const failures: string[] = [];
  let held = 0;
  let scenarios = 0;
  return (event) => {
    switch (event.type) {
      case "scenario-started":
        scenarios += 1;
        write(printable(`${event.scenario}: ${event.description}`));
        return;
      case "step":
        write(printable(`  ${event.text}`));
        return;
      case "transaction-answered": {
        const { transactionId, requestId, durationMs } = event.transaction;
        const id = transactionId ?? `request ${requestId}`;
        write(printable(`    ${id} ${answerText(event.transaction)}, ${roundMs(durationMs)}`));
        return;
      }
      case "expectation-checked": {
        const { text, ok, detail } = event.expectation;
        const line = `${text}${detail === "" ? "" : ` (${detail})`}`;
        if (ok) held += 1;
        else failures.push(`${event.scenario}: ${line}`);
        write(printable(`    ${ok ? "ok" : "FAILED"} ${line}`));
        return;
      }
      case "scenario-ended": {
        const { name, ok, transactions } = event.report;
        const sum = `${transactions.length} transactions, ${roundMs(event.durationMs)}`;
        write(printable(`${name}: ${ok ? "ok" : "FAILED"}, ${sum}`));
        return;
      }
      case "run-ended": {
        for (const failure of failures) write(printable(`FAILED ${failure}`));
        const sum = `${held} expectations held, ${failures.length} failed`;
        const many = scenarios === 1 ? "1 scenario" : `${scenarios} scenarios`;
        write(`${event.ok ? "ok" : "FAILED"}: ${many}, ${sum}, ${roundMs(event.durationMs)}`);
        return;
      }
      default:
        assertNever(event, "run event");
    }
  };
}

function roundMs(durationMs: number): string {
  return durationMs < 1_000 ? `${Math.round(durationMs)} ms` : `${(durationMs / 1_000).toFixed(1)} s`;
}

/** Names and messages come from other processes: what a terminal would obey is shown as a question mark. */
function printable(line: string): string {
  return line.replace(/[\u0000-\u001f\u007f-\u009f]/g, "?");
}
