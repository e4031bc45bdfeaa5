// `npm run screenshots`: takes the pictures of docs/images again.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { imagesFolder, pictures, takePictures } from './pictures.ts';

const mostBytes = 200_000;

await takePictures(imagesFolder);
for (const name of pictures) {
  const { size } = await stat(join(imagesFolder, `${name}.png`));
  console.log(`${name}.png ${size} bytes`);
  if (size > mostBytes) throw new Error(`${name}.png has ${size} bytes, more than ${mostBytes}`);
}
