/**
 * The store in an S3-compatible service. `putIfAbsent` is a put with `If-None-Match: *`; the service decides the race. The SDK retries
 * what can be retried; an error that remains becomes a StoreUnavailableError with its remedy.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
  type S3ClientConfig,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { assertKey, assertPrefix } from './key-syntax.ts';
import { type ObjectInfo, type ObjectStore, StoreUnavailableError } from './object-store.ts';
import type { S3Location } from './s3-location.ts';

const connectionTimeoutMs = 5_000;
/** A connection that has been silent for this long is dead, even if nobody closed it. */
const silenceMs = 20_000;
const maxAttempts = 6;

/** What the user can do, by error code of the service or the network. */
const remedies: Readonly<Record<string, string>> = {
  NoSuchBucket: 'the bucket does not exist: create it, or correct the name',
  AccessDenied: 'access is denied: the credentials need get, put, delete and list on the prefix',
  InvalidAccessKeyId: 'the access key is unknown there: check AWS_ACCESS_KEY_ID',
  SignatureDoesNotMatch: 'the secret does not match the access key: check AWS_SECRET_ACCESS_KEY',
  ExpiredToken: 'the credentials have expired: renew them',
  RequestTimeTooSkewed: "this machine's clock is wrong: set it",
  PermanentRedirect: 'the bucket is in another region: name it with ?region=',
  CredentialsProviderError: 'no credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile',
  ENOTFOUND: 'its host is unknown: check the endpoint',
  ECONNREFUSED: 'nothing answers there: check the endpoint, and whether the service runs',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by an unknown authority: name its certificate in NODE_EXTRA_CA_CERTS',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its certificate is signed by an unknown authority: name its certificate in NODE_EXTRA_CA_CERTS',
};

/** Errors that pass by themselves, besides responses of 409, 429 and 5xx. */
const transientCodes = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'TimeoutError',
  'RequestTimeout',
  'SlowDown',
];
const [badRequest, conflict, lengthRequired, preconditionFailed, tooMany, serverError, notImplemented] = [
  400, 409, 411, 412, 429, 500, 501,
];

/** For a service without conditional puts. */
const noConditions =
  'the service refuses a conditional put (If-None-Match: *), which commits each result once: use a service that supports it, or a directory';

/** The error's own code and those of its causes. */
function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const own = 'code' in error ? [String(error.code)] : [];
  const inner = error instanceof AggregateError ? error.errors.flatMap(codesOf) : [];
  return [error.name, ...own, ...inner, ...codesOf(error.cause)];
}

const abortedBy = (signal: AbortSignal | undefined): { abortSignal?: AbortSignal } => (signal ? { abortSignal: signal } : {});

const statusOf = (error: unknown): number | undefined =>
  error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
/** A response to HEAD has no body to name the error. */
const isDenied = (error: unknown): boolean => statusOf(error) === 403;
const isTransient = (error: unknown): boolean => {
  const status = statusOf(error) ?? 0;
  return (
    status === conflict ||
    status === tooMany ||
    (status >= serverError && status !== notImplemented) ||
    codesOf(error).some((code) => transientCodes.includes(code))
  );
};
const attemptsOf = (error: unknown): number => (error instanceof S3ServiceException ? (error.$metadata.attempts ?? 1) : 1);
/** Responses of services to a header that they do not know, such as a checksum: some have a code, some only a status. */
const mayRefuseHeaders = (error: unknown): boolean =>
  [badRequest, lengthRequired, notImplemented].includes(statusOf(error) ?? 0) || codesOf(error).includes('SignatureDoesNotMatch');
const isAbsent = (error: unknown): boolean => statusOf(error) === 404 && !codesOf(error).includes('NoSuchBucket');

/** Credentials are reread this often, because the owner of a Secret may change it. */
const credentialsLiveMs = 5 * 60_000;

const credentialsIn = (folder: string) => async () => {
  const read = async (name: string): Promise<string> => (await readFile(path.join(folder, name), 'utf8')).trim();
  const [accessKeyId, secretAccessKey] = await Promise.all([read('AWS_ACCESS_KEY_ID'), read('AWS_SECRET_ACCESS_KEY')]);
  return { accessKeyId, secretAccessKey, expiration: new Date(Date.now() + credentialsLiveMs) };
};

export class S3Store implements ObjectStore {
  readonly location: string;
  readonly isRemote = true;
  #client: S3Client;
  readonly #settings: S3ClientConfig;
  #sendsChecksums = true;
  readonly #bucket: string;
  readonly #prefix: string;

