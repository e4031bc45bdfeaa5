import { wordsIn } from '@basketwise/data';
import { kindScore } from './words.ts';

/** Words, in lower case, in the names of columns that identify a person or an address. */
const personWords = [
  ...['surname', 'firstname', 'lastname', 'forename', 'apellido', 'apellidos', 'vorname', 'nachname', 'prenom', 'prénom'],
  ...[
    'sobrenome',
    '성명',
    '이름',
    '고객명',
    'address',
    'street',
    'direccion',
    'dirección',
    'domicilio',
    'calle',
    'adresse',
    'anschrift',
  ],
  ...['strasse', 'straße', 'rue', 'endereco', 'endereço', 'morada', '주소', 'phone', 'telephone', 'tel', 'mobile', 'cellphone'],
  ...[
    'telefono',
    'teléfono',
    'movil',
    'móvil',
    'telefon',
    'handy',
    'telefone',
    'telemovel',
    '전화',
    '전화번호',
    '휴대',
    '휴대폰',
  ],
  ...['email', 'mail', 'correo', 'courriel', '이메일', 'dni', 'nif', 'ssn', 'passport', '주민등록번호'],
];
/** Words for "name". A column with such a word has names of persons only if another word of its name shows that. */
const nameWords = ['name', 'nombre', 'nome', 'nom', 'namen'];
const personParts = ['first', 'last', 'full', 'given', 'family', 'middle', 'maiden', 'completo', 'complet', 'complete'];

/** Whether a column has personal data: names, addresses, telephone numbers, e-mail addresses, or numbers of identity cards. */
export function isPersonal(name: string, values: readonly string[]): boolean {
  const parts = wordsIn(name);
  if (parts.some((part) => personWords.includes(part)) || personWords.includes(parts.join(''))) return true;
  const isOfPerson = (part: string) =>
    nameWords.includes(part) || personParts.includes(part) || /^\d+$/.test(part) || kindScore(part, 'customer') > 0;
  if (parts.some((part) => nameWords.includes(part)) && parts.every(isOfPerson)) return true;
  return values.length > 0 && values.every((value) => /^\S+@\S+\.\S+$/.test(value) || /^\+?\d[\d ()/-]{7,}\d$/.test(value));
}
