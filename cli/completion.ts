/** Which command modules are loaded, and what Tab completion offers. */
import { defineCommand, type Command } from './define-command.ts';
import { listedCommands } from './listed-commands.ts';

type Loaders = Readonly<Record<keyof typeof listedCommands, () => Promise<Command>>>;

/** The flag by which yargs' scripts request completions; the words of the line follow, starting with the program's name. */
const asking = '--get-yargs-completions';

const isListed = (name: string): name is keyof typeof listedCommands => Object.hasOwn(listedCommands, name);

/** Name and description, which are all that help and the completion of a name need. */
const listedOnly = (listed: { readonly command: string; readonly describe: string }): Command =>
  defineCommand({ ...listed, builder: (yargs) => yargs, handler: () => undefined });

/** Loads the module of the command that is called, or whose options are completed. Without one, all commands are known by name. */
export async function loadModules(commands: Loaders, args: readonly string[]): Promise<Command[]> {
  const isCompleting = args[0] === asking;
  const [command = '', ...rest] = isCompleting ? args.slice(2) : args;
  const isNamed = !isCompleting || rest.length > 0;
  return isNamed && isListed(command) ? [await commands[command]()] : Object.values(listedCommands).map(listedOnly);
}

/** Where a file is expected and nothing is typed yet, nothing is offered, so that the shell offers files. */
export const completeLine =
  (modules: readonly Command[]) =>
  (
    current: string,
    _: unknown,
    standard: (onCompleted: (error: Error | null, completions: string[] | undefined) => void) => void,
    done: (completions: string[]) => void,
  ): void => {
    const takesFile = modules.length === 1 && modules[0]!.command.includes('<file');
    if (takesFile && current === '') done([]);
    else standard((_error, completions) => done(completions ?? []));
  };
