/** One defence, how to take it out, and the test that must then fail. */
export interface Defence {
  /** What it defends against, in a few words. */
  readonly name: string;
  /** The file that it is in, from the root. */
  readonly file: string;
  /** The text that is it. It stands in the file once. */
  readonly find: string;
  /** What stands there when it is taken out. It must still be a program that runs. */
  readonly replace: string;
  /** The file that vitest is given, and the title of the test, as it is written there or in a module of the tests that it imports. */
  readonly test: { readonly file: string; readonly name: string };
}
