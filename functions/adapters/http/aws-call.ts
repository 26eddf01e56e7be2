/** A POST to AWS that is still to be signed. */
export interface AwsCall {
  /** As it is signed. */
  readonly service: string;
  /** null: the watchdog's own. */
  readonly region: string | null;
  /** Of the address to call, once the region is known. */
  readonly urlIn: (region: string) => string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Resolves to the address, and the headers with the signature. */
export type SignAws = (
  call: AwsCall,
) => Promise<{ readonly url: string; readonly headers: Readonly<Record<string, string>> }>;
