/**
 * What the two users of an install may do in NATS, enforced by the server. A worker takes tasks, says that it holds them, and reports.
 * It cannot create, change, purge or delete anything, queue tasks, or read the orchestrator's replies.
 * Different tenants need different NATS accounts: a user who may create a stream may create it on any subject of the account.
 */
import { streamNames, streamOf } from './names.ts';

/** In the form of a user's `permissions` in a nats-server configuration. */
export interface Permissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

export function natsPermissions(install: string): { readonly orchestrator: Permissions; readonly worker: Permissions } {
  const { work, records, events, holds, control, inbox } = streamNames(install);
  const [holdsStream, controlStream] = [streamOf(holds), streamOf(control)];
  const stream = (name: string, ...verbs: readonly string[]): string[] => verbs.map((verb) => `$JS.API.STREAM.${verb}.${name}`);
  const consumers = (name: string, ...verbs: readonly string[]): string[] => [
    `$JS.API.CONSUMER.CREATE.${name}.>`,
    ...verbs.map((verb) => `$JS.API.CONSUMER.${verb}.${name}.*`),
  ];
  return {
    orchestrator: {
      publish: [
        ...['$JS.API.INFO', '$JS.API.STREAM.NAMES'],
        ...[work, records, events, holdsStream, controlStream].flatMap((name) => stream(name, 'CREATE', 'UPDATE', 'INFO')),
        // Fill, inspect and empty the queue.
        ...[`${install}.work.*.*.*`, ...stream(work, 'PURGE'), ...consumers(work, 'INFO', 'DELETE')],
        // Read what workers report.
        ...consumers(events, 'INFO', 'MSG.NEXT', 'DELETE'),
        ...[...stream(holdsStream, 'MSG.GET'), ...consumers(holdsStream, 'INFO', 'DELETE'), `$JS.FC.${holdsStream}.>`],
        // Tell workers what to do.
        `$KV.${control}.>`,
      ],
      subscribe: [`${inbox('orchestrator')}.>`],
    },
    worker: {
      publish: [
        ...['INFO', 'MSG.NEXT'].map((verb) => `$JS.API.CONSUMER.${verb}.${work}.*`),
        ...[`$JS.ACK.${work}.>`, ...stream(controlStream, 'MSG.GET'), `$KV.${holds}.*`],
        ...[`${install}.rec.*.*.*`, `${install}.evt.*.*`],
      ],
      subscribe: [`${inbox('worker')}.>`],
    },
  };
}

/** Stands for the install's id in charts/ncsweep/files/nats-permissions.json. */
const installPattern = 'INSTALL';

export const natsPermissionsTemplate = (): string => `${JSON.stringify(natsPermissions(installPattern), null, 2)}\n`;
