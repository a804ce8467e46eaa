import { destination } from "pino";
import { Problem } from "../kernel/problem.ts";

/** pino's own writer: asynchronous, repeats what the system took in part. */
export type LogWriter = ReturnType<typeof destination>;

/**
 * Opens a log file for appending, with its folder where that is missing; null opens standard error. CONFIG_INVALID
 * where it can't be opened.
 */
export async function openLogWriter(file: string | null): Promise<LogWriter> {
  const writer = destination({ dest: file ?? 2, sync: false, mkdir: true, minLength: 1 });
  await new Promise<void>((resolve, reject) => {
    const onError = (cause: Error): void => {
      const hint = "check the folder and its permissions, or set log.file";
      reject(new Problem("CONFIG_INVALID", `Cannot open the log file "${file}": ${cause.message}`, { cause, hint }));
    };
    writer.once("error", onError);
    writer.once("ready", () => {
      writer.off("error", onError);
      resolve();
    });
  });
  return writer;
}

/** Writes what is left and closes; resolves also where that fails. */
export function endLogWriter(writer: LogWriter): Promise<void> {
  return new Promise((resolve) => {
    writer.once("close", () => resolve());
    writer.once("error", () => {
      writer.destroy();
      resolve();
    });
    writer.end();
  });
}
