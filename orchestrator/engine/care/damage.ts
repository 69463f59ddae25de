/** What is wrong with an object of a store. */
export interface Damage {
  readonly key: string;
  readonly problem: string;
  /** The key to remove, so that the next run, or the next push, makes the object again. */
  readonly repair: string;
}
