import { useId, useMemo, useState } from 'preact/hooks';
import type { DemoProduct } from '../engine/bank.ts';
import { filled, productLabel, usePage } from './context.ts';

/** Maximum number of matching products that are shown. */
const shown = 8;

function matchingProducts(products: readonly DemoProduct[], text: string, held: ReadonlySet<string>): DemoProduct[] {
  const words = text.normalize('NFC').toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  return products.filter(({ key, code, otherCodes, name, english }) => {
    const all = [code, ...otherCodes, name.replaceAll(' ', ''), name, english].join(' ').toLowerCase();
    return !held.has(key) && words.every((word) => all.includes(word));
  });
}

/** Search field with a list of matching products, after the ARIA combobox pattern. Arrow keys move the selection, Enter selects, Escape closes. */
export function ProductSearch({ held, onPick }: { held: ReadonlySet<string>; onPick: (key: string) => void }) {
  const { bank, language, t } = usePage();
  const [text, setText] = useState('');
  const [active, setActive] = useState(0);
  const id = useId();
  const matches = useMemo(() => matchingProducts(bank.products, text, held), [bank, text, held]);
  const options = matches.slice(0, shown);
  const open = text.trim() !== '';
  const pick = (product: DemoProduct | undefined) => {
    if (!product) return;
    onPick(product.key);
    setText('');
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') setText('');
    else if (event.key === 'Enter') pick(options[active]);
    else if (event.key === 'ArrowDown') setActive(Math.min(active + 1, options.length - 1));
    else if (event.key === 'ArrowUp') setActive(Math.max(active - 1, 0));
    else return;
    event.preventDefault();
  };
  return (
    <div class="search">
      <label for={id}>{t.search}</label>
      <input
        id={id}
        type="text"
        role="combobox"
        autocomplete="off"
        spellcheck={false}
        aria-expanded={open}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={open && options[active] ? `${id}-${active}` : undefined}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div id={`${id}-list`} role="listbox" aria-label={t.search} hidden={!open || options.length === 0}>
        {options.map((product, i) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys
          <div
            role="option"
            tabIndex={-1}
            id={`${id}-${i}`}
            aria-selected={i === active}
            key={product.key}
            onClick={() => pick(product)}
            onMouseEnter={() => setActive(i)}
          >
            <span>{productLabel(product, language)}</span>
            <small lang={language === 'ko' ? 'en' : 'ko'}>{language === 'ko' ? product.english : product.name}</small>
            <small>
              {t.classes[product.class] ?? product.class}
              {product.onSale ? '' : ` · ${t.notOnSale}`}
            </small>
          </div>
        ))}
      </div>
      <p class="hint" role="status">
        {open && (options.length === 0 ? t.noMatch : filled(t.matches, { count: matches.length }))}
      </p>
    </div>
  );
}
