// Reasons why customers with candidates have no offers. In each campaign the candidate of greatest value to a class decides:
//   rest: all candidates are in cool-off;  worth less: its value is 0;  capacity: otherwise
// Over all campaigns the same rule applies to the greatest of these. Customers of the control are counted as such, for any
// candidates.

import { integer, word } from '../numbers/memory';
import { atRest, mixed, OfferClasses, OutcomeRow, unlisted } from './layouts';
import { rests } from './offers';

/** Value of an entry. */
function worthOf(worth: usize, entry: i32): f32 {
  return load<f32>(worth + ((<usize>entry) << 2));
}

/**
 * Writes for each campaign the first entry of greatest value to a class, i32[campaigns]. Returns whether the class has a list.
 */
function bestOfCampaigns(classes: OfferClasses, lists: usize, rest: u32, top: usize, campaignOf: usize, best: usize): bool {
  const width = classes.width;
  const start: usize = classes.start;
  const listed: usize = classes.listed;
  const worth: usize = classes.worth;
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
      if (rest !== 0 && rests(classes.restStart, classes.restItem, rest, item)) {
        if (other === unlisted) store<i32>(to, atRest);
      } else if (other < 0 || worthOf(worth, e) > worthOf(worth, other)) store<i32>(to, e);
    }
  }
  return isListed;
}

/** Adds customers of a class without offers to a row. @param most value of the best candidate; below 0: all in cool-off */
function add(to: usize, offered: f64, control: f64, most: f32): void {
  const row = changetype<OutcomeRow>(to);
  row.candidates += offered + control;
  row.control += control;
  if (most < 0) row.rest += offered;
  else if (most === 0) row.worthLess += offered;
  else row.capacity += offered;
}

/**
 * Counts the customers of the classes from .. to without offers, by their outcome.
 * @param problem record OfferClasses
 * @param top i32[lists]: entry of greatest value of each list, or a marker in its place
 * @param campaignOf u32[items]
 * @param control u32[classes]: customers of the control
 * @param without u8[classes]: 1 for classes without offers
 * @param counts records of the total, and of each campaign: added to
 * @param scratch i32[campaigns]
 */
export function countUnoffered(
  from: u32,
  to: u32,
  problem: usize,
  top: usize,
  campaignOf: usize,
  campaigns: u32,
  control: usize,
  without: usize,
  counts: usize,
  scratch: usize,
): void {
  const classes = changetype<OfferClasses>(problem);
  const list: usize = classes.list;
  const width = classes.width;
  const rest: usize = classes.rest;
  const worth: usize = classes.worth;
  const offered: usize = classes.offered;
  for (let c = from; c < to; c++) {
    if (load<u8>(without + <usize>c) === 0) continue;
    for (let i: u32 = 0; i < campaigns; i++) store<i32>(scratch + ((<usize>i) << 2), unlisted);
    if (!bestOfCampaigns(classes, list + ((<usize>(c * width)) << 2), word(rest, c), top, campaignOf, scratch)) continue;
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
