/** The credentials with which pods reach a store that has its own. Pure. */
import type { AllowedStore } from '../stores/store-policy.ts';

type Variable = Readonly<Record<string, unknown>>;

const keys = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];
/** All sources of credentials that the SDK would use before, or instead of, those of the Secret. */
const anyCredentials =
  /^AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|ROLE_ARN|WEB_IDENTITY_TOKEN_FILE|CONTAINER_\w+|PROFILE)$/;

/** @param environment of the install's pods */
export function withCredentials(environment: readonly Variable[], { secretName }: AllowedStore): readonly Variable[] {
  if (secretName === undefined) return environment;
  const others = environment.filter(({ name }) => !anyCredentials.test(String(name)));
  return [...others, ...keys.map((key) => ({ name: key, valueFrom: { secretKeyRef: { name: secretName, key } } }))];
}
