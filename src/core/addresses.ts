import type { Address, NodeName } from "../schema/ids.ts";
import type { NodeState } from "./node-state.ts";

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

/** Where the nodes of these names are, as far as is known, in their order. */
export function addressesOf(node: NodeState, names: readonly NodeName[]): readonly Address[] {
  if (!areOf(lastAddresses, node, names))
    lastAddresses = names.map((name) => ({ name, url: urlOf(node, name) }));
  return lastAddresses;
}

function areOf(addresses: readonly Address[], node: NodeState, names: readonly NodeName[]): boolean {
  if (addresses.length !== names.length) return false;
  return addresses.every(({ name, url }, at) => name === names[at] && url === urlOf(node, name));
}

function urlOf({ self, peers }: NodeState, name: NodeName): string {
  return name === self.name ? self.url : (peers.get(name)?.url ?? "");
}

let lastNames: readonly NodeName[] = [];

/** The names of some nodes, in their order, or an equal list that is kept already. */
export function namesOf(nodes: readonly { readonly name: NodeName }[]): readonly NodeName[] {
  if (!areNames(lastNames, nodes)) lastNames = nodes.map(({ name }) => name);
  return lastNames;
}

function areNames(names: readonly NodeName[], nodes: readonly { readonly name: NodeName }[]): boolean {
  return names.length === nodes.length && names.every((name, at) => name === nodes[at]?.name);
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
