import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node';

/** Why a test was skipped: its name says so, `(skipped: ...)`; golden tests compare data sets that a bare clone has not. */
function whySkipped({ fullName, module }: TestCase): string {
  const named = /\(skipped: ([^()]*)\)/.exec(fullName)?.[1];
  if (named !== undefined) return named;
  return /\/golden\/|-real-sets/.test(module.moduleId)
    ? 'their data set is not below ../shared/data'
    : 'this machine or user does not allow them';
}

/** Skipped tests by reason, in one sentence. */
function skippedText(tests: readonly TestCase[]): string {
  const reasons = new Map<string, number>();
  for (const test of tests) reasons.set(whySkipped(test), (reasons.get(whySkipped(test)) ?? 0) + 1);
  const parts = [...reasons]
    .sort((a, b) => b[1] - a[1])
    .map(([why, count]) => (reasons.size > 1 ? `${count} as ${why}` : `as ${why}`));
  return `${tests.length} skipped: ${parts.join(', ')}`;
}

/** Ends every run with why tests were skipped, and the plain line that people and CI read: `N passed, N failed` (and `, N skipped`). */
export default class CountReporter implements Reporter {
  #isFiltered = false;

  onInit({ config }: Vitest): void {
    this.#isFiltered = config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const count = { passed: 0, failed: unhandled.length, skipped: 0, pending: 0 };
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    for (const test of tests) count[test.result().state]++;
    count.failed += modules.filter((module) => module.errors().length > 0).length;
    const skipped = tests.filter((test) => test.result().state === 'skipped');
    const number = skipped.length > 0 ? `, ${skipped.length} skipped` : '';
    // those that `-t` leaves out need no reason
    const why = skipped.length > 0 && !this.#isFiltered ? `${skippedText(skipped)}\n` : '';
    process.on('exit', () => process.stdout.write(`${why}${count.passed} passed, ${count.failed} failed${number}\n`));
  }
}
