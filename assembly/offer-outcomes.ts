// Why customers with candidates are made nothing. Of each campaign the candidate that is worth most to a class counts:
//   rest: there is none, as all of them rest;  worth less: it is worth nothing;  capacity: else
// and in all campaigns together the same of the most that any of these is worth. Customers of the control are counted as such, whatever their candidates.
import { integer, word } from './elements';
import { atRest, mixed, OutcomeRow, unlisted } from './layouts';
import { rests } from './offers';

/** Worth of an entry. */
function worthOf(worth: usize, entry: i32): f32 {
  return load<f32>(worth + ((<usize>entry) << 2));
}

/** Notes of each campaign the entry of a class that is worth most, the first of those: i32[campaigns]; returns whether the class has a list. */
function bestOfCampaigns(
  lists: usize,
  width: u32,
  top: usize,
  start: usize,
  listed: usize,
  worth: usize,
  rest: u32,
  restStart: usize,
  restItem: usize,
  campaignOf: usize,
  best: usize,
): bool {
  let isListed = false;
  for (let l: u32 = 0; l < width; l++) {
    const list = word(lists, l);
    const most = integer(top, list);
    if (most === unlisted) continue;
    isListed = true;
    const isWhole = rest === 0 && most !== mixed;
    const end = isWhole ? most + 1 : integer(start, list + 1);
    for (let e = isWhole ? most : integer(start, list); e < end; e++) {
      const item = word(listed, e);
      const to = best + ((<usize>word(campaignOf, item)) << 2);
      const other = load<i32>(to);
      if (rest !== 0 && rests(restStart, restItem, rest, item)) {
        if (other === unlisted) store<i32>(to, atRest);
      } else if (other < 0 || worthOf(worth, e) > worthOf(worth, other)) store<i32>(to, e);
    }
  }
  return isListed;
}

/** Adds customers of a class who are made nothing to a row. @param most worth of the best candidate; below 0: all rest */
function add(to: usize, offered: f64, control: f64, most: f32): void {
  const row = changetype<OutcomeRow>(to);
  row.candidates += offered + control;
  row.control += control;
  if (most < 0) row.rest += offered;
  else if (most === 0) row.worthLess += offered;
  else row.capacity += offered;
}

/**
 * Counts the customers of the classes from .. to that are made nothing, by their outcome.
 * @param list u32[classes x width]: lists of each class; start u32[lists + 1], listed and worth: item and f32 worth of each entry
 * @param top i32[lists]: entry of each list that is worth most, or what stands in its place
 * @param rest u32[classes]: set of items that rest, restStart u32[sets + 1], restItem; set 0: none
 * @param campaignOf u32[items]
 * @param offered and control: u32[classes] customers
 * @param without u8[classes]: 1 where nothing is made
 * @param counts records of all campaigns together, and of each campaign: added to
 * @param scratch i32[campaigns]
 */
export function countUnoffered(
  from: u32,
  to: u32,
  list: usize,
  width: u32,
  top: usize,
  start: usize,
  listed: usize,
  worth: usize,
  rest: usize,
  restStart: usize,
  restItem: usize,
  campaignOf: usize,
  campaigns: u32,
  offered: usize,
  control: usize,
  without: usize,
  counts: usize,
  scratch: usize,
): void {
  for (let c = from; c < to; c++) {
    if (load<u8>(without + <usize>c) === 0) continue;
    for (let i: u32 = 0; i < campaigns; i++) store<i32>(scratch + ((<usize>i) << 2), unlisted);
    const lists = list + ((<usize>(c * width)) << 2);
    const set = word(rest, c);
    if (!bestOfCampaigns(lists, width, top, start, listed, worth, set, restStart, restItem, campaignOf, scratch)) continue;
    const n = <f64>word(offered, c);
    const others = <f64>word(control, c);
    let most: f32 = -1;
    for (let i: u32 = 0; i < campaigns; i++) {
      const entry = integer(scratch, i);
      if (entry === unlisted) continue;
      const own: f32 = entry < 0 ? -1 : worthOf(worth, entry);
      most = max<f32>(most, own);
      add(counts + <usize>(i + 1) * offsetof<OutcomeRow>(), n, others, own);
    }
    add(counts, n, others, most);
  }
}
