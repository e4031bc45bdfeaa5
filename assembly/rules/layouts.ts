// Constant of the search for frequent sets (frequent.ts).

/** Length in words of the search's state, which precedes its stack in the scratch. */
export const frequentStateWords: u32 = 4 + 64;
