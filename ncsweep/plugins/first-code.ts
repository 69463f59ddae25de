/** Code with which an author begins. */
export interface FirstCode {
  readonly file: string;
  readonly function: string;
  readonly code: string;
}
