import type { Settings } from '@basketwise/pipeline/base';
import type { ErasureSigner } from '../archive/erasure-entry.ts';
import { releaseOf, type Signer } from './journal-session.ts';
import { keyFor, signWith } from './keys.ts';
import { countedJournal } from './run-signatures.ts';

/** Finds the key that signs an erasure. @throws AppError as `releaseOf` and `keyFor` */
export async function erasureSigner(settings: Settings, { as, key: file }: Signer): Promise<ErasureSigner> {
  const { keys } = await releaseOf(settings);
  const key = keyFor(keys, 'forget', as);
  return {
    who: key.name,
    roles: keys.rolesHash,
    counted: (journal) => countedJournal(journal, keys),
    sign: (text) => signWith(key, text, file),
  };
}
