// Generates customers FROM .. TO of a bank of CUSTOMERS customers and PRODUCTS products into FOLDER; a process of its own for each slice.
import { generateBank } from '@basketwise/sample/write';

const [folder, ...numbers] = process.argv.slice(2);
const [customers, products, from, to] = numbers.map(Number);
const bank = await generateBank({ customers: customers!, products: products!, from: from!, to: to!, folder: folder! });
console.log(JSON.stringify(bank));
