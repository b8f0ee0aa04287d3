/** One defence, how to take it out, and the test that must then fail. */
export interface Defence {
  /** What it is, in a few words. */
  readonly name: string;
  /**
   * Nothing is taken out: what is named is a fault, put in where no single line keeps it away. It shows no more than that the test finds it.
   */
  readonly isFault?: true;
  /** The file that it is in, from the root. */
  readonly file: string;
  /** The text that is it, or that the fault is put beside. It stands in the file once. */
  readonly find: string;
  /** What stands there when it is taken out, or with the fault. It must still be a program that runs. */
  readonly replace: string;
  /** The file that vitest is given, and the title of the test, as it is written there or in a module of the tests that it imports. */
  readonly test: { readonly file: string; readonly name: string };
}
