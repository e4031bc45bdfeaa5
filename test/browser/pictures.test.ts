import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hasChromium, launchChromium, openPage } from './demo-site.ts';
import { imagesFolder, pictures, takePictures } from './pictures.ts';

/** Edge of a cell in pixels: within it, fonts and times may differ. */
const cell = 24;
/** Difference of two cells' mean brightness (0 to 255) that counts, and the share of such cells that is allowed. */
const most = { brightness: 40, cells: 0.04 };

// a million customers are scored, and a whole sample is made: before a release
test.skipIf(!hasChromium || !process.env.CI_RELEASE)(
  'the pictures of docs/images show the pages, report and commands of today: else `npm run screenshots`',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'basketwise-pictures-'));
    const browser = await launchChromium();
    try {
      await takePictures(folder);
      const page = await openPage(browser);
      const brightness = async (file: string) => {
        const url = `data:image/png;base64,${(await readFile(file)).toString('base64')}`;
        return page.evaluate(brightnessOf, { url, cell });
      };
      const differing: Record<string, unknown> = {};
      for (const name of pictures) {
        const [today, shown] = [
          await brightness(join(folder, `${name}.png`)),
          await brightness(join(imagesFolder, `${name}.png`)),
        ];
        const far = today.cells.filter((value, i) => Math.abs(value - (shown.cells[i] ?? 0)) > most.brightness).length;
        const share = far / today.cells.length;
        const isSame = Math.abs(today.width - shown.width) < cell && Math.abs(today.height - shown.height) < cell;
        if (!isSame || share > most.cells)
          differing[name] = { today: [today.width, today.height], shown: [shown.width, shown.height], share };
      }
      expect(differing).toEqual({});
    } finally {
      await browser.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
);

/** Size of a picture in pixels, and the mean brightness of its cells, row by row. Runs in the page. */
async function brightnessOf({ url, cell: edge }: { url: string; cell: number }) {
  const image = new Image();
  image.src = url;
  await image.decode();
  const [across, down] = [Math.ceil(image.width / edge), Math.ceil(image.height / edge)];
  const canvas = new OffscreenCanvas(across, down);
  const context = canvas.getContext('2d')!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, 0, 0, across, down);
  const { data } = context.getImageData(0, 0, across, down);
  const cells = Array.from({ length: across * down }, (_, i) => (data[4 * i]! + data[4 * i + 1]! + data[4 * i + 2]!) / 3);
  return { width: image.width, height: image.height, cells };
}
