import * as z from 'zod';
import type { DurationMs } from '../core/time.ts';
import { isPlainUrl, map, REFERENCE, REFERENCE_FORM } from './form.ts';
import { type RoutingShape, routingShape } from './routing-schema.ts';

/** What the value behind a secret has to look like before it leaves the process: a reference may name the wrong secret. */
export interface SecretShape {
  /** After "it is no": `routing key: expected 32 letters and digits`. */
  readonly expected: string;
  readonly fits: (value: string) => boolean;
  /** Set where the value is an address that will be called. */
  readonly address?: AddressShape;
}

interface AddressShape {
  /** Schemes that keep it secret on the way; `plain` ones only to this machine, or anywhere where nothing in it is secret. */
  readonly safe: readonly string[];
  readonly plain: readonly string[];
  readonly isSecret: boolean;
}

/** All that configuration knows of one kind of channel; its sender is in a folder of `adapters/alerts/`. */
export interface ChannelForm<S extends z.ZodType = z.ZodType> {
  readonly type: string;
  readonly schema: S;
  /** How one is written, for whoever wrote something else. */
  readonly example: string;
  readonly secrets: Readonly<Record<string, SecretShape>>;
  /** Where the service takes messages; empty where it is the operator's own. `*.example.com` stands for every host below. */
  readonly hosts: readonly string[];
  /** The service may also stand elsewhere; what this machine's own documents say is believed. */
  readonly isSelfHosted: boolean;
  /** Where the service is called, as far as the document says it; secrets are written out. */
  readonly addressOf: (settings: Readonly<Record<string, unknown>>) => string | null;
  /** Set where the service forgets an alert that is not repeated. */
  readonly refreshEveryMs: DurationMs | null;
}

type Secrets = Readonly<Record<string, SecretShape>>;

interface FormParts<N extends string, T extends z.ZodRawShape, Q extends Secrets> {
  readonly type: N;
  readonly meaning: string;
  /** Asked for when a document names this kind. */
  readonly shape: () => T;
  readonly example: string;
  readonly secrets: Q;
  readonly hosts: readonly string[];
  /** What `endpoint` replaces. */
  readonly endpoint: string;
  readonly refreshEveryMs?: DurationMs;
  readonly isSelfHosted?: boolean;
  /** Default: the first secret that is an address. */
  readonly addressOf?: ChannelForm['addressOf'];
  /** What the keys must be together, and at which of them that is said; null where it is right. */
  readonly rule?: (
    document: Readonly<Record<string, unknown>>,
  ) => { readonly at: string; readonly expected: string } | null;
}

export function channelForm<N extends string, T extends z.ZodRawShape, Q extends Secrets>(
  parts: FormParts<N, T, Q>,
) {
  const { type, meaning, shape, example, secrets, hosts, endpoint, rule } = parts;
  const madeSchema = () =>
    map(
      {
        type: z.literal(type).describe(meaning),
        ...shape(),
        endpoint: plainUrl().optional().describe(`For tests and proxies: replaces ${endpoint}.`),
        ...routingShape(),
      },
      `a map such as ${example}`,
    ).superRefine((document, context) => {
      const wrong = rule?.(document) ?? null;
      if (wrong !== null) context.addIssue({ code: 'custom', path: [wrong.at], message: wrong.expected });
    });
  let schema: ReturnType<typeof madeSchema> | undefined;
  const { isSelfHosted = hosts.length === 0, refreshEveryMs = null } = parts;
  const { addressOf = (settings) => addressIn(settings, secrets) } = parts;
  return {
    type,
    /** Made when one is read: most documents name one kind or two. */
    get schema() {
      schema ??= madeSchema();
      return schema;
    },
    example,
    secrets,
    hosts,
    isSelfHosted,
    refreshEveryMs,
    addressOf,
  } satisfies ChannelForm;
}

function addressIn(settings: Readonly<Record<string, unknown>>, secrets: Secrets): string | null {
  const key = Object.keys(secrets).find((one) => secrets[one]?.address !== undefined);
  const found = key === undefined ? null : settings[key];
  return typeof found === 'string' ? found : null;
}

/** What a sender gets: the document, with every secret in place of its reference. */
export type SettingsOf<F extends ChannelForm> = Omit<z.infer<F['schema']>, keyof RoutingShape>;

/** True for a text that starts like a reference; such a one has to be a whole one. */
const looksLikeReference = (found: string) => /^(env|file|ssm|secretsmanager):/.test(found);

/** A reference, or the value itself. */
export function secretText(shape: SecretShape, literal: string) {
  const expected = `${REFERENCE_FORM}, or ${literal}`;
  return z
    .string({ error: expected })
    .refine((found) => (looksLikeReference(found) ? REFERENCE.test(found) : shape.fits(found)), {
      error: expected,
    });
}

/** A web address whose path is its secret. `fits` may ask for more than https, once that holds. */
export function secretUrl(what: string, fits: (url: URL) => string | null = () => null): SecretShape {
  return {
    expected: what,
    fits: (found) => {
      const url = URL.parse(found);
      return url !== null && isPlainUrl(found) && isKeptSecret(url) && fits(url) === null;
    },
    address: { safe: ['https:'], plain: ['http:'], isSecret: true },
  };
}

export function isKeptSecret(url: URL): boolean {
  return url.protocol === 'https:' || isLoopback(url);
}

export function isLoopback({ hostname }: URL): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

function plainUrl() {
  const expected = 'an http or https URL without user and password';
  return z.string({ error: expected }).refine(isPlainUrl, { error: expected });
}
