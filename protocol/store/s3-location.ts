/** `s3://bucket/prefix?endpoint=…&region=…&use_path_style=true`: the location of an S3 store. It never contains credentials. */
import { InvalidInputError } from '../errors.ts';
import { assertKey } from './key-syntax.ts';

export interface S3Location {
  readonly bucket: string;
  /** Empty, or ending in "/". */
  readonly prefix: string;
  /** Endpoint of an S3-compatible service; undefined means AWS, or AWS_ENDPOINT_URL_S3. */
  readonly endpoint: string | undefined;
  readonly region: string | undefined;
  /** Puts the bucket in the path rather than the host name, as most S3-compatible services require. */
  readonly pathStyle: boolean;
}

const example = 's3://bucket/prefix?endpoint=https://s3.example.org&use_path_style=true';
const parameters = ['endpoint', 'region', 'use_path_style'];

/** @throws InvalidInputError */
export function parseS3Location(location: string): S3Location {
  const refuse = (problem: string): InvalidInputError =>
    new InvalidInputError(`store ${location.replace(/\/\/[^/@]*@/, '//…@')}: ${problem}; write it as ${example}`);
  if (!URL.canParse(location)) throw refuse('not a location');
  const url = new URL(location);
  if (url.username !== '' || url.password !== '') {
    throw refuse('credentials do not belong in a location: give them in AWS_ACCESS_KEY_ID or a profile');
  }
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(url.hostname)) throw refuse(`"${url.hostname}" is not a bucket name`);
  const unknown = [...url.searchParams.keys()].filter((name) => !parameters.includes(name));
  if (unknown.length > 0) throw refuse(`unknown parameter ${unknown.join(', ')} (there are ${parameters.join(', ')})`);
  const endpoint = url.searchParams.get('endpoint') ?? undefined;
  if (endpoint !== undefined && !/^https?:\/\/[^/]/.test(endpoint))
    throw refuse(`endpoint "${endpoint}" is not an http(s) address`);
  const path = url.pathname.replace(/^\/+|\/+$/g, '');
  try {
    if (path !== '') assertKey(path);
  } catch {
    throw refuse(`prefix "${path}" may contain only letters, digits, ".", "_", "-" and "/"`);
  }
  return {
    bucket: url.hostname,
    prefix: path === '' ? '' : `${path}/`,
    endpoint,
    region: url.searchParams.get('region') ?? undefined,
    pathStyle: url.searchParams.get('use_path_style') === 'true',
  };
}
