import { order } from "../market.ts";
import type { Scenario } from "../scenario.ts";

export const PARTICIPANT_CRASH: Scenario = {
  name: "participant-crash",
  description:
    "the ledger crashes prepared, first after its vote and then before it; each order ends when it is back",
  needsProcesses: true,
  async run(stage) {
    const { cast } = stage;
    stage.step("the ledger crashes after voting yes: it is in doubt, the decision is not");
    await stage.arm(cast.ledger, "crash-after-vote");
    const voted = stage.submit(order(cast, await stage.market(), 1n));
    await stage.crashed(cast.ledger);
    stage.expectCommitted("the client has its commit although the ledger is away", await voted);
    await stage.restart(cast.ledger);
    await stage.settled((await voted).transactionId);
    stage.expect("the ledger learns the decision after its restart", true);

    stage.step("the ledger crashes prepared but before voting: the coordinator gives that attempt up");
    await stage.arm(cast.ledger, "crash-before-vote");
    const unvoted = stage.submit(order(cast, await stage.market(), 1n));
    await stage.crashed(cast.ledger);
    await stage.restart(cast.ledger);
    const answer = await unvoted;
    stage.expectCommitted("a later attempt of the same request commits", answer);
    await stage.settled(answer.transactionId);
  },
};

export const COORDINATOR_CRASH: Scenario = {
  name: "coordinator-crash",
  description: "the coordinator crashes with its decision on disk and nobody told; the transaction commits",
  needsProcesses: true,
  async run(stage) {
    const { cast } = stage;
    const requestId = stage.newRequestId();
    const operations = order(cast, await stage.market(), 1n);
    stage.step("the coordinator crashes after forcing the commit record");
    await stage.arm(cast.coordinator, "crash-after-decision");
    const first = stage.submit(operations, { requestId });
    await stage.crashed(cast.coordinator);
    await stage.restart(cast.coordinator);
    const heard = await first;
    stage.expect("the client is told nothing untrue", heard.outcome !== "aborted", heard.outcome);
    stage.step("the same request, sent again");
    const answer = await stage.submit(operations, { requestId });
    stage.expectCommitted("the decision on disk stands", answer);
    await stage.settled(answer.transactionId);
    stage.expect("warehouse and ledger both perform it", true);
  },
};
