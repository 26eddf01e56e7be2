declare module 'undici/lib/dispatcher/agent.js' {
  const agent: unknown;
  export default agent;
}
declare module 'undici/lib/api/api-request.js' {
  import type { Dispatcher } from 'undici';
  export default function request(this: Dispatcher, options: object): Promise<Dispatcher.ResponseData>;
}
declare module 'undici/lib/core/connect.js' {
  import type { buildConnector } from 'undici';
  export default function connector(options: buildConnector.BuildOptions): buildConnector.connector;
}
