import { Compile } from "typebox/compile";
import { TpcError } from "../core/errors.ts";
import { TransactionId } from "../schema/ids.ts";

const transactionIds = Compile(TransactionId);

/** Throws TPC_USAGE for what is not a transaction id. */
export function transactionIdArgument(text: string): TransactionId {
  if (transactionIds.Check(text)) return text;
  throw new TpcError(
    "TPC_USAGE",
    `${JSON.stringify(text)} is not a transaction id, such as coordinator-0123456789ab.1.7`,
  );
}
