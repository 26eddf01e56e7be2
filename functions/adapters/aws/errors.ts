/** `ThrottlingException: Rate exceeded`: name or code, and message, of an AWS error; never its request. */
export function describeAwsError(error: unknown): string {
  if (!Error.isError(error)) return String(error);
  // The SDK's own words do not say where it looks.
  if (error.message === 'Region is missing')
    return 'no AWS region is set: neither AWS_REGION nor the region of your AWS profile';
  // Network errors have a code and no useful name.
  const name = error.name === 'Error' && 'code' in error ? String(error.code) : error.name;
  return error.message === '' ? name : `${name}: ${error.message}`;
}

export function isAwsError(error: unknown, ...names: readonly string[]): boolean {
  return Error.isError(error) && names.includes(error.name);
}
