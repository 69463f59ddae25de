/** NATS credentials in a file: operator credentials (.creds), the seed of a key pair (nkey), or user:password. */
import {
  credsAuthenticator,
  nkeyAuthenticator,
  usernamePasswordAuthenticator,
  type Authenticator,
} from '@nats-io/transport-node';
import { InvalidInputError } from '../../errors.ts';

/** The seed of a user's key pair: its kind, then 56 base32 characters. */
const nkeySeed = /^SU[A-Z2-7]{56}$/m;
const userAndPassword = /^([^:\s]+):(\S+)\s*$/;

/** @param file content of a .creds file, a line with the seed of an nkey, or one line user:password @throws InvalidInputError, never with the content */
export function authenticatorOf(file: Uint8Array): Authenticator {
  const text = new TextDecoder().decode(file);
  if (text.includes('BEGIN NATS USER JWT')) return credsAuthenticator(file);
  const seed = nkeySeed.exec(text)?.[0];
  if (seed !== undefined) return nkeyAuthenticator(new TextEncoder().encode(seed));
  const [, user, password] = userAndPassword.exec(text) ?? [];
  if (user !== undefined && password !== undefined) return usernamePasswordAuthenticator(user, password);
  throw new InvalidInputError(
    `NATS credentials: found ${file.length} bytes in an unknown format; expected a .creds file, the seed of an nkey (SU…), or one line user:password`,
  );
}
