/** `954 MiB`, as people read memory. */
export const mebibytes = (bytes: number): string => `${Math.round(bytes / 1_048_576)} MiB`;
