// Reasons why customers with candidates have no offers, by campaign and in total.
// The candidate of greatest value to the class in the campaign decides the reason:
//   rest: all candidates are in cool-off;   worth less: that value is 0;   capacity: that value is above 0
// In the total, the candidate of greatest value over all campaigns decides. Customers of the control are counted as control.

import { integer, word } from '../numbers/memory';
import { atRest, mixed, OfferClasses, OutcomeRow, unlisted } from './layouts';
import { rests } from './offers';

/** Value of an offer of a list entry. */
function worthOf(worth: usize, entry: i32): f32 {
  return load<f32>(worth + ((<usize>entry) << 2));
}

/**
 * Finds, for each campaign, the class's first list entry of greatest value. Returns whether the class has a list.
 * @param best i32[campaigns] in and out: an entry, or the marker `unlisted` or `atRest`
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
      const bestEntry = load<i32>(to);
      if (rest !== 0 && rests(classes.restStart, classes.restItem, rest, item)) {
        if (bestEntry === unlisted) store<i32>(to, atRest);
      } else if (bestEntry < 0 || worthOf(worth, e) > worthOf(worth, bestEntry)) store<i32>(to, e);
    }
  }
  return isListed;
}

/**
 * Adds the customers of a class without offers to a row of counts.
 * @param offered number of customers outside the control
 * @param control number of customers of the control
 * @param most value of the best candidate; below 0: all candidates are in cool-off
 */
function add(to: usize, offered: f64, control: f64, most: f32): void {
  const row = changetype<OutcomeRow>(to);
  row.candidates += offered + control;
  row.control += control;
  if (most < 0) row.rest += offered;
  else if (most === 0) row.worthLess += offered;
  else row.capacity += offered;
}

/**
 * Counts the customers without offers, by reason, in the classes from `from` up to but excluding `to`.
 * @param problem record OfferClasses
 * @param top i32[lists]: entry of greatest value of each list, or the marker `unlisted` or `mixed`
 * @param campaignOf u32[items]: campaign of each item
 * @param control u32[classes]: number of customers of the control
 * @param without u8[classes]: 1 for classes without offers
 * @param counts OutcomeRow[1 + campaigns] in and out: the total, then each campaign. The function adds its counts
 * @param scratch i32[campaigns]: best entry of each campaign
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
      const gain: f32 = entry < 0 ? -1 : worthOf(worth, entry);
      most = max<f32>(most, gain);
      add(counts + <usize>(i + 1) * offsetof<OutcomeRow>(), n, others, gain);
    }
    add(counts, n, others, most);
  }
}
