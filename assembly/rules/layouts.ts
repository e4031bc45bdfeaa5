// Constant of the search for frequent sets.

/** Words of the state of a search for frequent sets, before its stack. */
export const frequentStateWords: u32 = 4 + 64;
