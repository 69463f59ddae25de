/** Which command modules are loaded, and what Tab completion offers. */
import { defineCommand, type Command } from './define-command.ts';

type Loaders = Readonly<Record<string, () => Promise<Command>>>;

/** The flag by which yargs' scripts request completions; the words of the line follow, starting with the program's name. */
const asking = '--get-yargs-completions';

const nameOnly = (command: string): Command =>
  defineCommand({ command, describe: '', builder: (yargs) => yargs, handler: () => undefined });

/** Loads the module of the command that is called or completed. Completing a name needs only names; help needs all modules. */
export function loadModules(commands: Loaders, args: readonly string[]): Promise<Command[]> {
  const isCompleting = args[0] === asking;
  const [command = '', ...rest] = isCompleting ? args.slice(2) : args;
  if (isCompleting && rest.length === 0) return Promise.resolve(Object.keys(commands).map(nameOnly));
  const called = commands[command];
  if (called !== undefined) return Promise.all([called()]);
  const needsNone = isCompleting || command === 'completion';
  return Promise.all(needsNone ? [] : Object.values(commands).map((load) => load()));
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
