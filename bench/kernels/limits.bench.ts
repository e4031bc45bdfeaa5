// Each kernel by itself on one thread, in shares of the machine's limits. The higher share shows the limit of a kernel; with two low shares it is
// latency, caches or other work.
import { record } from '../records/record.ts';
import { fixed, grouped } from '../records/table-text.ts';
import { alsBenches } from './limits-als.ts';
import { basketBenches } from './limits-baskets.ts';
import { clusterBenches } from './limits-clusters.ts';
import { limitModule, measureLimits } from './machine-limits.ts';
import { customers, mediansOf } from './measure.ts';

const module = await limitModule();
const limits = measureLimits(module);
const benches = [...(await basketBenches()), ...(await alsBenches(module)), ...(await clusterBenches())];
const medians = await mediansOf(benches);

const percent = (share: number) => (share < 0.0005 ? '' : `${(100 * share).toFixed(1)} %`);
record({
  title: "Kernels against the machine's limits",
  about:
    'Each kernel on one thread, 430 products, f = 64, medians of 5, beside the bandwidth and the peak of multiply-adds of the same run (half of the f32 peak in f64). ' +
    '`bench/kernels/limits-*.ts` counts bytes and operations. Kernels with two low shares scatter, gather and compare single words.',
  tables: [
    {
      caption: `${grouped(customers)} customers; memory ${(limits.bandwidth / 1e9).toFixed(1)} GB/s, multiply-adds ${(limits.multiplyAdds / 1e9).toFixed(1)} G/s in f32`,
      columns: ['kernel', 'of one', 'ns', 'bytes', 'of bandwidth', 'multiply-adds', 'of peak'],
      rows: benches.map(({ name, unit, bytes, multiplyAdds, precision }, i) => {
        const peak = precision === 'f32' ? limits.multiplyAdds : limits.multiplyAdds / 2;
        const seconds = medians[i]! * 1e-9;
        const adds = multiplyAdds > 0 ? `${grouped(Math.round(multiplyAdds))} ${precision}` : '';
        return [
          ...[name, unit, fixed(medians[i]!, 1), Math.round(bytes), percent(bytes / seconds / limits.bandwidth)],
          ...[adds, percent(multiplyAdds / seconds / peak)],
        ];
      }),
    },
  ],
});
