/** Keys are swallowed for this long after a question is asked, in milliseconds. */
export const CONFIRM_GUARD_MS = 150;
