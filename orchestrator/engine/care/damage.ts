/** What is wrong with an object of a store. */
export interface Damage {
  readonly key: string;
  readonly problem: string;
  /** Removing this key lets the next run, or the next push, make it again. */
  readonly repair: string;
}
