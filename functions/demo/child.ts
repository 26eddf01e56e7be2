import pg from 'pg';

/** What a child process is told by its parent, in its environment. */
export interface ChildEnv {
  readonly DEMO_HOSTNAME: string;
  readonly DEMO_DATABASE: string;
  readonly DEMO_HEALTH_SECONDS: string;
}

export function told(name: keyof ChildEnv): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set; this program is started by the demo`);
  return value;
}

/**
 * A child lives no longer than its parent: the pipe on its standard input closes with it, however it dies. Ctrl-C goes to the
 * whole terminal group; what it means is the parent's to say.
 */
export function liveWithParent(): void {
  process.on('SIGINT', () => {});
  process.stdin.resume();
  process.stdin.on('end', () => process.exit(0));
  process.stdin.on('error', () => process.exit(0));
}

export async function connect(application: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: told('DEMO_DATABASE'), application_name: application });
  await client.connect();
  return client;
}
