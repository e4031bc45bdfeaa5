import {
  createInlinePool,
  fitAls,
  kernelHash,
  loadModel,
  modelFromState,
  required,
  saveModel,
  tableFromRows,
} from '@basketwise/core';
import { tableFromIPC } from 'apache-arrow';
import { describe, expect, test } from 'vitest';

const columns = ['01-예금', 'A"1"', '정기적금', 'Z', 'constant'];
const rows = [
  [0, 1],
  [1, 2, 3],
  [0, 3],
].map((held) => ({ entries: [...held.map((column) => ({ column, band: column % 2 })), { column: 4, band: 2 }] }));

async function fitted() {
  const pool = createInlinePool();
  const table = tableFromRows(pool.memory, columns, rows, 1);
  const parameters = {
    factors: 3,
    regularization: 0.1,
    alpha: 10,
    weights: [1, 0.5],
    pseudoWeights: [0.1],
    iterations: 4,
    seed: 7,
  };
  const model = await fitAls({ pool, table, range: { from: 0, to: table.rows } }, parameters);
  return { pool, table, model };
}

test('same model, same bytes; plain Arrow readers can read it', async () => {
  const [first, second] = [await fitted(), await fitted()];
  const bytes = await saveModel(first.model.state(), { dataHash: '' });
  expect(await saveModel(second.model.state(), { dataHash: '' })).toEqual(bytes);
  const table = tableFromIPC(bytes);
  expect(table.schema.metadata.get('kind')).toBe('als');
  expect(JSON.parse(required(table.schema.metadata, 'products'))).toEqual(columns);
  expect(table.getChild('name')!.get(0)).toBe('itemFactors');
  expect([...table.getChild('f64')!.get(0)]).toEqual([...first.model.itemFactors]);
});

describe('loading refuses', () => {
  test('any damaged byte and any shortened file', async () => {
    const bytes = await saveModel((await fitted()).model.state(), { dataHash: 'd' });
    for (let at = 0; at < bytes.length; at += 7) {
      const damaged = bytes.slice();
      damaged[at]! ^= 1 << (at % 8);
      await expect(loadModel(damaged), `byte ${at}`).rejects.toMatchObject({ code: 'bad-data' });
    }
    for (const length of [0, 1, 100, bytes.length >> 1, bytes.length - 1]) {
      await expect(loadModel(bytes.subarray(0, length))).rejects.toMatchObject({ code: 'bad-data' });
    }
    await expect(loadModel(Uint8Array.of(...bytes, 0))).rejects.toMatchObject({ code: 'bad-data' });
  });

  test('another version of the format, other data, other kernels', async () => {
    const bytes = await saveModel((await fitted()).model.state(), { dataHash: 'd1' });
    await expect(loadModel(bytes, { dataHash: 'd1', kernelHash })).resolves.toBeDefined();
    await expect(loadModel(bytes, { dataHash: 'd2' })).rejects.toThrow(/dataHash is d1, expected d2/);
    await expect(loadModel(bytes, { kernelHash: 'other' })).rejects.toThrow(/kernelHash/);
    await expect(loadModel(await ofNextVersion(bytes))).rejects.toThrow(/format version is 2/);
  });

  test('states that are no model', async () => {
    const state = (await fitted()).model.state();
    await expect(modelFromState({ ...state, kind: 'constructor' })).rejects.toThrow(/unknown kind of model 'constructor'/);
    await expect(modelFromState({ ...state, matrices: {} })).rejects.toThrow(/not an ALS model/);
  });
});

/** The file with every metadata value '1' (the format version among them) turned into '2', its hash set right again. */
async function ofNextVersion(bytes: Uint8Array): Promise<Uint8Array> {
  const text = Buffer.from(bytes);
  const value = (digit: string) => Buffer.from([1, 0, 0, 0, digit.charCodeAt(0), 0]);
  for (let at = text.indexOf(value('1')); at >= 0; at = text.indexOf(value('1'), at + 1)) value('2').copy(text, at);
  const place = text.indexOf('sha256:') + 7;
  text.fill('0', place, place + 64);
  const digest = Buffer.from(await crypto.subtle.digest('SHA-256', text)).toString('hex');
  text.write(digest, place);
  return text;
}
