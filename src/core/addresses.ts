import type { Address } from "../schema/ids.ts";

// Nearly all transactions name the same nodes, and thousands of transactions are kept: what is equal to what the last one had is
// kept once for all of them.

let lastAddress: Address | null = null;
let lastAddresses: readonly Address[] = [];

/** This address, or an equal one that is kept already. Nobody may change it. */
export function shareAddress(address: Address): Address {
  if (lastAddress === null || !isSame(address, lastAddress)) lastAddress = address;
  return lastAddress;
}

/** The same for a list of them. */
export function shareAddresses(addresses: readonly Address[]): readonly Address[] {
  if (!areSame(addresses, lastAddresses)) lastAddresses = addresses;
  return lastAddresses;
}

function areSame(some: readonly Address[], others: readonly Address[]): boolean {
  if (some === others) return true;
  if (some.length !== others.length) return false;
  return some.every((address, at) => {
    const other = others[at];
    return other !== undefined && isSame(address, other);
  });
}

function isSame(one: Address, other: Address): boolean {
  return one.name === other.name && one.url === other.url;
}
