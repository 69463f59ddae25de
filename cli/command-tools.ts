/** What commands need from outside, so that tests can bring their own. */
import type { Machine } from 'ncsweep/machine';
import type { NatsDefaults } from './config.ts';

export interface CommandTools extends Machine {
  /** How NATS is reached when nothing is named. */
  readonly nats: NatsDefaults;
  /** How this program is called here, for commands that a person may type next. */
  readonly program: string;
  /** The whole command as it was typed, to be typed again. */
  readonly commandLine: string;
}
