/** Commands whose handlers are typed by their options. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';

interface Definition<Options> {
  /** Name and positional arguments, such as `plan <file>`. */
  readonly command: string;
  readonly describe: string;
  readonly builder: (yargs: Argv) => Argv<Options>;
  readonly handler: (args: ArgumentsCamelCase<Options>) => void | Promise<void>;
}

/** A command among others, whatever its options are. */
export interface Command {
  readonly command: string;
  addTo(yargs: Argv): Argv;
}

/** The builder's options determine the type of the handler's arguments, whose names are in camel case. */
export const defineCommand = <Options>(definition: Definition<Options>): Command & CommandModule<object, Options> => ({
  ...definition,
  addTo: (yargs) => yargs.command(definition.command, definition.describe, definition.builder, definition.handler),
});
