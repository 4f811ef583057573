/** The file in which a node's data directory says whose it is. */
export const IDENTITY_FILE = "identity.json";
