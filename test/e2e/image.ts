/** The image of infra/container without an engine: what its Dockerfile says, as an archive that the rig's containerd takes. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
export const IMAGE = { name: 'rig.local/scheduler-watchdog', tag: '1' };

/** Packs, lays out, and hands over to the node; the base image is this machine's Node with the libraries it names. */
export async function importImage(folder: string): Promise<void> {
  const lines = (await readFile(join(root, 'infra/container/Dockerfile'), 'utf8')).split('\n');
  const said = (word: string) =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  const listOf = (word: string) => JSON.parse(said(word)[0] ?? '[]') as string[];
  const tree = join(folder, 'tree');
  const pack = join(folder, 'pack');
  await run(process.execPath, [join(root, 'infra/pack.mjs'), '--out', pack]);
  for (const copy of said('COPY')) {
    const [from = '', to = ''] = copy.split(' ');
    await cp(from.replace(/^\.pack\/cli/, pack), join(tree, to), { recursive: true });
  }
  const { stdout: needed } = await run('ldd', [process.execPath]);
  const libraries = needed.match(/\/\S+/g) ?? [];
  const files = [[process.execPath, listOf('ENTRYPOINT')[0] ?? ''], ...libraries.map((path) => [path, path])];
  for (const [from = '', to = ''] of files) {
    await mkdir(dirname(join(tree, to)), { recursive: true });
    await copyFile(from, join(tree, to));
  }
  for (const one of ['etc', 'tmp', 'proc', 'sys', 'dev']) await mkdir(join(tree, one), { recursive: true });
  const [user = ''] = said('USER');
  await writeFile(join(tree, 'etc/passwd'), `nonroot:x:${user}::/tmp:/sbin/nologin\n`);
  const layer = join(folder, 'layer.tar');
  await run('tar', ['--owner=0', '--group=0', '-C', tree, '-cf', layer, '.']);
  const hash = createHash('sha256');
  await pipeline(createReadStream(layer), hash);
  const config = {
    architecture: 'amd64',
    os: 'linux',
    config: { Env: said('ENV'), User: user, Entrypoint: listOf('ENTRYPOINT'), Cmd: listOf('CMD') },
    rootfs: { type: 'layers', diff_ids: [`sha256:${hash.digest('hex')}`] },
  };
  const manifest = [
    { Config: 'config.json', RepoTags: [`${IMAGE.name}:${IMAGE.tag}`], Layers: ['layer.tar'] },
  ];
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
  const archive = join(folder, 'image.tar');
  await run('tar', ['-C', folder, '-cf', archive, 'manifest.json', 'config.json', 'layer.tar']);
  await run(join(root, 'test/rig/exec'), ['ctr', '-n', 'k8s.io', 'images', 'import', archive]);
}
