// `npm run package`: packs the function, makes both templates in .package/ and prints what came out. Needs neither network nor
// credentials. The same input gives the same zip, so its hash says whether anything has changed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { isMain } from './is-main.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, '.package');
const zip = join(folder, 'scheduler-watchdog.zip');

const step = (/** @type {string} */ text) => process.stderr.write(`package: ${text}\n`);

/** For those who deploy without osls: the code comes from a bucket of theirs, and the stack's name is theirs. */
export function plainTemplate(/** @type {any} */ template) {
  const plain = structuredClone(template);
  for (const name of Object.keys(plain.Resources)) {
    if (name.startsWith('ServerlessDeploymentBucket')) delete plain.Resources[name];
  }
  delete plain.Outputs.ServerlessDeploymentBucketName;
  plain.Description =
    'scheduler-watchdog: finds wedged Airflow schedulers from outside the cluster and removes exactly that pod.';
  plain.Parameters = {
    CodeBucket: {
      Type: 'String',
      Description: 'Bucket in this region that holds the zip of `npm run package`.',
    },
    CodeKey: {
      Type: 'String',
      Default: 'scheduler-watchdog.zip',
      Description:
        'Its key. CloudFormation updates the function only when the key changes: put the hash into it.',
    },
    ...plain.Parameters,
  };
  const { Properties } = plain.Resources.CheckLambdaFunction;
  Properties.Code = { S3Bucket: { Ref: 'CodeBucket' }, S3Key: { Ref: 'CodeKey' } };
  return plain;
}

/** Files that a process reads which imports `entry`, without what loads only on demand. */
function staticClosure(/** @type {string} */ entry, found = new Set()) {
  if (found.has(entry)) return found;
  found.add(entry);
  const text = readFileSync(entry, 'utf8');
  for (const [, path] of text.matchAll(/(?:from|^import|;import) ?"(\.{1,2}\/[^"]+)"/gm))
    staticClosure(join(entry, '..', path ?? ''), found);
  return found;
}

/** Runs a script with this Node; when it fails, its own words are all that is said. */
function run(/** @type {number | 'ignore'} */ output, /** @type {readonly string[]} */ ...args) {
  const env = {
    ...process.env,
    SLS_TELEMETRY_DISABLED: '1',
    SLS_NOTIFICATIONS_MODE: 'off',
    SLS_DISABLE_AUTO_UPDATE: '1',
  };
  const { status, error } = spawnSync(process.execPath, args, {
    cwd: root,
    env,
    stdio: ['ignore', output, 2],
  });
  if (status === 0) return;
  step(`${error?.message ?? 'it failed, as said above'}; nothing was packed`);
  process.exit(1);
}

if (isMain(import.meta.url)) {
  step('packing the function …');
  run('ignore', join(root, 'infra/build.mjs'));
  rmSync(folder, { recursive: true, force: true });
  step('making the template …');
  run(
    2,
    join(root, 'node_modules/osls/bin/serverless.js'),
    'package',
    '--package',
    folder,
    ...process.argv.slice(2),
  );
  const template = JSON.parse(
    readFileSync(join(folder, 'cloudformation-template-update-stack.json'), 'utf8'),
  );
  writeFileSync(join(folder, 'template.json'), JSON.stringify(plainTemplate(template)));
  const bytes = readFileSync(zip);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  // What a function with targets in SSM, state in DynamoDB and a PostgreSQL target loads by its first tick.
  const onAws = readdirSync(join(root, 'dist/chunks')).filter((name) =>
    /^(aws|ssm-targets|metrics|esm)-\w+\.mjs$/.test(name),
  );
  const path = new Set();
  for (const file of ['check.mjs', ...onAws.map((name) => join('chunks', name))])
    staticClosure(join(root, 'dist', file), path);
  const gzipKb = [...path].reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0) / 1024;
  console.log(`zip       .package/scheduler-watchdog.zip  ${Math.round(bytes.length / 1024)} KB`);
  console.log(`sha256    ${sha256}`);
  console.log(
    `check     ${gzipKb.toFixed(0)} KB gzip in ${path.size} files: all that the function has read after its first tick`,
  );
  console.log(
    'template  .package/template.json (CloudFormation, StackSets, Terraform, CDK), .package/cloudformation-template-update-stack.json (osls)',
  );
}
