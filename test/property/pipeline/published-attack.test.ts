import { expect, test } from 'vitest';
import { attacks, recovered } from '../../reference/published-attacks.ts';

// `npm run claim -- attack` tries more

test.for(Object.entries(attacks))('no hidden number is recovered from published %s by trying all others', ([, attack]) => {
  expect(recovered(attack, 100, 3)).toMatchObject({ recovered: 0 });
});
