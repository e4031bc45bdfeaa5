// Each kernel by itself on one thread, in ns per unit and in share of what the machine can do, measured in the same run: bytes moved against
// memory bandwidth, multiply-adds against a loop of nothing else (half of its f32 peak for kernels that compute in f64). The higher share
// shows the limit; low shares on both sides: neither does, but latency, caches or work that is neither. The table is printed and goes,
// with the machine, to build/limits.json.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { kernelHash } from '@basketwise/core/parts';
import { alsBenches } from './limits-als.ts';
import { basketBenches } from './limits-baskets.ts';
import { clusterBenches } from './limits-clusters.ts';
import { limitModule, measureLimits } from './machine-limits.ts';
import { customers, measuredOn, mediansOf } from './measure.ts';

const loadBefore = loadavg();
const module = await limitModule();
const limits = measureLimits(module);
const benches = [...(await basketBenches()), ...(await alsBenches(module)), ...(await clusterBenches())];
const medians = await mediansOf(benches);
const measured = benches.map(({ name, unit, bytes, multiplyAdds, precision }, i) => {
  const nanoseconds = medians[i]!;
  const peak = precision === 'f32' ? limits.multiplyAdds : limits.multiplyAdds / 2;
  return {
    ...{ name, unit, nanoseconds, bytes, multiplyAdds, precision },
    bandwidthShare: bytes / (nanoseconds * 1e-9) / limits.bandwidth,
    peakShare: multiplyAdds / (nanoseconds * 1e-9) / peak,
  };
});

const percent = (share: number) => (share < 0.0005 ? '-' : `${(100 * share).toFixed(1)} %`);
console.log(`\n${customers} customers, one thread (${measuredOn}, load ${loadBefore[0]!.toFixed(1)})`);
console.log(
  `memory ${(limits.bandwidth / 1e9).toFixed(1)} GB/s, multiply-adds ${(limits.multiplyAdds / 1e9).toFixed(1)} G/s in f32\n`,
);
console.log('| kernel | unit | ns | bytes | of bandwidth | multiply-adds | of peak |\n|---|---|---:|---:|---:|---:|---:|');
for (const { name, unit, nanoseconds, bytes, multiplyAdds, precision, bandwidthShare, peakShare } of measured) {
  const adds = multiplyAdds > 0 ? `${multiplyAdds.toFixed(0)} ${precision}` : '-';
  const cells = [name, unit, nanoseconds.toFixed(1), bytes.toFixed(0), percent(bandwidthShare), adds, percent(peakShare)];
  console.log(`| ${cells.join(' | ')} |`);
}
const machine = { processor: cpus()[0]?.model ?? 'unknown', processors: cpus().length, loadBefore, loadAfter: loadavg() };
const versions = { node: process.versions.node, v8: process.versions.v8, kernels: kernelHash };
const build = join(import.meta.dirname, '../../build');
mkdirSync(build, { recursive: true });
writeFileSync(join(build, 'limits.json'), `${JSON.stringify({ machine, versions, customers, limits, measured }, null, 2)}\n`);
