import { createInterface, type Interface } from 'node:readline/promises';
import { AppError } from '@basketwise/core/base';
import type { InitChoices, InitQuestion, InitResult, SurveyedBank } from '@basketwise/insight';

/** Asks one question until the answer is valid. An empty answer means the guess. */
async function ask(terminal: Interface, { text, answer, choices }: InitQuestion): Promise<string> {
  for (;;) {
    const answering = terminal.question(`${text}: `);
    terminal.write(answer);
    const given = (await answering).trim();
    const isFine =
      choices === null ? /^\d{4}-\d{2}-\d{2}$/.test(given) || (given === '' && answer === '') : choices.includes(given);
    if (isFine) return given;
    process.stderr.write(choices === null ? 'expected a day, YYYY-MM-DD\n' : `there are: ${choices.join(', ')}\n`);
  }
}

/** Asks on the terminal for the meaning of each table and column. Enter accepts the guess, `-` means none. */
export async function askAbout(bank: SurveyedBank, file: string): Promise<InitResult> {
  const { nextQuestion } = await import('@basketwise/insight');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const stopped = new Promise<never>((_, reject) => {
    terminal.once('SIGINT', () =>
      reject(new AppError('interrupted', 'stopped: nothing was written', 'Answer the questions, or give --yes.')),
    );
    terminal.once('close', () =>
      reject(new AppError('interrupted', 'the answers ended: nothing was written', 'Answer the questions, or give --yes.')),
    );
  });
  const choices: InitChoices = {};
  try {
    let result = await bank.configFor(file, choices);
    for (let question = nextQuestion(result.proposal, undefined); question; ) {
      const given = await Promise.race([ask(terminal, question), stopped]);
      if (given !== question.answer || question.isUnsure) {
        choices[question.key] = given;
        result = await bank.configFor(file, choices);
      }
      question = nextQuestion(result.proposal, question.key);
    }
    return result;
  } finally {
    stopped.catch(() => {});
    terminal.close();
  }
}
