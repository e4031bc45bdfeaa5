import { commonDivisor } from '@basketwise/core';

/** Column of product names in the tables of products and holdings, by the bank's language. */
export const nameColumns = { ko: 'gds_korn_nm', en: 'gds_eng_nm' } as const;
export type Language = keyof typeof nameColumns;

/** Name of a product in Korean and in English. */
export interface ProductName {
  korean: string;
  english: string;
}

/** Family of a product: the product class in the bank's tables. Sub-types divide families, and the customer table counts contracts by sub-type. */
export type ProductFamily = 'deposit' | 'insurance' | 'fund';
export type SubType =
  | 'demand'
  | 'instalment'
  | 'term'
  | 'death'
  | 'injury'
  | 'disease'
  | 'child'
  | 'group'
  | 'education'
  | 'annuity'
  | 'qualified-annuity'
  | 'saving'
  | 'bond'
  | 'mixed'
  | 'equity';

type Word = readonly [korean: string, english: string];

const openings: readonly Word[] = [
  ['든든한', 'Steady'],
  ['새출발', 'Fresh Start'],
  ['햇살', 'Sunshine'],
  ['알찬', 'Solid'],
  ['미소가득', 'Smile'],
  ['온가족', 'Whole Family'],
  ['푸른들', 'Green Field'],
  ['큰나무', 'Tall Tree'],
  ['하늘빛', 'Sky Blue'],
  ['첫걸음', 'First Step'],
  ['참좋은', 'Really Good'],
  ['모두의', 'Everyone'],
  ['튼튼', 'Sturdy'],
  ['한결같은', 'Constant'],
  ['바른', 'Upright'],
  ['꿈드림', 'Dream'],
  ['행복나눔', 'Shared Joy'],
  ['무지개', 'Rainbow'],
  ['새봄', 'New Spring'],
  ['아침이슬', 'Morning Dew'],
  ['별빛', 'Starlight'],
  ['산들바람', 'Breeze'],
  ['다솜', 'Affection'],
  ['해오름', 'Sunrise'],
  ['가온', 'Centre'],
  ['늘푸른', 'Evergreen'],
  ['징검다리', 'Stepping Stone'],
  ['보름달', 'Full Moon'],
  ['은하수', 'Milky Way'],
  ['물레방아', 'Water Mill'],
];

const audiences: readonly Word[] = [
  ['', ''],
  ['플러스', 'Plus'],
  ['청년', 'Youth'],
  ['직장인', 'Employee'],
  ['시니어', 'Senior'],
  ['스마트', 'Smart'],
  ['소상공인', 'Small Business'],
  ['프리미엄', 'Premium'],
  ['우리집', 'Home'],
  ['e-', 'Online'],
  ['사계절', 'Four Seasons'],
  ['농어촌', 'Rural'],
  ['군인', 'Soldier'],
  ['주부', 'Homemaker'],
  ['해외', 'Overseas'],
];

const kindNames: Record<SubType, readonly Word[]> = {
  demand: [
    ['생활통장', 'Everyday Account'],
    ['급여통장', 'Salary Account'],
    ['저축예금', 'Savings Account'],
    ['카드통장', 'Card Account'],
    ['보통예금', 'Current Account'],
  ],
  instalment: [
    ['자유적금', 'Free Instalment Deposit'],
    ['정기적금', 'Instalment Deposit'],
    ['목돈모으기적금', 'Goal Instalment Deposit'],
  ],
  term: [
    ['정기예금', 'Term Deposit'],
    ['회전정기예금', 'Rolling Term Deposit'],
    ['우대정기예금', 'Bonus Term Deposit'],
  ],
  death: [
    ['종신보험', 'Whole Life Insurance'],
    ['정기보험', 'Term Life Insurance'],
  ],
  injury: [
    ['상해보험', 'Accident Insurance'],
    ['교통안전보험', 'Traffic Insurance'],
  ],
  disease: [
    ['건강보험', 'Health Insurance'],
    ['암보험', 'Cancer Insurance'],
  ],
  child: [['어린이보험', 'Child Insurance']],
  group: [['단체보장보험', 'Group Insurance']],
  education: [['교육보험', 'Education Insurance']],
  annuity: [['연금보험', 'Annuity']],
  'qualified-annuity': [['연금저축보험', 'Pension Savings Insurance']],
  saving: [['저축보험', 'Savings Insurance']],
  bond: [['증권투자신탁(채권)', 'Bond Fund']],
  mixed: [['증권투자신탁(채권혼합)', 'Mixed Fund']],
  equity: [['증권투자신탁(주식)', 'Equity Fund']],
};

const subTypeNames = Object.keys(kindNames) as SubType[];
const subTypeOffset = 7;

/** Number of different names of a sub-type. Further names get a series number. */
function variety(subType: SubType): number {
  return openings.length * audiences.length * kindNames[subType].length;
}

/** Name of a sub-type's product by index. Different indices give different names. */
export function makeProductName(subType: SubType, index: number): ProductName {
  const count = variety(subType);
  let step = 211;
  while (commonDivisor(step, count) !== 1) step++;
  // Each sub-type starts at a different offset. Products with equal indices in different sub-types therefore have different first words.
  const place = ((index % count) * step + subTypeNames.indexOf(subType) * subTypeOffset) % count;
  const [openingKorean, openingEnglish] = openings[place % openings.length]!;
  const rest = Math.floor(place / openings.length);
  const [audienceKorean, audienceEnglish] = audiences[rest % audiences.length]!;
  const [kindKorean, kindEnglish] = kindNames[subType][Math.floor(rest / audiences.length)]!;
  const series = Math.floor(index / count);
  const korean = [openingKorean, `${audienceKorean}${kindKorean}`, series > 0 ? `${series + 1}호` : ''];
  const english = [openingEnglish, audienceEnglish, kindEnglish, series > 0 ? `No. ${series + 1}` : ''];
  return { korean: korean.filter(Boolean).join(' '), english: english.filter(Boolean).join(' ') };
}
