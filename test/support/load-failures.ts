/**
 * A reporter for `stryker run`, which looks at the results of tests alone: where a file of tests can't be loaded, because the rules that it
 * uses at its top are broken, there are no results, and the mutant would count as unnoticed (stryker-js, issue 6150). So the file itself
 * becomes a test that failed.
 */
import type { Reporter, RunnerTestCase, RunnerTestFile, Vitest } from 'vitest/node';

export function loadFailures(): Reporter {
  let vitest: Vitest | null = null;
  return {
    onInit(begun) {
      vitest = begun;
    },
    onTestRunEnd() {
      for (const file of vitest?.state.getFiles() ?? []) {
        if ((file.result?.errors ?? []).length > 0) file.tasks.push(asTest(file));
      }
    },
  };
}

function asTest(file: RunnerTestFile): RunnerTestCase {
  const name = 'can be loaded';
  return {
    type: 'test',
    id: `${file.id}_load`,
    name,
    fullName: `${file.name} > ${name}`,
    fullTestName: name,
    mode: 'run',
    file,
    suite: file,
    meta: {},
    timeout: 0,
    annotations: [],
    artifacts: [],
    ...(file.result === undefined ? {} : { result: file.result }),
  } as Omit<RunnerTestCase, 'context'> as RunnerTestCase;
}
