import { createInterface } from "node:readline";

/** Asks on the terminal. Resolves with the answer, or null where there is none: Ctrl-C, Ctrl-D, a closed terminal. */
export function ask(question: string): Promise<string | null> {
  const questions = createInterface({ input: process.stdin, output: process.stdout });
  return new Promise((resolve) => {
    questions.on("SIGINT", () => {
      process.stdout.write("\n");
      questions.close();
    });
    questions.on("close", () => resolve(null));
    questions.question(question, (answer) => {
      resolve(answer.trim());
      questions.close();
    });
  });
}