  /** @param credentialsFolder as `openStore` has it */
  constructor({ bucket, prefix, endpoint, region, pathStyle }: S3Location, credentialsFolder?: string) {
    this.location = `s3://${bucket}/${prefix}`.replace(/\/$/, '');
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.#settings = {
      ...(endpoint === undefined ? {} : { endpoint }),
      // Services other than AWS have no regions, but every signature names one.
      ...(region !== undefined ? { region } : endpoint !== undefined ? { region: 'us-east-1' } : {}),
      ...(credentialsFolder === undefined ? {} : { credentials: credentialsIn(credentialsFolder) }),
      forcePathStyle: pathStyle,
      maxAttempts,
      requestHandler: new NodeHttpHandler({ connectionTimeout: connectionTimeoutMs, socketTimeout: silenceMs }),
    };
    this.#client = new S3Client(this.#settings);
  }

  async get(key: string, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    return this.#unlessAbsent('reading', key, async () => {
      const { Body } = await this.#client.send(new GetObjectCommand(this.#at(key)), abortedBy(signal));
      return Body?.transformToByteArray();
    });
  }

  async head(key: string, signal?: AbortSignal): Promise<ObjectInfo | undefined> {
    return this.#unlessAbsent('reading', key, async () => {
      const found = await this.#client.send(new HeadObjectCommand(this.#at(key)), abortedBy(signal));
      return { key, sizeBytes: found.ContentLength ?? 0, modifiedMs: found.LastModified?.getTime() ?? 0 };
    });
  }

  async put(key: string, value: Uint8Array, signal?: AbortSignal): Promise<void> {
    await this.#guard('writing', key, () => this.#send({ ...this.#at(key), Body: value }, signal));
  }

  async putIfAbsent(key: string, value: Uint8Array, signal?: AbortSignal): Promise<boolean> {
    const input = { ...this.#at(key), Body: value, IfNoneMatch: '*' };
    return this.#guard('writing', key, async () => {
      try {
        await this.#send(input, signal);
        return true;
      } catch (error) {
        if (statusOf(error) === notImplemented)
          throw new StoreUnavailableError(`store ${this.location}: ${noConditions}`, { cause: error });
        if (statusOf(error) !== preconditionFailed) throw error;
        // When the response to a put was lost, the SDK's retry finds the object that the first try created.
        if (attemptsOf(error) === 1) return false;
        const standing = await this.get(key, signal);
        return standing !== undefined && Buffer.compare(standing, value) === 0;
      }
    });
  }

  async delete(key: string, signal?: AbortSignal): Promise<void> {
    await this.#unlessAbsent('deleting', key, () => this.#client.send(new DeleteObjectCommand(this.#at(key)), abortedBy(signal)));
  }

  async *list(prefix: string, signal?: AbortSignal): AsyncIterable<ObjectInfo> {
    assertPrefix(prefix);
    let token: string | undefined;
    do {
      const page = await this.#guard('listing', prefix, () =>
        this.#client.send(
          new ListObjectsV2Command({ Bucket: this.#bucket, Prefix: this.#prefix + prefix, ContinuationToken: token }),
          abortedBy(signal),
        ),
      );
      for (const { Key, Size, LastModified } of page.Contents ?? []) {
        if (Key === undefined) continue;
        yield { key: Key.slice(this.#prefix.length), sizeBytes: Size ?? 0, modifiedMs: LastModified?.getTime() ?? 0 };
      }
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }

  /**
   * Puts an object. A service that refuses the checksums added by the SDK gets none from then on, as with the setting
   * AWS_REQUEST_CHECKSUM_CALCULATION=when_required; artifacts have our own digests anyway.
   */
  async #send(input: PutObjectCommandInput, signal: AbortSignal | undefined): Promise<void> {
    try {
      await this.#client.send(new PutObjectCommand(input), abortedBy(signal));
    } catch (error) {
      if (!this.#sendsChecksums || !mayRefuseHeaders(error)) throw error;
      await this.#sendPlain(input, signal);
    }
  }

  async #sendPlain(input: PutObjectCommandInput, signal: AbortSignal | undefined): Promise<void> {
    const checksums = { requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' } as const;
    const plain = new S3Client({ ...this.#settings, ...checksums });
    const adopt = (): void => {
      this.#client = plain;
      this.#sendsChecksums = false;
    };
    try {
      await plain.send(new PutObjectCommand(input), abortedBy(signal));
      adopt();
    } catch (error) {
      // The service now answers the actual request.
      if (statusOf(error) === preconditionFailed) adopt();
      throw error;
    }
  }

  #at(key: string): { Bucket: string; Key: string } {
    assertKey(key);
    return { Bucket: this.#bucket, Key: this.#prefix + key };
  }

  async #unlessAbsent<T>(doing: string, key: string, action: () => Promise<T>): Promise<T | undefined> {
    return this.#guard(doing, key, async () => {
      try {
        return await action();
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw error;
      }
    });
  }

  async #guard<T>(doing: string, key: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      if (error instanceof TypeError || error instanceof StoreUnavailableError) throw error;
      if (error instanceof Error && error.name === 'AbortError') throw error;
      const codes = codesOf(error);
      const known = codes.find((code) => code in remedies) ?? (isDenied(error) ? 'AccessDenied' : undefined);
      const text = known === undefined ? (error instanceof Error ? error.message : String(error)) : remedies[known];
      throw new StoreUnavailableError(`store ${this.location}: ${doing} ${key}: ${text} (${known ?? codes[0] ?? 'unknown'})`, {
        cause: error,
        isTransient: isTransient(error),
      });
    }
  }
}
