/** A lasting connection to NATS: it reconnects whenever it breaks, and buffers little in the meantime. */
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { InvalidInputError, UnreachableError } from '../../errors.ts';
import { authenticatorOf } from './credentials.ts';

export interface NatsOptions {
  /** nats:// or tls:// addresses, comma-separated. */
  readonly servers: string;
  /** Shown by the server. */
  readonly name: string;
  /** Content of a credentials file in a form that credentials.ts knows. */
  readonly credentials?: Uint8Array;
  /** PEM of the authority that signed the server's certificate. */
  readonly authority?: string;
  /** Prefix of the subjects on which replies arrive; default: one that every user of the account may read. */
  readonly inbox?: string;
}

/** Waits for the first connection up to `waitMs`. @throws StreamUnreachableError, InvalidInputError */
export async function connectNats(options: NatsOptions, waitMs = 30_000): Promise<NatsConnection> {
  const servers = options.servers.split(',').map((server) => server.trim());
  const strange = servers.find((server) => !/^(nats|tls):\/\/[^/]+$/.test(server));
  if (strange !== undefined)
    throw new InvalidInputError(`NATS server "${strange}": expected nats://host:port or tls://host:port`);
  const authenticator = options.credentials && authenticatorOf(options.credentials);
  const until = Date.now() + waitMs;
  for (;;) {
    try {
      return await connect({
        servers,
        name: options.name,
        maxReconnectAttempts: -1,
        reconnectTimeWait: 1000,
        timeout: 5000,
        ...(authenticator && { authenticator }),
        ...(options.inbox !== undefined && { inboxPrefix: options.inbox }),
        ...(options.authority !== undefined && { tls: { ca: options.authority } }),
      });
    } catch (error) {
      if (Date.now() < until && !isDenied(error)) {
        await new Promise((resolve) => setTimeout(resolve, 500));
        continue;
      }
      const reason = error instanceof Error ? error.message : String(error);
      const remedy = isDenied(error) ? 'check the credentials' : 'check the address, and whether the server runs';
      const message = `NATS at ${servers.join(', ')}: ${reason}; ${remedy}`;
      throw new StreamUnreachableError(message, isDenied(error), { cause: error });
    }
  }
}

/** Thrown when NATS cannot be used: unreachable or denied. */
export class StreamUnreachableError extends UnreachableError {
  override readonly name = 'StreamUnreachableError';
  /** NATS answers but refuses these credentials. */
  readonly denied: boolean;
  constructor(message: string, denied: boolean, options?: ErrorOptions) {
    super(message, options);
    this.denied = denied;
  }
}

const isDenied = (error: unknown): boolean =>
  error instanceof Error && /authorization|authentication|permissions/i.test(`${error.name} ${error.message}`);
