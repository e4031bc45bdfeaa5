/** Meanings of the exit codes, below the help. */
export const exitCodeHelp = `
Exit codes: 0 done; 64 usage; 65 bad data; 66 input missing; 69 source unreachable; 70 bug;
73 locked by another run; 74 cannot write; 75 cluster count; 77 not permitted; 78 config;
130, 143 stopped by a signal: the next run goes on.`;
