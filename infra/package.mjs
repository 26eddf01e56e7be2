// `npm run package`: packs the function, makes both templates in .package/ and prints what came out. Needs neither network nor
// credentials. The same input gives the same zip, so its hash says whether anything has changed.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const root = join(import.meta.dirname, '..');
const folder = join(root, '.package');
const zip = join(folder, 'scheduler-watchdog.zip');

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
  Properties.FunctionName = { 'Fn::Join': ['-', [{ Ref: 'AWS::StackName' }, 'check']] };
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

if (import.meta.main) {
  const step = (/** @type {string} */ text) => process.stderr.write(`package: ${text}\n`);
  step('packing the function …');
  execFileSync(process.execPath, [join(root, 'infra/build.mjs')], { stdio: ['ignore', 'ignore', 'inherit'] });
  rmSync(folder, { recursive: true, force: true });
  step('making the template …');
  execFileSync(
    join(root, 'node_modules/.bin/osls'),
    ['package', '--package', folder, ...process.argv.slice(2)],
    {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        SLS_TELEMETRY_DISABLED: '1',
        SLS_NOTIFICATIONS_MODE: 'off',
        SLS_DISABLE_AUTO_UPDATE: '1',
      },
    },
  );
  const template = JSON.parse(
    readFileSync(join(folder, 'cloudformation-template-update-stack.json'), 'utf8'),
  );
  writeFileSync(join(folder, 'template.json'), `${JSON.stringify(plainTemplate(template), null, 2)}\n`);
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
