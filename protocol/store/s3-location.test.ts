import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../errors.ts';
import { parseS3Location } from './s3-location.ts';

describe('the location of an S3 store', () => {
  it('reads bucket, prefix and parameters', () => {
    expect(parseS3Location('s3://lab/robustness/ours/?endpoint=https://s3.example.org:9000&use_path_style=true')).toEqual({
      bucket: 'lab',
      prefix: 'robustness/ours/',
      endpoint: 'https://s3.example.org:9000',
      region: undefined,
      pathStyle: true,
    });
    expect(parseS3Location('s3://lab?region=eu-west-1')).toMatchObject({ prefix: '', region: 'eu-west-1', pathStyle: false });
  });

  it.each([
    ['s3://', /bucket/],
    ['s3://A_b/x', /bucket/],
    ['s3://lab/a b', /prefix/],
    ['s3://lab?endpoint=localhost:9000', /endpoint/],
    ['s3://lab?path_style=true', /unknown parameter path_style/],
    ['s3://key:secret@lab/x', /credentials do not belong/],
  ])('refuses %s', (location, message) => {
    expect(() => parseS3Location(location)).toThrow(InvalidInputError);
    expect(() => parseS3Location(location)).toThrow(message);
  });

  it('never repeats a secret', () => {
    expect(() => parseS3Location('s3://key:secret@lab/x')).not.toThrow(/secret@/);
  });
});
