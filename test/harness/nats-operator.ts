/** A NATS operator with one account and one user, as JSON Web Tokens signed with key pairs: what `nsc` would make. */
import { createHash } from 'node:crypto';
import type { Permissions } from '@ncsweep/protocol/stream/jetstream/permissions';
import { nkeys } from '@nats-io/transport-node';

type KeyPair = ReturnType<typeof nkeys.createUser>;

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function token(issuer: KeyPair, subject: string, name: string, nats: object): string {
  const claims = { iat: Math.floor(Date.now() / 1000), iss: issuer.getPublicKey(), sub: subject, name, nats };
  const identified = { ...claims, jti: createHash('sha256').update(JSON.stringify(claims)).digest('hex') };
  const body = `${encoded({ typ: 'JWT', alg: 'ed25519-nkey' })}.${encoded(identified)}`;
  return `${body}.${Buffer.from(issuer.sign(new TextEncoder().encode(body))).toString('base64url')}`;
}

const block = (what: string, content: string): string => `-----BEGIN ${what}-----\n${content}\n------END ${what}------\n`;

const limits = { subs: -1, data: -1, payload: -1 };
const connections = { conn: -1, leaf: -1, imports: -1, exports: -1, wildcards: true };
const storage = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };

/** @returns settings of the server, and the user's .creds file */
export function makeOperator(permissions: Permissions): { readonly settings: object; readonly credentials: string } {
  const [operator, account, user] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createUser()];
  const [accountKey, userKey, systemKey] = [account, user, nkeys.createAccount()].map((pair) => pair.getPublicKey()) as [
    string,
    string,
    string,
  ];
  const accountOf = (key: string, name: string, more: object): string =>
    token(operator, key, name, { type: 'account', version: 2, limits: { ...limits, ...connections, ...more } });
  const userToken = token(account, userKey, 'orchestrator', {
    type: 'user',
    version: 2,
    ...limits,
    pub: { allow: permissions.publish },
    sub: { allow: permissions.subscribe },
  });
  return {
    settings: {
      operator: token(operator, operator.getPublicKey(), 'test', { type: 'operator', version: 2 }),
      resolver: 'MEMORY',
      // JetStream requires a system account.
      system_account: systemKey,
      resolver_preload: { [accountKey]: accountOf(accountKey, 'lab', storage), [systemKey]: accountOf(systemKey, 'SYS', {}) },
    },
    credentials: block('NATS USER JWT', userToken) + block('USER NKEY SEED', new TextDecoder().decode(user.getSeed())),
  };
}
