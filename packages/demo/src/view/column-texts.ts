import type { ColumnDoubt } from '../engine/column-doubts.ts';
import type { ColumnRole } from '../engine/column-roles.ts';

/** English texts of the form for choosing columns. */
export const englishColumns = {
  title: 'Columns of {file}',
  ask: 'Please check the columns. The file is used only after a click.',
  none: '(none)',
  rows: 'First rows of {file}',
  check: 'Please check',
  roles: {
    customer: 'Customer',
    product: 'Product',
    opened: 'Date opened',
    closed: 'Date closed',
    code: 'Product code',
    name: 'Product name',
    class: 'Product class',
    id: 'Customer number',
  } satisfies Record<ColumnRole, string>,
  doubts: {
    missing: '{role}: no column was found. Please choose one.',
    twice: '“{column}” is chosen twice.',
    guessed: '{role}: “{column}” was found by its values, not by its name.',
    unique: 'Nearly every row has another value of “{column}”. Is it a contract number, and the customer another column?',
    few: '“{column}” has only {count} different values. Is it a status, and the product another column?',
    many: '“{column}” has {count} different values in the first rows. Is it a contract number, and the product another column?',
    empty: '{count} of the first rows have no “{column}”. They are left out.',
    notDates: '{count} values of “{column}” are not dates such as 2024-03-31 or 20240331. Their rows are left out.',
    noDates:
      'No opening dates are chosen. Without them, probabilities are those of the next product, and lists are not tested on the newest month.',
    otherDates: '“{column}” has dates, too. Are they the dates of closing?',
    garbled: 'Some characters are unreadable, because the file is not UTF-8. Please save it as UTF-8.',
    unknownProducts: '{count} % of the values of “{column}” are no products of the sample bank. Is the product another column?',
    unmatched: '“{column}” has only {count} % of the values that the holdings have. Is the key another column?',
  } satisfies Record<ColumnDoubt['key'], string>,
  example: 'No file at hand?',
  tryDated: 'Try an example with dates',
  tryUndated: 'Try an example without dates',
};

/** Korean texts of the form for choosing columns. */
export const koreanColumns: typeof englishColumns = {
  title: '{file} 파일의 열',
  ask: '열을 확인하세요. 단추를 눌러야 파일을 사용합니다.',
  none: '(없음)',
  rows: '{file} 파일의 처음 몇 행',
  check: '확인할 점',
  roles: {
    customer: '고객',
    product: '상품',
    opened: '가입일',
    closed: '해지일',
    code: '상품 코드',
    name: '상품 이름',
    class: '상품 분류',
    id: '고객 번호',
  },
  doubts: {
    missing: '{role}: 맞는 열을 찾지 못했습니다. 골라 주세요.',
    twice: '“{column}” 열을 두 번 골랐습니다.',
    guessed: '{role}: “{column}” 열은 이름이 아니라 값을 보고 골랐습니다.',
    unique: '“{column}” 열은 거의 모든 행의 값이 다릅니다. 계약 번호가 아닌가요?',
    few: '“{column}” 열의 값은 {count}가지뿐입니다. 상품이 아니라 상태가 아닌가요?',
    many: '“{column}” 열은 처음 행에서만 값이 {count}가지입니다. 상품이 아니라 계약 번호가 아닌가요?',
    empty: '처음 행 중 {count}개에 “{column}” 값이 없습니다. 이런 행은 제외됩니다.',
    notDates: '“{column}” 값 {count}개는 2024-03-31이나 20240331 같은 날짜가 아닙니다. 이런 행은 제외됩니다.',
    noDates: '가입일 열이 없습니다. 가입일이 없으면 확률은 다음 상품에 대한 것이고, 최근 한 달의 평가가 없습니다.',
    otherDates: '“{column}” 열에도 날짜가 있습니다. 해지일인가요?',
    garbled: '파일이 UTF-8이 아니라서 읽을 수 없는 글자가 있습니다. UTF-8로 저장하세요.',
    unknownProducts: '“{column}” 값의 {count}%는 예제 은행의 상품이 아닙니다. 상품 열이 다른 열인가요?',
    unmatched: '“{column}” 열에는 보유 내역 값의 {count}%만 있습니다. 다른 열인가요?',
  },
  example: '파일이 없으면',
  tryDated: '날짜가 있는 예시 써 보기',
  tryUndated: '날짜가 없는 예시 써 보기',
};
