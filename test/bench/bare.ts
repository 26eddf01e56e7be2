// The peer: the same requests by undici's `request` and nothing else. URLs come as a JSON array on stdin.
import { text } from 'node:stream/consumers';
import { Agent, request } from 'undici';

const urls: readonly string[] = JSON.parse(await text(process.stdin));
const began = performance.now();
const cpu = process.cpuUsage();
const agent = new Agent();
let next = 0;
let failed = 0;
async function worker(): Promise<void> {
  while (next < urls.length) {
    const url = urls[next++] ?? '';
    try {
      const answer = await request(url, { dispatcher: agent, signal: AbortSignal.timeout(5_000) });
      await answer.body.text();
    } catch {
      failed += 1;
    }
  }
}
await Promise.all(Array.from({ length: 250 }, worker));
const used = process.cpuUsage(cpu);
console.log(
  JSON.stringify({
    wallMs: performance.now() - began,
    cpuMs: (used.user + used.system) / 1000,
    maxRssMib: process.resourceUsage().maxRSS / 1024,
    failed,
  }),
);
process.exit(0);
