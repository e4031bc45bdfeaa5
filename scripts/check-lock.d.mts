/** What is wrong with the packages of a lock file, in its order. */
export function faultsOf(lock: { packages: Record<string, object> }): string[];
