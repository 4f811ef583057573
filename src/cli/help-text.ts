import { ERROR_CODES } from "../core/errors.ts";

/** What `help` shows first. */
export const EXAMPLES = `Examples:
  2pc-console                                a local cluster and the console
  2pc-console run                            the same without a screen: scenarios and their expectations
  2pc-console run --list                     which scenarios there are
  2pc-console attach ws://127.0.0.1:7420     the console on a running coordinator
  2pc-console submit --example > order.json
  2pc-console submit order.json              one transaction: committed or aborted, and why
  2pc-console status
  2pc-console simulate --seeds 2000          whole clusters on simulated machines, under every kind of fault
  2pc-console explore --participants 6       every state of two-phase commit, counted and checked
  2pc-console run order --trace run.jsonl && 2pc-console check run.jsonl
  2pc-console bench --concurrency 256        how fast, beside what this machine could do at best

  One process each, in three terminals:
  2pc-console coordinator
  2pc-console participant warehouse
  2pc-console participant ledger
`;

/** The exit statuses, from the table that errors are made of. */
export const EXIT_STATUSES = `
Exit statuses:
  0   it worked; for submit: committed; for run: every expectation held; for explore and simulate: every invariant held;
      for bench: every transaction ended as planned; for check: every step is allowed
  1   for submit: aborted; for run: an expectation failed; for explore and simulate: an invariant was broken;
      for bench: a transaction ended otherwise; for check: a step is not allowed
  2   for submit: the outcome is unknown
${errorStatuses()}`;

function errorStatuses(): string {
  const codes = new Map<number, string[]>();
  for (const [code, { exitCode }] of Object.entries(ERROR_CODES)) {
    codes.set(exitCode, [...(codes.get(exitCode) ?? []), code]);
  }
  return [...codes]
    .sort(([one], [other]) => one - other)
    .map(([exitCode, names]) => `  ${exitCode}  ${names.join(", ")}`)
    .join("\n");
}
