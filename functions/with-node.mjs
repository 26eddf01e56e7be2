// `node functions/with-node.mjs COMMAND ARGS…`: runs a command with a Node that runs TypeScript in front of the path.
import { ownNode, refuseThisNode, run } from './own-node.mjs';

const node = ownNode();
const [command, ...args] = process.argv.slice(2);
if (node === null) refuseThisNode();
else run(command, args, node, { SIGINT: null, SIGTERM: 'SIGTERM', SIGHUP: 'SIGHUP' });
