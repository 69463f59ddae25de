/** What commands need from outside, so that tests can supply their own. */
import type { Machine } from 'ncsweep/machine';
import type { NatsDefaults } from './config.ts';

export interface CommandTools extends Machine {
  /** How to reach NATS when no option is given. */
  readonly nats: NatsDefaults;
  /** How this program was called, for suggesting the next command. */
  readonly program: string;
  /** The whole command as it was typed, for repeating it. */
  readonly commandLine: string;
}
