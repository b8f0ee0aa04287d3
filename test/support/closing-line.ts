/** Ends the output of a test run with one line that a person, or a script, finds without reading the rest. */
import type { Reporter, TestModule } from 'vitest/node';

export function closingLine(): Reporter {
  return {
    onTestRunEnd(modules, errors) {
      const outcomes = modules.flatMap(outcomesOf);
      const count = (outcome: string) => outcomes.filter((other) => other === outcome).length;
      const failed = count('failed') + errors.length;
      const skipped = count('skipped');
      const line = `${count('passed')} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
      // The coverage is printed after the reporters are done.
      process.once('exit', () => process.stdout.write(`\n${line}\n`));
    },
  };
}

/** A file that could not be run at all counts as one failure. */
function outcomesOf(module: TestModule): string[] {
  const tests = [...module.children.allTests()].map((test) => test.result().state);
  return tests.length === 0 && module.state() === 'failed' ? ['failed'] : tests;
}
